use bedside_conversation::io::{FaultKind, WordMark};
use serde_json::{Value, json};

use super::*;
use crate::socket::testing::{Vendor, Visit};
use crate::traits::{SynthesisInput, SynthesisOutput};

fn cartesia(vendor: &Vendor, warm: usize) -> Cartesia {
    let config = Config {
        url: vendor.url.clone(),
        connect_ms: 500,
        event_ms: 200,
        warm,
        ..Config::default()
    };
    Cartesia::new("cartesia", config, Secret::new("k")).expect("a synthesiser")
}

fn params() -> SynthesisParams {
    SynthesisParams {
        voice: "katie".into(),
        speed: 1.0,
        avoid: Vec::new(),
    }
}

async fn speak(stream: &SynthesisStream, segment: u32, text: &str) {
    let text = text.to_owned();
    stream
        .input
        .send(SynthesisInput { segment, text })
        .await
        .expect("sent");
}

/// A response that was given one segment, and the vendor that was asked for it.
async fn asked(cartesia: &Cartesia, vendor: &Vendor) -> (SynthesisStream, Visit, String) {
    let (stream, mut visit) = tokio::join!(cartesia.open(params(), Reporter::silent()), vendor.visit());
    let stream = stream.expect("a stream");
    speak(&stream, 0, "Hello there.").await;
    let context = requested(&mut visit, "Hello there. ").await;
    (stream, visit, context)
}

/// The context of the next request, which must be for `text` and followed by a flush.
async fn requested(visit: &mut Visit, text: &str) -> String {
    let request = visit.next_json().await.expect("a request");
    assert_eq!(
        (&request["transcript"], &request["continue"]),
        (&json!(text), &json!(true))
    );
    let flush = visit.next_json().await.expect("a flush");
    assert_eq!(
        (&flush["flush"], &flush["context_id"]),
        (&json!(true), &request["context_id"])
    );
    request["context_id"].as_str().expect("a context").to_owned()
}

fn chunk(context: &str, data: &str) -> Value {
    json!({"type": "chunk", "context_id": context, "data": data, "done": false, "status_code": 206,
        "step_time": 3.1, "flush_id": 1})
}

fn flushed(context: &str, id: u64) -> Value {
    json!({"type": "flush_done", "context_id": context, "flush_id": id, "flush_done": true, "done": false,
        "status_code": 206})
}

fn done(context: &str) -> Value {
    json!({"type": "done", "context_id": context, "done": true, "status_code": 206})
}

async fn fault(stream: &mut SynthesisStream) -> FaultKind {
    loop {
        match stream.output.recv().await.expect("an end") {
            Ok(_) => {}
            Err(fault) => {
                assert_eq!(fault.provider, "cartesia");
                assert_eq!(stream.output.recv().await, None);
                return fault.kind;
            }
        }
    }
}

#[tokio::test]
async fn a_response_is_spoken_and_its_socket_given_back() {
    let vendor = Vendor::open().await;
    let cartesia = cartesia(&vendor, 1);
    let mut speaking = Arc::new(vendor).speaking();
    let mut stream = cartesia
        .open(params(), Reporter::silent())
        .await
        .expect("a stream");
    speak(&stream, 0, "Hello there.").await;
    let (mut visit, request) = speaking.recv().await.expect("a visit");
    assert_eq!(
        (visit.target.as_str(), visit.key.as_str()),
        ("/tts/websocket", "Bearer k")
    );
    let context = request["context_id"].as_str().expect("a context").to_owned();
    assert_eq!(visit.next_json().await.expect("a flush")["flush"], json!(true));
    visit.send(chunk("of an answer before", "AAAA")).await;
    visit.send(done("of an answer before")).await;
    visit.send(chunk(&context, "AQACAA==")).await;
    visit.send(chunk(&context, "AQACAA==")).await;
    visit
        .send(
            json!({"type": "timestamps", "context_id": context, "done": false, "word_timestamps":
            {"words": ["Hello", "there"], "start": [0.0, 0.00004], "end": [0.00004, 0.00008]}}),
        )
        .await;
    visit.send(flushed(&context, 1)).await;
    let audio = SynthesisOutput::Audio {
        segment: 0,
        pcm: vec![1, 0, 2, 0].into(),
        rate: 24_000,
    };
    assert_eq!(stream.output.recv().await, Some(Ok(audio)));
    let Some(Ok(SynthesisOutput::SegmentDone {
        segment: 0, words, ..
    })) = stream.output.recv().await
    else {
        panic!("the segment is complete");
    };
    let marked = |word: &WordMark| (word.text.clone(), word.start.as_micros());
    assert_eq!(
        words.iter().map(marked).collect::<Vec<_>>(),
        [(0..5, 0), (6..12, 40)]
    );

    drop(stream.input);
    assert_eq!(stream.output.recv().await, None);
    let finish = visit.next_json().await.expect("an end");
    assert_eq!(
        (&finish["continue"], &finish["transcript"]),
        (&json!(false), &json!(""))
    );
    cartesia.pool.until_idle(1).await;
    visit.send(done(&context)).await;
    cartesia.pool.until_idle(2).await;
}

