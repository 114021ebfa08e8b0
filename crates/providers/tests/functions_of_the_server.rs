//! Webhooks, the search in a folder of texts, and the reading of devices: what is asked, what comes back, what fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

#[path = "support/vendor.rs"]
mod vendor;

use std::fs;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, ModelUsage};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{Stage, Unit};
use bedside_providers::device::{self, Access, HttpDeviceReader, VisionDeviceReader};
use bedside_providers::knowledge::LocalKnowledge;
use bedside_providers::report::{Report, Reporter, Reports};
use bedside_providers::secret::Secret;
use bedside_providers::tools::{ReadDeviceDisplay, SearchKnowledge, Webhook, WebhookConfig};
use bedside_providers::traits::{
    ChatModel, DevicePicture, DeviceReader, DeviceReading, PictureFormat, Tool, ToolRun, VideoFrame,
};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use vendor::{Answer, Vendor};

fn call(arguments: &str) -> ToolRun {
    ToolRun {
        call_id: "call_7".into(),
        arguments: arguments.into(),
        picture: None,
    }
}

fn webhook(vendor: &Vendor, key: Option<Secret>) -> Webhook {
    let config = WebhookConfig {
        url: vendor.url("/hooks/lookup"),
        description: "Looks a patient up.".into(),
        timeout_ms: 1_000,
        ..WebhookConfig::default()
    };
    Webhook::new("lookup_patient", config, key).unwrap()
}

async fn run(tool: &dyn Tool, call: ToolRun) -> Result<String, StageFault> {
    let run = tool.run(call, Reporter::silent());
    timeout(Duration::from_secs(10), run).await.expect("in time")
}

#[tokio::test]
async fn a_webhook_is_posted_the_call_and_its_answer_is_the_result() {
    let vendor = Vendor::answering([
        Answer::Whole(200, "{\"name\":\"Ann\"}\n".into()),
        Answer::Whole(204, String::new()),
        Answer::Whole(200, "ä".repeat(20_000)),
    ])
    .await;
    let tool = webhook(&vendor, Some(Secret::new("hush")));
    let first = run(&tool, call("{\"id\":7}")).await;
    assert_eq!(first.as_deref(), Ok("{\"name\":\"Ann\"}"));
    assert_eq!(run(&tool, call("no json")).await.as_deref(), Ok("done"));
    let long = run(&tool, call("{}")).await.unwrap();
    assert!(long.len() <= 16 * 1024 + 32 && long.ends_with("\n[cut: too long]"));
    let asked = vendor.asked();
    assert_eq!(asked[0].path, "/hooks/lookup");
    assert_eq!(asked[0].headers["idempotency-key"], "call_7");
    assert_eq!(asked[0].headers["authorization"], "Bearer hush");
    assert_eq!(
        asked[0].body,
        json!({ "call_id": "call_7", "name": "lookup_patient", "arguments": { "id": 7 } })
    );
    assert_eq!(asked[1].body["arguments"], "no json");
    let told = tool.description();
    assert_eq!(told.parameters, json!({ "type": "object", "properties": {} }));
}

#[tokio::test]
async fn a_webhook_that_fails_says_how() {
    let cases = [
        (Answer::Whole(403, String::new()), FaultKind::Refused),
        (Answer::Whole(429, String::new()), FaultKind::Overloaded),
        (Answer::Whole(500, String::new()), FaultKind::Internal),
        (Answer::Silence, FaultKind::Timeout),
        (Answer::Stall(vec!["{".into()]), FaultKind::Timeout),
        (Answer::Cut(vec!["{".into()]), FaultKind::Disconnected),
    ];
    for (how, kind) in cases {
        let vendor = Vendor::answering([how.clone()]).await;
        let fault = StageFault {
            provider: "webhook",
            kind,
        };
        assert_eq!(
            run(&webhook(&vendor, None), call("{}")).await,
            Err(fault),
            "{how:?}"
        );
    }
    let config = WebhookConfig {
        url: "http://localhost/".into(),
        description: "x".into(),
        ..WebhookConfig::default()
    };
    assert!(Webhook::new("look up", config, None).is_err());
}

