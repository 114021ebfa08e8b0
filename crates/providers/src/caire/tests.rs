use bedside_conversation::io::FaultKind;
use bedside_conversation::scan::{ScanNews, ScanRegion};
use serde_json::{Value, json};

use super::*;
use crate::socket::testing::{Vendor, Visit};
use crate::traits::{PictureFormat, VideoFrame, VitalsOutput};

async fn opened(vendor: &Vendor) -> (VitalsStream, Visit) {
    let config = Config {
        url: format!("{}/ws/", vendor.url),
        connect_ms: 500,
        silence_ms: 200,
        summary_ms: 200,
        ..Config::default()
    };
    let caire = Caire::new("caire", config, Secret::new("k")).expect("a service");
    let params = ScanParams {
        region: ScanRegion::Auto,
        interval: Duration::from_secs(1),
    };
    let (stream, visit) = tokio::join!(caire.open(params, Reporter::silent()), vendor.visit());
    (stream.expect("a scan"), visit)
}

fn frame(number: u64) -> VideoFrame {
    VideoFrame {
        captured_us: 1_000_000 + number * 33_333,
        format: PictureFormat::Jpeg,
        width: 640,
        height: 480,
        data: vec![0xff, 0xd8, number as u8].into(),
    }
}

/// The answer to a picture: a pulse of 66 a minute.
fn answer(picture: &Value, state: &str) -> Value {
    let at: f64 = picture["timestamp"]
        .as_str()
        .expect("text")
        .parse()
        .expect("seconds");
    let value = ((at % 1_000.0) * std::f64::consts::TAU * 1.1).sin();
    json!({"state": state, "socket_id": "c73bb619", "datapt_id": picture["datapt_id"], "inference": {"hr": 66},
        "advanced": {"rppg": [value], "rppg_timestamps": [at]}, "confidence": {}, "feedback": null,
        "model_version": "HR"})
}

async fn fault(stream: &mut VitalsStream) -> FaultKind {
    loop {
        if let Err(fault) = stream.output.recv().await.expect("an end") {
            assert_eq!(stream.output.recv().await, None);
            return fault.kind;
        }
    }
}

#[tokio::test]
async fn a_scan_goes_from_the_first_picture_to_the_summary() {
    let vendor = Vendor::open().await;
    let (stream, mut visit) = opened(&vendor).await;
    assert_eq!(visit.target, "/ws/?api_key=k&client=bedside");
    let VitalsStream { frames, mut output } = stream;
    tokio::spawn(async move {
        for number in 0..400 {
            frames.send(frame(number)).await.expect("taken");
            // A copy comes too soon, and is not sent.
            frames.send(frame(number)).await.expect("taken");
        }
    });
    let telling = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(output) = output.recv().await {
            told.push(output.expect("no fault"));
        }
        told
    });
    let (mut first, mut sent) = (None, 0);
    let last = loop {
        let picture = visit.next_json().await.expect("a picture");
        let id = first.get_or_insert_with(|| picture["datapt_id"].clone());
        assert_eq!(&picture["datapt_id"], id);
        if picture["state"] == "end" {
            break picture;
        }
        sent += 1;
        visit.send(answer(&picture, "ok")).await;
    };
    assert_eq!(sent, 400);
    visit.send(answer(&last, "finished")).await;
    let told = telling.await.expect("told");
    let Some(VitalsOutput::News(ScanNews::Finished(summary))) = told.last() else {
        panic!("a summary")
    };
    assert_eq!(summary.frames, 400);
    assert_eq!(summary.figures.heart_rate.map(|rate| rate.bpm), Ok(66.0));
}

#[tokio::test]
async fn a_summary_does_not_wait_for_a_vendor_that_does_not_finish() {
    let vendor = Vendor::open().await;
    let (mut stream, mut visit) = opened(&vendor).await;
    stream.frames.send(frame(0)).await.expect("taken");
    let picture = visit.next_json().await.expect("a picture");
    visit.send(answer(&picture, "ok")).await;
    drop(stream.frames);
    let output = stream.output.recv().await;
    assert!(
        matches!(output, Some(Ok(VitalsOutput::News(ScanNews::Finished(_))))),
        "{output:?}"
    );
}

#[tokio::test]
async fn a_vendor_that_breaks_off_falls_silent_or_talks_nonsense_has_failed() {
    let vendor = Vendor::open().await;
    let (mut stream, visit) = opened(&vendor).await;
    visit.cut();
    assert_eq!(fault(&mut stream).await, FaultKind::Disconnected);

    let (mut stream, _visit) = opened(&vendor).await;
    stream.frames.send(frame(0)).await.expect("taken");
    assert_eq!(fault(&mut stream).await, FaultKind::Timeout);

    for text in ["{", r#"{"state":"error"}"#, r#"{"state":"finished"}"#] {
        let (mut stream, mut visit) = opened(&vendor).await;
        stream.frames.send(frame(0)).await.expect("taken");
        visit.next_json().await.expect("a picture");
        visit.send_text(text).await;
        assert_eq!(fault(&mut stream).await, FaultKind::Internal, "{text}");
    }
}

#[tokio::test]
async fn a_scan_that_is_dropped_ends() {
    let vendor = Vendor::open().await;
    let (stream, mut visit) = opened(&vendor).await;
    drop(stream.output);
    assert_eq!(visit.next().await, None);
}

#[test]
fn the_key_travels_in_the_address_alone() {
    let config = Config {
        url: "ws://host:8003/ws/".into(),
        ..Config::default()
    };
    let caire = Caire::new("caire", config, Secret::new("a+b")).expect("a service");
    assert_eq!(
        caire.dial().url,
        "ws://host:8003/ws/?api_key=a%2Bb&client=bedside"
    );
    assert!(!format!("{caire:?}").contains("a+b"));
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |config: Config| {
        Caire::new("caire", config, Secret::new("k"))
            .map_err(|fault| fault.field)
            .err()
    };
    assert_eq!(refused(Config::default()), Some("url"));
    let url = "wss://host/ws".to_owned();
    let quality = Config {
        jpeg_quality: 0,
        url,
        ..Config::default()
    };
    assert_eq!(refused(quality), Some("jpeg_quality"));
}
