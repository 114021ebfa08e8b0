use std::fmt;
use std::sync::Arc;

use bedside_conversation::context::Tool as Description;
use bedside_conversation::io::StageFault;
use bedside_conversation::service::Stage;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::argument;
use crate::picture;
use crate::report::Reporter;
use crate::traits::{DevicePicture, DeviceReader, DeviceReading, Tool, ToolRun};

/// The name of the function.
pub const READ_DEVICE_DISPLAY: &str = "read_device_display";

/// Quality of the picture that is sent: digits stay sharp.
const QUALITY: u8 = 90;

/// What the model is to do where no figure could be had. A result, not a fault: the patient can read it aloud.
const NO_CAMERA: &str = "The camera is off. Ask the patient to turn it on and to hold the display in front of it, or to \
                         read the figures aloud.";
const UNREADABLE: &str = "No figure could be read. Ask the patient to hold the display closer and steady, without \
                          glare, or to read the figures aloud.";
const FAILED: &str = "The display cannot be read at the moment. Ask the patient to read the figures aloud.";

/// `read_device_display`: reads a medical device in the patient's camera.
#[derive(Clone)]
pub struct ReadDeviceDisplay(Arc<dyn DeviceReader>);

impl ReadDeviceDisplay {
    /// Reads by `reader`.
    pub fn new(reader: Arc<dyn DeviceReader>) -> Self {
        Self(reader)
    }
}

impl fmt::Debug for ReadDeviceDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadDeviceDisplay").field(&self.0.name()).finish()
    }
}

impl Tool for ReadDeviceDisplay {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Device)
    }

    fn looks(&self) -> bool {
        true
    }

    fn description(&self) -> Description {
        Description {
            name: READ_DEVICE_DISPLAY.into(),
            description: "Reads the display of a medical device that the patient holds in front of the camera, such \
                          as a blood pressure monitor. Ask the patient to hold it there first. Repeat the figures to \
                          the patient and have them confirmed."
                .into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "device_type": {
                        "type": "string",
                        "description": "What it is, such as blood_pressure_monitor, glucose_meter, thermometer, \
                                        pulse_oximeter or scale.",
                    },
                },
            }),
        }
    }

    fn run(&self, call: ToolRun, reporter: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
        let reader = Arc::clone(&self.0);
        async move { Ok(read(reader.as_ref(), call, reporter).await.to_string()) }.boxed()
    }
}

async fn read(reader: &dyn DeviceReader, call: ToolRun, reporter: Reporter) -> Value {
    let Some(frame) = call.picture else {
        return without("no_camera", NO_CAMERA);
    };
    // Encoding takes milliseconds, which the thread that serves sessions does not have.
    let jpeg = spawn_blocking(move || picture::to_jpeg(&frame, QUALITY)).await;
    let Ok(Ok(jpeg)) = jpeg else {
        return without("unreadable", UNREADABLE);
    };
    let picture = DevicePicture {
        jpeg,
        device_type: argument(&call.arguments, "device_type"),
    };
    match reader.read(picture, reporter.clone()).await {
        Ok(reading) if reading.detections.is_empty() => without("unreadable", UNREADABLE),
        Ok(reading) => figures(&reading),
        Err(fault) => {
            // The model has its answer, and operators are to know why it is this one.
            reporter.failed(Stage::Device, fault);
            without("unavailable", FAILED)
        }
    }
}

fn without(status: &str, advice: &str) -> Value {
    json!({ "status": status, "advice": advice })
}

fn figures(reading: &DeviceReading) -> Value {
    let figures: Vec<_> = reading
        .detections
        .iter()
        .map(|found| {
            let confidence = (found.confidence * 100.0).round() / 100.0;
            json!({ "label": found.label, "value": found.value, "confidence": confidence })
        })
        .collect();
    json!({ "status": "read", "figures": figures })
}