#[tokio::test]
async fn passages_of_a_folder_are_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("leaflets")).unwrap();
    let leaflet =
        "# Lisinopril\nA tablet against high blood pressure.\n\n## Food\nAvoid potassium supplements.\n";
    fs::write(folder.path().join("leaflets/lisinopril.md"), leaflet).unwrap();
    fs::write(
        folder.path().join("hours.txt"),
        "The clinic is open from eight to four.",
    )
    .unwrap();
    fs::write(folder.path().join("data.bin"), [0xff, 0xfe]).unwrap();
    let knowledge = LocalKnowledge::load(folder.path()).unwrap();
    assert_eq!(knowledge.passages(), 3);
    let tool = SearchKnowledge::new(Arc::new(knowledge));
    let found = run(&tool, call("{\"query\":\"potassium with lisinopril\"}"))
        .await
        .unwrap();
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(
        found["passages"][0],
        json!({ "source": "leaflets/lisinopril.md, Food", "text": "Avoid potassium supplements." })
    );
    let none = run(&tool, call("{\"query\":\"zebra\"}")).await.unwrap();
    assert!(none.contains("nothing was found"));
    assert!(run(&tool, call("{}")).await.unwrap().contains("query is missing"));
    assert!(LocalKnowledge::load(&folder.path().join("gone")).is_err());
}

fn reader(vendor: &Vendor, access: Access) -> HttpDeviceReader {
    let config = device::Config {
        url: vendor.url("/device"),
        backoff_ms: 10,
        attempt_timeout_ms: 500,
        timeout_ms: 4_000,
        ..device::Config::default()
    };
    HttpDeviceReader::new("device-service", config, access).unwrap()
}

fn picture() -> DevicePicture {
    DevicePicture {
        jpeg: Bytes::from_static(b"jpeg"),
        device_type: Some("blood_pressure_monitor".into()),
    }
}

fn detected() -> Answer {
    let body = json!({
        "detections": [{ "label": "systolic", "value": "128", "confidence": 0.97 }],
        "processing_time": 0.04,
        "model_version": "v2",
    });
    Answer::Whole(200, body.to_string())
}

/// What a session was told of the work.
fn used(reports: &Reports) -> Vec<(Unit, f64)> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut out = Vec::new();
    while let Poll::Ready(report) = reports.poll(&mut cx) {
        if let Report::Used(used) = report {
            out.push((used.unit, used.quantity));
        }
    }
    out
}

#[tokio::test]
async fn a_device_service_is_tried_again_until_it_answers() {
    let vendor = Vendor::answering([Answer::Whole(500, String::new()), Answer::Silence, detected()]).await;
    let (reports, reporter) = Reports::new();
    let reporter = reporter.of(Stage::Device, "device-service", Arc::default());
    let access = Access::Key(Secret::new("hush"));
    let reading = reader(&vendor, access).read(picture(), reporter).await.unwrap();
    assert_eq!(reading.detections[0].value, "128");
    assert_eq!(reading.model_version.as_deref(), Some("v2"));
    assert_eq!(used(&reports), [(Unit::Requests, 1.0)]);
    let asked = vendor.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[0].headers["x-api-key"], "hush");
    assert_eq!(
        asked[2].body,
        json!({ "image": "anBlZw==", "confidence_threshold": 0.5, "device_type": "blood_pressure_monitor" })
    );
}

