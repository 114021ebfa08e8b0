//! Pictures of the patient reach a scan, its news reach the client, and what is wrong with either is told.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedside_engine::{ClientMessage, Counter, SessionLimits};
use bedside_facegen::{Clip, Scene};
use bedside_protocol::binary::{FrameHeader, MediaFrame, MediaHeader, VideoFormat, VideoHeader};
use bedside_protocol::encode_audio;
use bytes::Bytes;
use serde_json::{Value, json};
use support::{Client, Script, start};

const FRAME: Duration = Duration::from_millis(33);

async fn open(script: &Arc<Script>) -> Client {
    let mut client = start(script, SessionLimits::default(), 4_096);
    client.expect("session.created").await;
    client
}

async fn vitals(client: &mut Client, vitals: Value) {
    client
        .send(
            json!({"type": "session.update", "session": {"type": "realtime", "bedside": {"vitals": vitals}}}),
        )
        .await;
    client.expect("session.updated").await;
}

async fn enabled(script: &Arc<Script>) -> Client {
    let mut client = open(script).await;
    vitals(&mut client, json!({"enabled": true, "region": "face_crop"})).await;
    client.expect("vitals.scan.started").await;
    client
}

fn frame(format: VideoFormat, (width, height): (u16, u16), index: u64, payload: &[u8]) -> ClientMessage {
    let header = FrameHeader {
        sequence: index as u16,
        time_us: index * 33_333,
        media: MediaHeader::Video(VideoHeader {
            format,
            width,
            height,
        }),
    };
    ClientMessage::Binary(MediaFrame::encode(&header, payload))
}

/// A picture of two pixels.
fn rgb(index: u64) -> ClientMessage {
    frame(VideoFormat::Rgb24, (2, 1), index, &[90; 6])
}

/// A face of 160×120 pixels.
fn jpeg() -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut clip = Clip::new(&Scene::default(), 1);
    let frame = clip.next_frame().expect("a frame");
    frame.to_jpeg(80, &mut jpeg).expect("a small picture");
    jpeg
}

fn append(jpeg: &[u8], index: u64) -> Value {
    json!({"type": "input_video_buffer.append", "event_id": "v1", "image": encode_audio(jpeg),
        "capture_time_us": index * 33_333})
}

