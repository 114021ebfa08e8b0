//! A stage fails or stalls: the patient hears an answer or an apology, and the session goes on.

mod support;

use std::time::Duration;

use bedside_conversation::io::{
    FaultKind, Input, Output, SpeakCommand, StageFault, SynthesisEvent, TranscribeCommand,
};
use bedside_protocol::{ResponseStatus, ServerEventKind};
use bytes::Bytes;
use support::{Bench, name, text};

const FAULT: StageFault = StageFault {
    provider: "test",
    kind: FaultKind::Disconnected,
};

#[test]
fn a_stalled_model_is_asked_again_and_then_apologised_for() {
    let mut bench = Bench::new();
    bench.words = vec!["My knee hurts."];
    bench.speak(500);
    bench.silence(20_000);
    assert_eq!(bench.requests().len(), 2);
    let spoken = bench.spoken(0);
    assert!(spoken.starts_with("One moment, please. I'm sorry"), "{spoken}");
    let statuses = bench.sent(0).filter_map(|e| match e {
        ServerEventKind::ResponseDone { response } => Some(response.status),
        _ => None,
    });
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        [ResponseStatus::Failed, ResponseStatus::Completed]
    );
}

#[test]
fn a_model_that_fails_once_is_not_noticed() {
    let mut bench = Bench::new();
    bench.create_response();
    let generation = bench.log.iter().find_map(|(_, output)| match output {
        Output::Generate { generation, .. } => Some(*generation),
        _ => None,
    });
    bench.model = vec![text("How are you today?")];
    bench.handle(Input::Model {
        generation: generation.expect("asked"),
        event: Err(FAULT),
    });
    bench.pass(Duration::from_secs(3));
    assert_eq!(bench.spoken(0), "How are you today?");
}

#[test]
fn a_transcriber_that_never_answers_is_apologised_for() {
    let mut bench = Bench::new();
    bench.speak(500);
    bench.silence(8_000);
    assert!(
        bench
            .sent(0)
            .any(|e| name(e) == "conversation.item.input_audio_transcription.failed")
    );
    assert!(
        bench
            .spoken(0)
            .starts_with("One moment, please. I'm sorry, I didn't catch that.")
    );
    let cancelled = |o: &Output| matches!(o, Output::Transcribe(TranscribeCommand::Cancel { .. }));
    assert!(bench.log.iter().any(|(_, o)| cancelled(o)));
}

#[test]
fn a_synthesiser_that_breaks_off_is_replaced_at_the_first_word_not_spoken() {
    let mut bench = Bench::new();
    bench.synthesis = false;
    bench.model = vec![text("One two three four five six.")];
    bench.create_response();
    let Some(epoch) = bench.log.iter().find_map(|(_, output)| match output {
        Output::Speak(SpeakCommand::Segment { epoch, .. }) => Some(*epoch),
        _ => None,
    }) else {
        panic!("a segment is to be spoken")
    };
    for _ in 0..30 {
        let data = Bytes::from_static(&[0; 960]);
        let event = SynthesisEvent::Audio {
            segment: 0,
            data,
            duration: Duration::from_millis(20),
        };
        bench.handle(Input::Synthesis {
            epoch,
            event: Ok(event),
        });
    }
    bench.pass(Duration::from_millis(400));
    let mark = bench.mark();
    bench.synthesis = true;
    bench.handle(Input::Synthesis {
        epoch,
        event: Err(FAULT),
    });
    bench.pass(Duration::from_secs(4));
    // 600 ms were sent: at a cautious pace, "One" was spoken.
    assert_eq!(bench.spoken(mark), " two three four five six.");
    let transcript = bench.sent(0).find_map(|e| match e {
        ServerEventKind::ResponseOutputAudioTranscriptDone { transcript, .. } => Some(transcript.clone()),
        _ => None,
    });
    assert_eq!(
        transcript.as_deref(),
        Some("One two three four five six."),
        "captions are not repeated"
    );
}

#[test]
fn without_any_synthesiser_the_response_fails_and_its_words_are_shown() {
    let mut bench = Bench::new();
    bench.synthesis = false;
    bench.model = vec![text("One two three.")];
    bench.create_response();
    bench.pass(Duration::from_secs(10));
    let (status, transcript) = bench
        .sent(0)
        .find_map(|e| match e {
            ServerEventKind::ResponseDone { response } => Some((response.status, response.output.clone())),
            _ => None,
        })
        .expect("the response ends");
    assert_eq!(status, ResponseStatus::Failed);
    assert!(format!("{transcript:?}").contains("One two three."));
}