#[tokio::test]
async fn a_device_service_that_fails_says_how_and_in_time() {
    let cases = [
        (Answer::Whole(401, String::new()), 1, FaultKind::Refused),
        (Answer::Whole(429, String::new()), 3, FaultKind::Overloaded),
        (Answer::Whole(200, "[]".into()), 3, FaultKind::Internal),
        (Answer::Stall(vec!["{".into()]), 3, FaultKind::Timeout),
    ];
    for (how, attempts, kind) in cases {
        let vendor = Vendor::answering([how.clone()]).await;
        let begun = Instant::now();
        let fault = reader(&vendor, Access::Open)
            .read(picture(), Reporter::silent())
            .await
            .unwrap_err();
        assert_eq!((fault.kind, vendor.asked().len()), (kind, attempts), "{how:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

/// A model that sees, says what it is told to, and keeps what it was asked.
#[derive(Debug)]
struct Seeing(&'static str, Mutex<Vec<ChatRequest>>);

impl ChatModel for Seeing {
    fn name(&self) -> &'static str {
        "seeing"
    }

    fn sees(&self) -> bool {
        true
    }

    fn generate(
        &self,
        request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        self.1.lock().unwrap().push(request);
        let usage = ModelUsage {
            input_tokens: 900,
            cached_tokens: 100,
            cache_write_tokens: 0,
            output_tokens: 30,
        };
        let events = [
            ModelEvent::ServedBy("seeing"),
            ModelEvent::TextDelta(self.0.into()),
            ModelEvent::Done {
                usage,
                finish: Finish::Stop,
            },
        ];
        stream::iter(events.map(Ok)).boxed()
    }
}

#[tokio::test]
async fn a_chat_model_reads_a_display() {
    let text = "```json\n{\"detections\":[{\"label\":\"pulse\",\"value\":71,\"confidence\":0.9}]}\n```";
    let model = Arc::new(Seeing(text, Mutex::default()));
    let reader = VisionDeviceReader::new("vision", Arc::<Seeing>::clone(&model)).unwrap();
    let (reports, reporter) = Reports::new();
    let reading = reader.read(picture(), reporter).await.unwrap();
    assert_eq!(reading.detections[0].label, "pulse");
    assert_eq!(
        used(&reports),
        [
            (Unit::InputTokens, 800.0),
            (Unit::CachedTokens, 100.0),
            (Unit::OutputTokens, 30.0),
            (Unit::Requests, 1.0),
        ]
    );
    let asked = model.1.lock().unwrap().remove(0);
    assert!(matches!(
        &asked.messages[..],
        [Message::User { .. }, Message::Picture { .. }]
    ));
    let chatty = VisionDeviceReader::new("vision", Arc::new(Seeing("A monitor.", Mutex::default())));
    let fault = chatty
        .unwrap()
        .read(picture(), Reporter::silent())
        .await
        .unwrap_err();
    assert_eq!((fault.provider, fault.kind), ("vision", FaultKind::Internal));
}

/// A reader that answers as it is told.
#[derive(Debug)]
struct Told(Result<DeviceReading, FaultKind>);

impl DeviceReader for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn read(
        &self,
        picture: DevicePicture,
        _reporter: Reporter,
    ) -> futures::future::BoxFuture<'static, Result<DeviceReading, StageFault>> {
        assert_eq!(picture.device_type.as_deref(), Some("thermometer"));
        let reading = self.0.clone().map_err(|kind| StageFault {
            provider: "told",
            kind,
        });
        Box::pin(std::future::ready(reading))
    }
}

#[tokio::test]
async fn what_a_display_says_or_how_else_to_learn_it() {
    let figure = bedside_providers::traits::Detection {
        label: "temperature".into(),
        value: "37.2".into(),
        confidence: 0.912_345,
    };
    let read = DeviceReading {
        detections: vec![figure],
        model_version: None,
    };
    let frame = |data: &'static [u8]| VideoFrame {
        captured_us: 0,
        format: PictureFormat::Jpeg,
        width: 16,
        height: 16,
        data: Bytes::from_static(data),
    };
    let jpeg: &[u8] = &[0xff, 0xd8, 0xff];
    let cases = [
        (Ok(read.clone()), Some(jpeg), "read"),
        (Ok(read), None, "no_camera"),
        (Ok(DeviceReading::default()), Some(jpeg), "unreadable"),
        (Err(FaultKind::Timeout), Some(jpeg), "unavailable"),
        (Ok(DeviceReading::default()), Some(b"no jpeg"), "unreadable"),
    ];
    for (answer, data, status) in cases {
        let tool = ReadDeviceDisplay::new(Arc::new(Told(answer)));
        let call = ToolRun {
            picture: data.map(frame),
            ..call("{\"device_type\":\"thermometer\"}")
        };
        let (reports, reporter) = Reports::new();
        let result: Value = serde_json::from_str(&tool.run(call, reporter).await.unwrap()).unwrap();
        assert_eq!(result["status"], status);
        let report = reports.poll(&mut Context::from_waker(Waker::noop()));
        let is_told = matches!(
            report,
            Poll::Ready(Report::Failed {
                stage: Stage::Device,
                ..
            })
        );
        assert_eq!(is_told, status == "unavailable", "{report:?}");
        if status == "read" {
            let figures = json!([{ "label": "temperature", "value": "37.2", "confidence": 0.91 }]);
            assert_eq!(result["figures"], figures);
        } else {
            assert!(
                result["advice"]
                    .as_str()
                    .unwrap()
                    .contains("read the figures aloud"),
                "{result}"
            );
        }
    }
}
