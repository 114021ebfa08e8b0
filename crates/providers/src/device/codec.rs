//! What a device service is asked and what it answers, and the same for a chat model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedside_conversation::io::FaultKind;
use serde_json::{Value, json};

use crate::traits::{Detection, DevicePicture, DeviceReading};

/// Detections of one display; more are no display.
const MOST: usize = 64;

/// Characters of a label or value.
const LONGEST: usize = 80;

/// The body of a request.
pub(super) fn request(picture: &DevicePicture, confidence_threshold: f64) -> Value {
    let mut body = json!({
        "image": STANDARD.encode(&picture.jpeg),
        "confidence_threshold": confidence_threshold,
    });
    if let Some(device_type) = picture.device_type.as_deref().filter(|kind| !kind.is_empty()) {
        body["device_type"] = json!(device_type);
    }
    body
}

/// The reading in the body of an answer. Services name the parts of a detection differently; one that says nothing of
/// its confidence is as sure as was asked for.
pub(super) fn reading(body: &[u8], asked: f64) -> Result<DeviceReading, FaultKind> {
    let body: Value = serde_json::from_slice(body).map_err(|_| FaultKind::Internal)?;
    let detections = body["detections"].as_array().ok_or(FaultKind::Internal)?;
    Ok(DeviceReading {
        detections: detected(detections, asked),
        model_version: body["model_version"].as_str().map(short),
    })
}

/// The reading in what a chat model wrote: the JSON object in it, whatever stands around.
pub(super) fn written(text: &str) -> Result<DeviceReading, FaultKind> {
    let object = text
        .find('{')
        .zip(text.rfind('}'))
        .and_then(|(start, end)| text.get(start..=end))
        .ok_or(FaultKind::Internal)?;
    // Models that see rarely know how sure they are.
    reading(object.as_bytes(), 0.5)
}

fn detected(detections: &[Value], unsaid: f64) -> Vec<Detection> {
    let named = |detection: &Value, names: &[&str]| {
        let field = names.iter().map(|name| &detection[*name]);
        field.clone().find_map(as_text)
    };
    detections
        .iter()
        .filter_map(|detection| {
            let confidence = ["confidence", "score"]
                .into_iter()
                .find_map(|name| detection[name].as_f64());
            Some(Detection {
                label: named(detection, &["label", "class", "name", "type"])?,
                value: named(detection, &["value", "text", "reading"])?,
                confidence: confidence.unwrap_or(unsaid).clamp(0.0, 1.0),
            })
        })
        .take(MOST)
        .collect()
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(short(text.trim())),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn values(reading: Result<DeviceReading, FaultKind>) -> Result<Vec<String>, FaultKind> {
        reading.map(|reading| {
            let line = |d: &Detection| format!("{}={} {}", d.label, d.value, d.confidence);
            reading.detections.iter().map(line).collect()
        })
    }

    #[test]
    fn a_picture_is_posted_as_the_contract_says() {
        let picture = |device_type: Option<&str>| DevicePicture {
            jpeg: Bytes::from_static(b"jpeg"),
            device_type: device_type.map(str::to_owned),
        };
        assert_eq!(
            request(&picture(Some("thermometer")), 0.5),
            json!({ "image": "anBlZw==", "confidence_threshold": 0.5, "device_type": "thermometer" })
        );
        assert!(request(&picture(Some("")), 0.5).get("device_type").is_none());
    }

    #[test]
    fn detections_are_read_in_their_many_forms() {
        let body = json!({
            "detections": [
                { "label": "systolic", "value": "128", "confidence": 0.97, "box": [0, 0, 1, 1] },
                { "class": "pulse", "text": 71, "score": 2.0 },
                { "label": "unit", "value": "" },
                { "label": "spo2", "value": 98 },
                "nonsense",
            ],
            "processing_time": 0.04,
            "model_version": "v2",
        });
        let reading = reading(body.to_string().as_bytes(), 0.6);
        assert_eq!(
            reading.as_ref().map(|r| r.model_version.as_deref()),
            Ok(Some("v2"))
        );
        assert_eq!(
            values(reading),
            Ok(vec![
                "systolic=128 0.97".into(),
                "pulse=71 1".into(),
                "spo2=98 0.6".into()
            ])
        );
    }

    #[test]
    fn a_model_may_write_around_its_json() {
        let text = "Here it is:\n```json\n{\"detections\":[{\"label\":\"pulse\",\"value\":71}]}\n```";
        assert_eq!(values(written(text)), Ok(vec!["pulse=71 0.5".into()]));
        assert_eq!(values(written("{\"detections\":[]}")), Ok(vec![]));
        for bad in ["I cannot see it.", "{\"detections\":3}", "} {", ""] {
            assert_eq!(values(written(bad)), Err(FaultKind::Internal), "{bad}");
        }
    }
}
