//! The computer-vision service that reads the display of a medical device in a picture: `POST /device`.

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router, extract::State};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Exchange, Refused, base64};
use crate::aws::Call;
use crate::hub::Hub;
use crate::log::Event;
use crate::vendor::Vendor;

const MODEL_VERSION: &str = "display-reader-2.3.0";
/// The name under which requests signed for AWS are sent to it.
const SERVICE: &str = "execute-api";

/// What the service finds in every picture.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<Option<Vec<Detection>>>);

/// A figure or text on a display.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Detection {
    label: String,
    value: String,
    confidence: f64,
    /// Left, top, width and height as shares of the picture's.
    #[serde(rename = "box", default = "anywhere")]
    place: [f64; 4],
}

fn anywhere() -> [f64; 4] {
    [0.25, 0.25, 0.5, 0.5]
}

/// The routes of the service, and of its control.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/device", post(read))
        .route("/control/device", put(show))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShowBody {
    detections: Vec<Detection>,
}

async fn show(State(hub): State<Hub>, Json(body): Json<ShowBody>) -> StatusCode {
    *hub.device().0.lock() = Some(body.detections);
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    image: String,
    confidence_threshold: f64,
    device_type: Option<String>,
}

async fn read(call: Call) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&call.hub, Vendor::Device, &call.line, fault)?;
    authorize(&call)?;
    let request: Request = serde_json::from_slice(&call.body)
        .map_err(|problem| error(StatusCode::UNPROCESSABLE_ENTITY, &problem.to_string()))?;
    let size = request
        .check()
        .map_err(|problem| error(StatusCode::UNPROCESSABLE_ENTITY, problem))?;
    exchange.understood(json!({ "device_type": request.device_type }));
    call.hub.log().write(
        Vendor::Device,
        call.line.id(),
        Event::Audio,
        json!({ "bytes": size }),
    );
    let shown = call.hub.device().0.lock().clone().unwrap_or_else(blood_pressure);
    let sure: Vec<Detection> = shown
        .into_iter()
        .filter(|detection| detection.confidence >= request.confidence_threshold)
        .collect();
    let body = json!({ "detections": sure, "processing_time": 0.042, "model_version": MODEL_VERSION });
    Ok((
        [(CONTENT_TYPE, "application/json")],
        exchange.whole(body.to_string()),
    )
        .into_response())
}

impl Request {
    /// The picture's size in bytes, if the request is sound.
    fn check(&self) -> Result<usize, &'static str> {
        if !(0.0..=1.0).contains(&self.confidence_threshold) {
            return Err("confidence_threshold must be between 0 and 1");
        }
        if self.device_type.as_deref() == Some("") {
            return Err("device_type must not be empty");
        }
        let picture = base64(&self.image).ok_or("image must be base64")?;
        if is_jpeg(&picture) {
            Ok(picture.len())
        } else {
            Err("image must be a JPEG file")
        }
    }
}

/// Whether the bytes are a JPEG file from its start to its end, with a frame and a scan.
fn is_jpeg(bytes: &[u8]) -> bool {
    const START: [u8; 2] = [0xff, 0xd8];
    const END: [u8; 2] = [0xff, 0xd9];
    const SCAN: u8 = 0xda;
    if !bytes.starts_with(&START) || !bytes.ends_with(&END) {
        return false;
    }
    let mut at = START.len();
    let mut framed = false;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        // Frame markers are C0 to CF but for the tables C4, C8 and CC.
        framed |= (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if marker == SCAN {
            return framed;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    false
}

fn blood_pressure() -> Vec<Detection> {
    let detection = |label: &str, value: &str, confidence| Detection {
        label: label.to_owned(),
        value: value.to_owned(),
        confidence,
        place: anywhere(),
    };
    vec![
        detection("systolic", "128", 0.97),
        detection("diastolic", "82", 0.96),
        detection("pulse", "71", 0.91),
    ]
}

/// No credentials, any key but one that calls itself invalid, or a sound signature.
fn authorize(call: &Call) -> Result<(), Refused> {
    let authorization = call.header(AUTHORIZATION.as_str());
    if authorization.is_some_and(|value| value.starts_with("AWS4")) {
        return call.authorize(SERVICE);
    }
    let bearer = authorization.map(|value| value.strip_prefix("Bearer ").unwrap_or_default());
    match call.header("x-api-key").or(bearer) {
        Some("" | "invalid") => Err(error(StatusCode::UNAUTHORIZED, "invalid API key").into()),
        _ => Ok(()),
    }
}

fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        ([(RETRY_AFTER, "1")], error(status, "rate limit exceeded")).into_response()
    } else {
        error(status, "internal error")
    }
}

fn error(status: StatusCode, message: &str) -> Response {
    let body: Value = json!({ "error": message });
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_has_a_frame_and_a_scan_and_an_end() {
        let frame = [0xff, 0xc0, 0, 4, 8, 0];
        let scan = [0xff, 0xda, 0, 2, 1, 2, 3];
        let file = |middle: &[&[u8]]| [&[0xff, 0xd8][..], &middle.concat(), &[0xff, 0xd9]].concat();
        assert!(is_jpeg(&file(&[&frame, &scan])));
        assert!(!is_jpeg(&file(&[&scan])));
        assert!(!is_jpeg(&file(&[&frame])));
        let whole = file(&[&frame, &scan]);
        assert!(!is_jpeg(&whole[..whole.len() - 1]));
        assert!(!is_jpeg(b"not a picture"));
    }
}
