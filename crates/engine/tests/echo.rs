//! A client of the echo test hears itself.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::time::Duration;

use bedside_engine::{ClientMessage, Profile, ServerMessage, SessionLimits};
use bedside_protocol::binary::{AudioHeader, FrameHeader, MediaFrame, MediaHeader};
use bedside_protocol::{AudioFormat, decode_audio, encode_audio};
use bytes::Bytes;
use futures::StreamExt;
use serde_json::{Value, json};
use support::{Client, start_as};

const BUS: AudioFormat = AudioFormat::Pcm { rate: 16_000 };

fn client() -> Client {
    start_as(Profile::echo("echo"), SessionLimits::default(), 4_096)
}

fn bus_both_ways(media: &str, turn_detection: &Value) -> Value {
    let format = json!({"type": "audio/pcm", "rate": 16_000});
    json!({"type": "session.update", "session": {
        "type": "realtime",
        "bedside": {"media": media},
        "audio": {
            "input": {"format": format, "turn_detection": turn_detection},
            "output": {"format": format},
        },
    }})
}

fn frame(sequence: u16, payload: &[u8]) -> ClientMessage {
    let header = FrameHeader {
        sequence,
        time_us: u64::from(sequence) * 20_000,
        media: MediaHeader::Audio(AudioHeader::from(BUS)),
    };
    ClientMessage::Binary(MediaFrame::encode(&header, payload))
}

/// The payload of the next binary frame.
async fn heard(client: &mut Client) -> Bytes {
    let next = async {
        loop {
            match client.from_session.next().await {
                Some(ServerMessage::Binary(message)) => {
                    return MediaFrame::decode(&message).expect("a frame").payload;
                }
                Some(_) => {}
                None => panic!("the session ended"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(1), next)
        .await
        .expect("an echo")
}

#[tokio::test(start_paused = true)]
async fn every_binary_frame_comes_back_as_it_was_whether_or_not_turns_are_asked_for() {
    for turn_detection in [Value::Null, json!({"type": "server_vad"})] {
        let mut client = client();
        client.send(bus_both_ways("binary", &turn_detection)).await;
        client.expect("session.updated").await;
        for number in 0..100_u16 {
            let sent = [number as u8; 640];
            let sent_at = tokio::time::Instant::now();
            client.send_message(frame(number, &sent)).await;
            assert_eq!(heard(&mut client).await, sent.as_slice());
            assert_eq!(sent_at.elapsed(), Duration::ZERO);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_standard_client_hears_itself_in_events_of_one_response() {
    let mut client = client();
    client.send(bus_both_ways("json", &Value::Null)).await;
    client.expect("session.updated").await;
    let mut parts = Vec::new();
    for number in 0..10 {
        let sent = vec![number; 640];
        client
            .send(json!({"type": "input_audio_buffer.append", "audio": encode_audio(&sent)}))
            .await;
        let event = client.expect("response.output_audio.delta").await;
        let delta = event["delta"].as_str().expect("base64");
        assert_eq!(decode_audio(delta).expect("base64"), sent);
        parts.push([event["response_id"].clone(), event["item_id"].clone()]);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    parts.dedup();
    assert_eq!(parts, [["resp_testecho", "item_testecho"]]);
}

#[tokio::test(start_paused = true)]
async fn a_recording_comes_back_whole_at_the_pace_of_playback() {
    let mut client = client();
    client.send(bus_both_ways("binary", &Value::Null)).await;
    client.expect("session.updated").await;
    let began = tokio::time::Instant::now();
    for number in 0..250 {
        client.send_message(frame(number, &[number as u8; 640])).await;
    }
    for number in 0..250 {
        assert_eq!(heard(&mut client).await[0], number as u8);
    }
    assert_eq!(began.elapsed(), Duration::from_millis(5_000 - 400));
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_an_answer_is_told_that_there_is_none() {
    let mut client = client();
    client.expect("session.created").await;
    client.send(json!({"type": "response.create"})).await;
    let done = client.expect("response.done").await;
    assert_eq!(done["response"]["status"], "failed");
    client.send_message(frame(0, &[1; 640])).await;
    client.expect("error").await;
}