#[tokio::test(start_paused = true)]
async fn pictures_of_both_ways_are_scanned_and_summed_up() {
    let script = Arc::default();
    let mut client = enabled(&script).await;
    for index in 0..30 {
        if index % 2 == 0 {
            client.send_message(rgb(index)).await;
        } else {
            client.send(append(&jpeg(), index)).await;
        }
        tokio::time::sleep(FRAME).await;
    }
    let progress = client.expect("vitals.scan.progress").await;
    assert_eq!(
        (&progress["capture_time_us"], &progress["guidance"]),
        (&json!(0), &json!("ok"))
    );
    let updated = client.expect("vitals.updated").await;
    assert_eq!(updated["heart_rate_bpm"], 72.0);
    assert_eq!(updated["absent"]["hrv"], "too_short");
    vitals(&mut client, json!({"enabled": false})).await;
    let completed = client.expect("vitals.scan.completed").await;
    assert_eq!(completed["frames"], 30);
    assert_eq!(completed["observations"][0]["resourceType"], "Observation");
    for (counter, expected) in [
        (Counter::Scans, 1),
        (Counter::FramesReceived, 30),
        (Counter::FramesDropped, 0),
        (Counter::ClientMistakes, 0),
    ] {
        assert_eq!(client.metrics.get(counter), expected, "{counter:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn video_that_was_not_asked_for_is_refused_once() {
    let script = Arc::default();
    let mut client = open(&script).await;
    for binary in [true, false] {
        for index in 0..3 {
            if binary {
                client.send_message(rgb(index)).await;
            } else {
                client.send(append(&jpeg(), index)).await;
            }
        }
        let error = client.expect("error").await["error"].clone();
        assert_eq!(error["code"], "video_not_enabled");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("session.bedside.vitals.enabled"), "{message}");
        vitals(&mut client, json!({"enabled": true})).await;
        vitals(&mut client, json!({"enabled": false})).await;
    }
    assert_eq!(client.metrics.get(Counter::ClientMistakes), 2);
}

#[tokio::test(start_paused = true)]
async fn vital_signs_that_nobody_reads_cannot_be_enabled() {
    let script = Arc::new(Script {
        reads_no_vitals: true,
        ..Script::default()
    });
    let mut client = open(&script).await;
    client
        .send(
            json!({"type": "session.update", "event_id": "u1", "session": {"type": "realtime",
        "bedside": {"vitals": {"enabled": true}}}}),
        )
        .await;
    let error = client.expect("error").await["error"].clone();
    assert_eq!(
        (&error["code"], &error["param"], &error["event_id"]),
        (
            &json!("unsupported_parameter"),
            &json!("session.bedside.vitals.enabled"),
            &json!("u1")
        )
    );
    client.send_message(rgb(0)).await;
    assert_eq!(client.expect("error").await["error"]["code"], "video_not_enabled");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_picture_is_named_and_the_session_lives_on() {
    let script = Arc::default();
    let mut client = enabled(&script).await;
    let event = |image: &str| json!({"type": "input_video_buffer.append", "event_id": "v2", "image": image, "capture_time_us": 5});
    let jpeg = jpeg();
    for (image, code) in [
        ("%%%".to_owned(), "invalid_value"),
        (encode_audio(b"GIF89a"), "invalid_value"),
        (encode_audio(b"\x89PNG\r\n"), "unsupported_parameter"),
        (encode_audio(&jpeg[..20]), "invalid_value"),
    ] {
        client.send(event(&image)).await;
        let error = client.expect("error").await["error"].clone();
        assert_eq!(
            (&error["code"], &error["param"], &error["event_id"]),
            (&json!(code), &json!("image"), &json!("v2"))
        );
    }
    client
        .send(json!({"type": "input_video_buffer.append", "image": encode_audio(&jpeg)}))
        .await;
    assert_eq!(client.expect("error").await["error"]["param"], "capture_time_us");
    for (message, why) in [
        (
            frame(VideoFormat::Jpeg, (640, 480), 0, &jpeg),
            "size in its header",
        ),
        (frame(VideoFormat::Rgb24, (2, 2), 0, &[0; 6]), "12 bytes"),
        (
            frame(VideoFormat::Rgb24, (1_921, 1), 0, &[0; 3 * 1_921]),
            "1921x1",
        ),
        (ClientMessage::Binary(Bytes::from_static(&[2, 9])), "16 bytes"),
    ] {
        client.send_message(message).await;
        let error = client.expect("error").await["error"].clone();
        assert_eq!(error["code"], "invalid_media_frame");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(why), "{message}");
    }
    client.send_message(rgb(1)).await;
    client.expect("vitals.updated").await;
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_turns_out_damaged_is_told_and_the_scan_goes_on() {
    let script = Arc::new(Script {
        unreadable: true,
        ..Script::default()
    });
    let mut client = enabled(&script).await;
    client.send_message(rgb(1)).await;
    assert_eq!(
        client.expect("error").await["error"]["code"],
        "invalid_media_frame"
    );
    assert_eq!(client.metrics.get(Counter::FramesUnreadable), 1);
    vitals(&mut client, json!({"enabled": false})).await;
    client.expect("vitals.scan.completed").await;
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_falls_behind_gets_the_newest_pictures() {
    let script = Arc::new(Script {
        scan_takes: Duration::from_millis(250),
        ..Script::default()
    });
    let mut client = enabled(&script).await;
    for index in 0..90 {
        client.send_message(rgb(index)).await;
        tokio::time::sleep(FRAME).await;
    }
    let dropped = client.metrics.get(Counter::FramesDropped);
    // Three seconds of pictures, of which a second's may wait and a dozen are done.
    assert!((40..=55).contains(&dropped), "{dropped}");
    let events = client.drain();
    let newest = events
        .iter()
        .filter_map(|event| event["capture_time_us"].as_u64())
        .max();
    // In order it would have come to the twelfth.
    assert!(newest > Some(30 * 33_333), "{newest:?}");
    vitals(&mut client, json!({"enabled": false})).await;
    // What still waits would take seven seconds.
    let completed = tokio::time::timeout(Duration::from_secs(1), client.expect("vitals.scan.completed"));
    completed.await.expect("the summary comes soon");
}

#[tokio::test(start_paused = true)]
async fn pictures_of_a_slow_camera_do_not_wait_for_long() {
    let script = Arc::new(Script {
        scan_takes: Duration::from_secs(30),
        ..Script::default()
    });
    // Every sixth index: five pictures a second. One is at work, one is with the scan, and six span a second.
    for (stamp, dropped) in [
        ((|index| 6 * index) as fn(u64) -> u64, 20 - 8),
        (|_| 0, 0),
        (|index| 600 - 6 * index, 0),
        (|index| if index < 19 { index } else { 900 }, 17),
    ] {
        let mut client = enabled(&script).await;
        for index in 0..20 {
            client.send_message(rgb(stamp(index))).await;
            tokio::time::sleep(6 * FRAME).await;
        }
        assert_eq!(client.metrics.get(Counter::FramesDropped), dropped);
    }
}

#[tokio::test(start_paused = true)]
async fn video_alone_wakes_none_of_the_providers_of_speech() {
    let script = Arc::default();
    let mut client = enabled(&script).await;
    for index in 0..60 {
        client.send_message(rgb(index)).await;
        tokio::time::sleep(FRAME).await;
    }
    client.expect("vitals.updated").await;
    let Script {
        detectors,
        transcribers,
        ..
    } = &*script;
    assert_eq!(
        detectors.load(Ordering::Relaxed) + transcribers.load(Ordering::Relaxed),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn a_scan_ends_with_its_session() {
    let script: Arc<Script> = Arc::default();
    let mut client = enabled(&script).await;
    client.send_message(rgb(0)).await;
    client.expect("vitals.updated").await;
    let scans = script.scans.clone();
    client.send_message(ClientMessage::Close(None)).await;
    assert_eq!(client.close_code().await, None);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(scans.0.load(Ordering::Relaxed), 1);
    assert_eq!(scans.1.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn large_pictures_use_up_the_budget_of_a_turn() {
    let script = Arc::default();
    let mut client = enabled(&script).await;
    let large = vec![0; 1_280 * 960 * 3 / 2];
    for index in 0..60 {
        client
            .send_message(frame(VideoFormat::I420, (1_280, 960), index, &large))
            .await;
    }
    vitals(&mut client, json!({"enabled": true})).await;
    // After every third picture what is due is sent.
    assert!((19..=21).contains(&client.metrics.get(Counter::BudgetExceeded)));
}
