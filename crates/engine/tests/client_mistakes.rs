//! What a client does wrong is answered, and the session lives on.

mod support;

use std::sync::Arc;

use bedside_engine::{ClientMessage, Counter, SessionLimits, SocketError};
use bedside_protocol::AudioFormat;
use bedside_protocol::binary::{AudioHeader, FrameHeader, MediaFrame, MediaHeader};
use bytes::Bytes;
use futures::SinkExt;
use serde_json::json;
use support::{Script, start};

#[tokio::test(start_paused = true)]
async fn each_mistake_gets_its_answer_and_the_session_lives_on() {
    let mut client = start(&Arc::default(), SessionLimits::default(), 256);
    let cases = [
        (
            r#"{"type":"input_audio_buffer.append","audio":"%%%%","event_id":"e1"}"#,
            "invalid_value",
            "audio",
            "e1",
        ),
        (
            r#"{"type":"input_audio_buffer.append","audio":"AAAA","event_id":"e2"}"#,
            "invalid_value",
            "audio",
            "e2",
        ),
        (
            r#"{"type":"input_audio_buffer.append","audio":7,"event_id":"e3"}"#,
            "invalid_type",
            "audio",
            "e3",
        ),
        (
            r#"{"type":"no.such.event","event_id":"e4"}"#,
            "unknown_event_type",
            "type",
            "e4",
        ),
    ];
    for (text, code, param, event_id) in cases {
        client.send_text(text).await;
        let error = client.expect("error").await["error"].clone();
        assert_eq!(error["type"], "invalid_request_error", "{text}");
        assert_eq!(
            (
                error["code"].as_str(),
                error["param"].as_str(),
                error["event_id"].as_str()
            ),
            (Some(code), Some(param), Some(event_id)),
            "{text}"
        );
    }
    for broken in ["{", "[]", ""] {
        client.send_text(broken).await;
        assert_eq!(
            client.expect("error").await["error"]["code"],
            "invalid_json",
            "{broken:?}"
        );
    }
    client
        .send_message(ClientMessage::Binary(Bytes::from_static(&[1, 1, 0])))
        .await;
    assert_eq!(
        client.expect("error").await["error"]["code"],
        "invalid_media_frame"
    );
    assert_eq!(client.metrics.get(Counter::ClientMistakes), 8);

    client
        .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
        .await;
    client.expect("session.updated").await;
}

/// 20 ms of silence.
fn frame(sequence: u16) -> ClientMessage {
    let media = MediaHeader::Audio(AudioHeader::from(AudioFormat::Pcm { rate: 16_000 }));
    let header = FrameHeader {
        sequence,
        time_us: 0,
        media,
    };
    ClientMessage::Binary(MediaFrame::encode(&header, &[0; 640]))
}

#[tokio::test(start_paused = true)]
async fn binary_audio_must_be_asked_for() {
    let mut client = start(&Arc::default(), SessionLimits::default(), 256);
    for (media, accepted) in [
        ("json", false),
        ("binary_out", false),
        ("binary_in", true),
        ("json", false),
    ] {
        client
            .send(json!({"type": "session.update", "session": {"type": "realtime", "bedside": {"media": media}}}))
            .await;
        client.expect("session.updated").await;
        client.send_message(frame(0)).await;
        client.send_text("{").await;
        let error = client.expect("error").await["error"].clone();
        let expected = if accepted {
            "invalid_json"
        } else {
            "invalid_media_frame"
        };
        assert_eq!(error["code"], expected, "{media}");
    }
}

#[tokio::test(start_paused = true)]
async fn lost_binary_frames_are_concealed_up_to_60_ms_and_counted_beyond() {
    let mut client = start(&Arc::default(), SessionLimits::default(), 256);
    client
        .send(json!({"type": "session.update", "session": {"type": "realtime", "bedside": {"media": "binary_in"}}}))
        .await;
    client.expect("session.updated").await;
    for sequence in [0, 1, 4, 10] {
        client.send_message(frame(sequence)).await;
    }
    client
        .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
        .await;
    client.expect("session.updated").await;
    assert_eq!(client.metrics.get(Counter::AudioConcealedMs), 40);
    assert_eq!(client.metrics.get(Counter::AudioLostMs), 100);
}

#[tokio::test(start_paused = true)]
async fn only_what_cannot_be_read_at_all_ends_the_session() {
    for (error, code) in [
        (SocketError::TooBig, Some(1009)),
        (SocketError::Malformed, Some(1008)),
        (SocketError::Lost, None),
    ] {
        let mut client = start(&Arc::new(Script::default()), SessionLimits::default(), 256);
        client
            .to_session
            .send(Err(error))
            .await
            .expect("the session lives");
        assert_eq!(client.close_code().await, code, "{error}");
    }
}
