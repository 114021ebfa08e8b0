//! Vital signs over the wire: pictures in real time, figures as they come, and the truth to hold them against.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Film, Pictures, Server, patient};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Most a heart rate may be off, beats per minute.
const TOLERANCE: f64 = 3.0;

fn of<'a>(client: &'a Client, kind: &str) -> Vec<&'a Value> {
    let events = client.events.iter().map(|(_, event)| event);
    events.filter(|event| event["type"] == kind).collect()
}

/// Plays a film and checks what is said of it: where there is a heart rate, that it is the true one.
async fn is_read_truly(client: &mut Client, film: &Film) {
    client.play(&film.schedule).await;
    client.vitals(json!({"enabled": false})).await;
    let completed = client.expect("vitals.scan.completed").await;
    let updates = of(client, "vitals.updated");
    let rates: Vec<_> = updates
        .iter()
        .filter(|update| update["heart_rate_bpm"].is_number())
        .collect();
    for update in &rates {
        let window = update["window_s"].as_f64().expect("a window");
        let at = update["capture_time_us"].as_u64().expect("a time");
        let truth = film.heart_rate_bpm(at, window);
        let found = update["heart_rate_bpm"].as_f64().expect("a rate");
        assert!(
            (found - truth).abs() <= TOLERANCE,
            "{update}, and the truth is {truth}"
        );
        assert!((0.0..=1.0).contains(&update["quality"].as_f64().expect("a quality")));
    }
    let first = |stage: &str| {
        let update = rates.iter().find(|update| update["stage"] == stage);
        let update = update.unwrap_or_else(|| panic!("no {stage} heart rate in {updates:?}"));
        update["capture_time_us"].as_u64().expect("a time") as f64 / 1e6
    };
    assert!(
        (6.0..9.0).contains(&first("preliminary")),
        "{}",
        first("preliminary")
    );
    assert!((10.0..12.5).contains(&first("stable")), "{}", first("stable"));
    assert!(!of(client, "vitals.waveform").is_empty() && !of(client, "vitals.scan.progress").is_empty());
    let heart_rate = completed["observations"]
        .as_array()
        .expect("observations")
        .iter()
        .find(|observation| observation["code"]["coding"][0]["code"] == "8867-4")
        .expect("an observation of the heart rate");
    assert_eq!(heart_rate["resourceType"], "Observation");
    let value = heart_rate["valueQuantity"]["value"].as_f64().expect("a value");
    assert!((value - 74.0).abs() <= 2.0 * TOLERANCE, "{heart_rate}");
    assert!(!client.kinds().contains("\"error\""), "{}", client.kinds());
}

#[tokio::test]
async fn a_face_crop_of_72_pixels_gives_the_heart_rate() {
    let server = Server::start(&[]);
    let film = Film::new(&patient(72, 72, 0.78, 13.0), Pictures::Rgb);
    let mut client = Client::scanning(&server, json!({"enabled": true, "region": "face_crop"})).await;
    is_read_truly(&mut client, &film).await;
    let face = &of(&client, "vitals.scan.progress")[3]["face"];
    assert!(face["found"] == true && face["box"].is_null(), "{face}");
}

#[tokio::test]
async fn a_face_is_found_in_jpegs_however_they_come() {
    let server = Server::start(&[]);
    for (pictures, width, height) in [(Pictures::Jpeg, 640, 480), (Pictures::Base64, 320, 240)] {
        let film = Film::new(&patient(width, height, 0.4, 13.0), pictures);
        let mut client = Client::scanning(&server, json!({"enabled": true})).await;
        is_read_truly(&mut client, &film).await;
        let face = &of(&client, "vitals.scan.progress")[3]["face"];
        let left = face["box"][0].as_f64().expect("a box") / f64::from(width);
        assert!((0.2..0.5).contains(&left), "{face}");
    }
}

