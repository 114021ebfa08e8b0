use std::task::{Context, Poll, Waker};

use bedside_conversation::io::{FaultKind, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::service::{Stage, Unit};
use bedside_conversation::time::AudioPos;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::report::{Prices, Report, Reports};
use crate::socket::testing::{Vendor, Visit};
use crate::traits::{BusAudio, TranscriberInput, TranscriberOutput};

fn config(api: Api, url: &str) -> Config {
    Config {
        url: url.to_owned(),
        api,
        warm: 0,
        connect_ms: 500,
        finalize_ms: 100,
        answer_ms: 300,
        ..Config::default()
    }
}

fn deepgram(config: Config) -> Deepgram {
    Deepgram::new("deepgram", config, Secret::new("k")).expect("a transcriber")
}

async fn open(deepgram: &Deepgram, reporter: Reporter) -> Result<TranscriberStream, StageFault> {
    let params = TranscriberParams {
        partials: true,
        ..TranscriberParams::default()
    };
    deepgram.open(params, reporter).await
}

/// A session that has said 300 ms, ten seconds into it, and wants to know what.
async fn asked(config: Config, vendor: &Vendor) -> (TranscriberStream, Visit, Reports) {
    let (reports, reporter) = Reports::new();
    let reporter = reporter.of(Stage::Transcription, "deepgram", Arc::new(Prices::default()));
    let deepgram = deepgram(config);
    let (stream, visit) = tokio::join!(open(&deepgram, reporter), vendor.visit());
    let stream = stream.expect("a stream");
    for frame in 0..15 {
        let audio = BusAudio {
            at: AudioPos::from_millis(10_000 + frame * 20),
            pcm: vec![1; 640].into(),
        };
        send(&stream, TranscriberInput::Audio(audio)).await;
    }
    command(
        &stream,
        TranscribeCommand::Start {
            utterance: UtteranceId(7),
            from: AudioPos::from_millis(10_000),
        },
    )
    .await;
    command(
        &stream,
        TranscribeCommand::Finish {
            utterance: UtteranceId(7),
            attempt: 2,
            to: AudioPos::from_millis(10_250),
        },
    )
    .await;
    (stream, visit, reports)
}

async fn send(stream: &TranscriberStream, input: TranscriberInput) {
    stream.input.send(input).await.expect("sent");
}

async fn command(stream: &TranscriberStream, command: TranscribeCommand) {
    send(stream, TranscriberInput::Command(command)).await;
}

/// The sizes of audio messages before the first text, and that text's type.
async fn heard(visit: &mut Visit) -> (Vec<usize>, String) {
    let mut sizes = Vec::new();
    loop {
        match visit.next().await {
            Some(Message::Binary(pcm)) => sizes.push(pcm.len()),
            Some(Message::Text(text)) => {
                let text: Value = serde_json::from_str(&text).expect("JSON");
                return (sizes, text["type"].as_str().expect("a type").to_owned());
            }
            other => panic!("{other:?}"),
        }
    }
}

fn results(end: f64, text: &str, is_final: bool, from_finalize: bool) -> Value {
    json!({"type": "Results", "channel_index": [0, 1], "start": 0.0, "duration": end, "is_final": is_final,
        "speech_final": is_final, "from_finalize": from_finalize,
        "channel": {"alternatives": [{"transcript": text, "confidence": 0.9,
            "words": [{"word": text, "start": 0.05, "end": 0.2, "confidence": 0.9}]}]},
        "metadata": {}})
}

fn said(event: &TranscriptEvent) -> (Option<u32>, &str) {
    match event {
        TranscriptEvent::Partial { text } => (None, text),
        TranscriptEvent::Final { attempt, text, .. } => (Some(*attempt), text),
        TranscriptEvent::Failed { fault, .. } => panic!("{fault}"),
    }
}

async fn failed(stream: &mut TranscriberStream) -> FaultKind {
    let answer = stream.output.recv().await.expect("an answer");
    let TranscriberOutput {
        utterance: UtteranceId(7),
        event: TranscriptEvent::Failed { attempt: 2, fault },
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert_eq!(stream.output.recv().await, None);
    fault.kind
}

#[tokio::test]
async fn nova_is_sent_all_audio_and_asked_for_the_final() {
    let vendor = Vendor::open().await;
    let (mut stream, mut visit, reports) = asked(config(Api::V1, &vendor.url), &vendor).await;
    assert!(
        visit.target.starts_with("/v1/listen?model=nova-3-medical&"),
        "{}",
        visit.target
    );
    assert_eq!(visit.key, "Token k");
    assert_eq!(
        heard(&mut visit).await,
        (vec![3_200, 3_200, 3_200], "Finalize".into())
    );
    visit.send(results(0.2, "dizzi", false, false)).await;
    visit.send(json!({"type": "SomethingNew", "channel": 3})).await;
    visit.send(results(0.3, "dizzy", true, true)).await;
    visit.send(results(0.3, "dizzy", true, true)).await;
    let partial = stream.output.recv().await.expect("a partial");
    assert_eq!(said(&partial.event), (None, "dizzi"));
    let answer = stream.output.recv().await.expect("a final");
    assert_eq!(
        (answer.utterance, said(&answer.event)),
        (UtteranceId(7), (Some(2), "dizzy"))
    );

    drop(stream.input);
    assert_eq!(heard(&mut visit).await, (Vec::new(), "CloseStream".into()));
    assert_eq!(visit.next().await, None);
    assert_eq!(stream.output.recv().await, None);
    let told = reports.poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Report::Used(used)) = told else {
        panic!("{told:?}")
    };
    assert_eq!((used.unit, used.provider), (Unit::AudioSeconds, "deepgram"));
    assert!((used.quantity - 0.3).abs() < 1e-9, "{}", used.quantity);
}

#[tokio::test]
async fn flux_is_sent_pieces_of_80_ms_and_made_to_end_its_turn() {
    let vendor = Vendor::open().await;
    let (mut stream, mut visit, _) = asked(config(Api::Flux, &vendor.url), &vendor).await;
    assert!(
        visit.target.starts_with("/v2/listen?model=flux-general-en&"),
        "{}",
        visit.target
    );
    visit
        .send(json!({"type": "Connected", "request_id": "r", "sequence_id": 0}))
        .await;
    assert_eq!(
        heard(&mut visit).await,
        (vec![2_560, 2_560, 2_560, 1_920], "ForceEndTurn".into())
    );
    let turn = |sequence: u64, event: &str, text: &str| {
        json!({"type": "TurnInfo", "request_id": "r", "sequence_id": sequence, "event": event, "turn_index": 0,
            "audio_window_start": 0.0, "audio_window_end": 0.3, "transcript": text, "words": [],
            "end_of_turn_confidence": 0.5, "trigger": "manual"})
    };
    visit.send(turn(1, "Update", "I feel")).await;
    visit.send(turn(2, "EndOfTurn", "I feel dizzy")).await;
    let partial = stream.output.recv().await.expect("a partial");
    assert_eq!(said(&partial.event), (None, "I feel"));
    let answer = stream.output.recv().await.expect("a final");
    assert_eq!(said(&answer.event), (Some(2), "I feel dizzy"));
}

#[tokio::test]
async fn a_final_that_nothing_is_left_for_is_not_waited_for_long() {
    let vendor = Vendor::open().await;
    let (mut stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
    heard(&mut visit).await;
    visit.send(results(0.24, "dizzy", false, false)).await;
    stream.output.recv().await.expect("a partial");
    let answer = stream.output.recv().await.expect("a final");
    assert_eq!(said(&answer.event), (Some(2), "dizzy"));
}

#[tokio::test]
async fn a_vendor_that_breaks_off_or_talks_nonsense_fails_what_is_asked() {
    let vendor = Vendor::open().await;
    let broken = [
        ("", FaultKind::Internal),
        ("\u{fffd}\u{fffd}", FaultKind::Internal),
        (r#"{"type":"Results"}"#, FaultKind::Internal),
        (r#"{"type":"Error","description":"x"}"#, FaultKind::Internal),
    ];
    for (text, kind) in broken {
        let (mut stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
        visit.send_text(text).await;
        assert_eq!(failed(&mut stream).await, kind, "{text}");
    }
    for (code, kind) in [
        (1008, FaultKind::Refused),
        (1011, FaultKind::Disconnected),
        (1000, FaultKind::Internal),
    ] {
        let (mut stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
        heard(&mut visit).await;
        let closing = tokio::spawn(visit.close(code, "NET-0001"));
        assert_eq!(failed(&mut stream).await, kind, "{code}");
        closing.await.expect("closed");
    }
    let (mut stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
    heard(&mut visit).await;
    visit.cut();
    assert_eq!(failed(&mut stream).await, FaultKind::Disconnected);
}

#[tokio::test]
async fn a_vendor_that_falls_silent_before_all_was_heard_has_failed() {
    let vendor = Vendor::open().await;
    let (mut stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
    heard(&mut visit).await;
    visit.send(results(0.1, "di", false, false)).await;
    stream.output.recv().await.expect("a partial");
    // Words between 100 and 250 ms are not known: nothing is made up, and the silence ends it.
    assert_eq!(failed(&mut stream).await, FaultKind::Timeout);
}

#[tokio::test]
async fn a_refused_connection_says_why() {
    let vendor = Vendor::open().await;
    for (status, kind) in [
        (401, FaultKind::Refused),
        (429, FaultKind::Overloaded),
        (500, FaultKind::Internal),
    ] {
        let deepgram = deepgram(config(Api::V1, &vendor.url));
        let (stream, ()) = tokio::join!(open(&deepgram, Reporter::silent()), vendor.refuse(status));
        let fault = stream.expect_err("refused");
        assert_eq!((fault.provider, fault.kind), ("deepgram", kind));
    }
}

#[tokio::test]
async fn without_audio_nova_is_told_that_we_live_and_flux_hears_silence() {
    let vendor = Vendor::open().await;
    for api in [Api::V1, Api::Flux] {
        let config = Config {
            keep_alive_ms: 20,
            ..config(api, &vendor.url)
        };
        let deepgram = deepgram(config);
        let (stream, mut visit) = tokio::join!(open(&deepgram, Reporter::silent()), async {
            let mut visit = vendor.visit().await;
            visit.send(json!({"type": "Connected", "sequence_id": 0})).await;
            visit
        });
        let _stream = stream.expect("a stream");
        for _ in 0..2 {
            match (api, visit.next().await) {
                (Api::V1, Some(Message::Text(text))) => assert_eq!(text, r#"{"type":"KeepAlive"}"#),
                (Api::Flux, Some(Message::Binary(silence))) => assert_eq!(silence, vec![0; 2_560]),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_session_that_is_dropped_closes_its_stream() {
    let vendor = Vendor::open().await;
    let (stream, mut visit, _) = asked(config(Api::V1, &vendor.url), &vendor).await;
    heard(&mut visit).await;
    drop(stream);
    assert_eq!(heard(&mut visit).await, (Vec::new(), "CloseStream".into()));
    assert_eq!(visit.next().await, None);
}

#[tokio::test]
async fn the_next_session_of_the_same_kind_gets_the_socket_dialled_ahead() {
    let vendor = Vendor::open().await;
    let config = Config {
        warm: 1,
        ..config(Api::V1, &vendor.url)
    };
    let deepgram = deepgram(config);
    let mut speaking = Arc::new(vendor).speaking();
    let _first = open(&deepgram, Reporter::silent()).await.expect("a stream");
    deepgram.pool.until_idle(1).await;
    let second = open(&deepgram, Reporter::silent()).await.expect("a stream");
    drop(second);
    let (_visit, said) = speaking.recv().await.expect("a visit");
    assert_eq!(said, json!({"type": "CloseStream"}));
}