#[tokio::test]
async fn a_dropped_response_is_cancelled() {
    let vendor = Vendor::open().await;
    let cartesia = cartesia(&vendor, 0);
    let (stream, mut visit, context) = asked(&cartesia, &vendor).await;
    drop(stream);
    let cancel = visit.next_json().await.expect("a message");
    assert_eq!(cancel, json!({"context_id": context, "cancel": true}));
}

#[tokio::test]
async fn an_expired_context_is_followed_by_a_new_one() {
    let vendor = Vendor::open().await;
    let cartesia = cartesia(&vendor, 0);
    let (mut stream, mut visit, context) = asked(&cartesia, &vendor).await;
    visit.send(chunk(&context, "AQACAA==")).await;
    visit.send(flushed(&context, 1)).await;
    visit.send(done(&context)).await;
    for _ in 0..2 {
        assert!(matches!(stream.output.recv().await, Some(Ok(_))));
    }
    // The end of the context may be read after this: then it is old enough, or it is the same.
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(600)).await;
    tokio::time::resume();
    speak(&stream, 1, "More.").await;
    let second = requested(&mut visit, "More. ").await;
    assert_ne!(second, context);
    visit.send(chunk(&second, "AwAEAA==")).await;
    visit.send(flushed(&second, 1)).await;
    let more = stream.output.recv().await;
    assert!(
        matches!(more, Some(Ok(SynthesisOutput::Audio { segment: 1, .. }))),
        "{more:?}"
    );
}

#[tokio::test]
async fn faults_are_told_apart() {
    let vendor = Vendor::open().await;
    let cartesia = cartesia(&vendor, 0);
    let error = |status: u16, code: &str| {
        json!({"type": "error", "done": true, "status_code": status, "error_code": code}).to_string()
    };
    for (text, kind) in [
        (error(429, "concurrency_limited"), FaultKind::Overloaded),
        (error(400, "model_not_found"), FaultKind::Refused),
        (error(500, "x"), FaultKind::Internal),
        ("{{{".to_owned(), FaultKind::Internal),
    ] {
        let (mut stream, mut visit, _) = asked(&cartesia, &vendor).await;
        visit.send_text(text.as_str()).await;
        assert_eq!(fault(&mut stream).await, kind, "{text}");
    }
    let (mut stream, mut visit, context) = asked(&cartesia, &vendor).await;
    visit.send(done(&context)).await;
    assert_eq!(fault(&mut stream).await, FaultKind::Internal);
    let (mut stream, visit, _) = asked(&cartesia, &vendor).await;
    visit.cut();
    assert_eq!(fault(&mut stream).await, FaultKind::Disconnected);
    let (mut stream, mut visit, context) = asked(&cartesia, &vendor).await;
    visit.send(chunk(&context, "AQACAA==")).await;
    assert_eq!(fault(&mut stream).await, FaultKind::Timeout);
}

#[tokio::test]
async fn a_warm_socket_that_was_closed_meanwhile_costs_nothing_but_a_dial() {
    let vendor = Vendor::open().await;
    let cartesia = cartesia(&vendor, 1);
    let both = async { [vendor.visit().await, vendor.visit().await] };
    let (first, visits) = tokio::join!(cartesia.open(params(), Reporter::silent()), both);
    cartesia.pool.until_idle(1).await;
    let warm = cartesia
        .open(params(), Reporter::silent())
        .await
        .expect("a stream");
    visits.into_iter().for_each(Visit::cut);
    drop(first);
    let mut speaking = Arc::new(vendor).speaking();
    speak(&warm, 0, "Hello there.").await;
    let (_visit, request) = speaking.recv().await.expect("a visit");
    assert_eq!(request["transcript"], json!("Hello there. "));
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let broken = |change: fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        Cartesia::new("cartesia", config, Secret::new("k"))
            .map_err(|fault| fault.field)
            .err()
    };
    assert_eq!(broken(|_| {}), None);
    assert_eq!(
        broken(|config| config.url = "https://api.cartesia.ai".into()),
        Some("url")
    );
    assert_eq!(broken(|config| config.voice = "nobody".into()), Some("voice"));
    assert_eq!(broken(|config| config.sample_rate = 12_345), Some("sample_rate"));
}

#[test]
fn the_default_voice_is_named_first() {
    let mut config = Config::default();
    config.voices.insert("anna".into(), "1".into());
    let cartesia = Cartesia::new("cartesia", config, Secret::new("k")).expect("a synthesiser");
    assert_eq!(cartesia.voices(), ["katie", "anna"]);
}