#[tokio::test]
async fn a_scan_goes_on_when_the_face_is_cut_out_of_its_pictures() {
    let server = Server::start(&[]);
    let (from, side) = (Duration::from_millis(2_300), 72);
    let film = Film::new(&patient(640, 480, 0.35, 13.0), Pictures::Cut { from, side });
    let mut client = Client::scanning(&server, json!({"enabled": true})).await;
    is_read_truly(&mut client, &film).await;
    let area = film.area.expect("a cut");
    let scale = f64::from(area.width) / f64::from(side);
    let (mut whole, mut cut) = (Vec::new(), Vec::new());
    for progress in of(&client, "vitals.scan.progress") {
        assert_eq!(progress["guidance"], "ok", "{progress}");
        let [x, y, width] = [0, 1, 2].map(|index| progress["face"]["box"][index].as_f64().expect("a box"));
        // Boxes are in pixels of the picture with the event's capture time.
        if progress["capture_time_us"].as_u64() < Some(from.as_micros() as u64) {
            whole.push([x, y, width]);
        } else {
            cut.push([
                f64::from(area.x) + x * scale,
                f64::from(area.y) + y * scale,
                width * scale,
            ]);
        }
    }
    assert!(whole.len() == 2 && cut.len() > 8, "{whole:?} {cut:?}");
    for place in &cut {
        let off = place
            .iter()
            .zip(&whole[1])
            .map(|(cut, whole)| (cut - whole).abs());
        assert!(
            off.fold(0.0, f64::max) < 0.15 * whole[1][2],
            "{place:?} for {:?}",
            whole[1]
        );
    }
}

#[tokio::test]
async fn a_photograph_gets_no_number() {
    let server = Server::start(&[]);
    let mut photograph = patient(160, 120, 0.5, 12.0);
    photograph.subject.as_mut().expect("a subject").perfusion = 0.0;
    let film = Film::new(&photograph, Pictures::Rgb);
    let mut client = Client::scanning(&server, json!({"enabled": true, "duration_ms": 11_000})).await;
    client.play(&film.schedule).await;
    let failed = client.expect("vitals.scan.failed").await;
    assert!(failed["reason"].is_string(), "{failed}");
    let numbers = client
        .events
        .iter()
        .filter(|(_, event)| event["heart_rate_bpm"].is_number());
    assert_eq!(numbers.count(), 0, "{}", client.kinds());
}

#[tokio::test]
async fn a_scan_without_video_fails_and_says_so() {
    let server = Server::start(&[]);
    let mut client = Client::scanning(&server, json!({"enabled": true})).await;
    let began = Instant::now();
    let failed = client.expect("vitals.scan.failed").await;
    assert_eq!(failed["reason"], "no_video");
    assert!((8.0..12.0).contains(&began.elapsed().as_secs_f64()));
}

#[tokio::test]
async fn wrong_pictures_are_named_and_the_session_lives_on() {
    let server = Server::start(&[]);
    let film = Film::new(&patient(160, 120, 0.5, 0.2), Pictures::Jpeg);
    let (_, picture) = &film.schedule[0];
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    for _ in 0..5 {
        client.send_message(picture.clone()).await;
    }
    let error = client.expect("error").await;
    assert_eq!(error["error"]["code"], "video_not_enabled");
    client.vitals(json!({"enabled": true})).await;
    client.expect("vitals.scan.started").await;
    assert_eq!(of(&client, "error").len(), 1);

    let mut damaged = picture.clone().into_data().to_vec();
    let middle = damaged.len() / 2;
    // A marker that belongs nowhere, amid the picture.
    damaged[middle..middle + 4].copy_from_slice(&[0xFF, 0xC4, 0xFF, 0xC4]);
    client.send_message(Message::binary(damaged)).await;
    let error = client.expect("error").await;
    assert_eq!(error["error"]["code"], "invalid_media_frame");
    for (image, code) in [
        ("not base64", "invalid_value"),
        ("iVBORw0KGgo=", "unsupported_parameter"),
    ] {
        client
            .send(json!({"type": "input_video_buffer.append", "image": image, "capture_time_us": 0}))
            .await;
        let error = client.expect("error").await;
        assert_eq!(
            (&error["error"]["code"], &error["error"]["param"]),
            (&json!(code), &json!("image"))
        );
    }
    client.play(&film.schedule).await;
    client.vitals(json!({"enabled": false})).await;
    client.expect("vitals.scan.failed").await;
}
