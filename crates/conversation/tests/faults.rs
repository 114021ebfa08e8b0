//! A stage fails or stalls: the patient hears an answer or an apology, and the session goes on.

mod support;

use std::time::Duration;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::{
    FaultKind, Input, Output, SpeakCommand, StageFault, SynthesisEvent, TranscribeCommand,
};
use bedside_conversation::service::{ChangeReason, ProviderChange, ProviderUse, Stage, Unit};
use bedside_protocol::{ItemStatus, ResponseStatus, ServerEventKind};
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

fn generation(bench: &Bench) -> bedside_conversation::io::GenerationId {
    let asked = bench.log.iter().rev().find_map(|(_, output)| match output {
        Output::Generate { generation, .. } => Some(*generation),
        _ => None,
    });
    asked.expect("a model was asked")
}

#[test]
fn another_model_goes_on_where_one_broke_off_and_the_client_is_told_who() {
    let mut bench = Bench::new();
    bench.create_response();
    let first = generation(&bench);
    bench.say(first, ModelEvent::ServedBy("first"));
    bench.say(
        first,
        ModelEvent::TextDelta("Where does it hurt? When did it be".into()),
    );
    let fault = StageFault {
        provider: "first",
        kind: FaultKind::Disconnected,
    };
    bench.handle(Input::Model {
        generation: first,
        event: Err(fault),
    });
    let request = bench.requests()[1].clone();
    assert_eq!(
        request.continues.as_deref(),
        Some("Where does it hurt? When did it")
    );
    assert_eq!(request.avoid, ["first"]);
    assert_eq!(request.messages, [], "what is being said is told but once");
    let second = generation(&bench);
    bench.say(second, ModelEvent::ServedBy("second"));
    for event in text(" begin?") {
        bench.say(second, event);
    }
    bench.pass(Duration::from_secs(5));
    assert_eq!(bench.spoken(0), "Where does it hurt? When did it begin?");
    let changes: Vec<_> = bench
        .sent(0)
        .filter_map(|event| match event {
            ServerEventKind::BedsideProviderChanged(change) => {
                Some((change.from.as_str(), change.to.as_str(), change.reason.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(changes, [("first", "second", "disconnected")]);
}

#[test]
fn calls_of_a_model_that_broke_off_are_not_made() {
    let mut bench = Bench::new();
    bench.create_response();
    let first = generation(&bench);
    bench.say(
        first,
        ModelEvent::ToolCallStart {
            call_id: "c".into(),
            name: "note".into(),
        },
    );
    bench.model = vec![text("I see.")];
    bench.handle(Input::Model {
        generation: first,
        event: Err(FAULT),
    });
    bench.pass(Duration::from_secs(2));
    let output = bench.sent(0).find_map(|event| match event {
        ServerEventKind::ResponseDone { response } => Some(response.output.clone()),
        _ => None,
    });
    let statuses: Vec<_> = output.iter().flatten().map(|item| item.status).collect();
    assert_eq!(statuses, [ItemStatus::Incomplete, ItemStatus::Completed]);
    assert_eq!(bench.requests()[1].messages, []);
}

#[test]
fn a_handover_a_chain_has_told_is_not_told_again() {
    let mut bench = Bench::new();
    let change = ProviderChange {
        stage: Stage::Transcription,
        from: "first",
        to: "second",
        reason: ChangeReason::CircuitOpen,
    };
    for _ in 0..2 {
        bench.handle(Input::ProviderChanged(change));
    }
    let told = bench
        .sent(0)
        .filter(|event| name(event) == "bedside.provider.changed");
    assert_eq!(told.count(), 1);
}

#[test]
fn a_voice_is_replaced_twice_and_those_that_failed_are_avoided() {
    let mut bench = Bench::new();
    bench.synthesis = false;
    bench.model = vec![text("One two three.")];
    bench.create_response();
    for provider in ["first", "second", "third"] {
        let epoch = bench.log.iter().rev().find_map(|(_, output)| match output {
            Output::Speak(SpeakCommand::Open { epoch, .. }) => Some(*epoch),
            _ => None,
        });
        let kind = FaultKind::Overloaded;
        bench.handle(Input::Synthesis {
            epoch: epoch.expect("a voice is open"),
            event: Err(StageFault { provider, kind }),
        });
    }
    let avoided: Vec<_> = bench
        .log
        .iter()
        .filter_map(|(_, output)| match output {
            Output::Speak(SpeakCommand::Open { avoid, .. }) => Some(avoid.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(avoided, [vec![], vec!["first"], vec!["first", "second"]]);
}

#[test]
fn what_providers_did_is_told_with_the_response_it_was_done_for() {
    let mut bench = Bench::new();
    let used = |stage, unit, quantity, price_micros| {
        Input::Used(ProviderUse {
            stage,
            provider: "test",
            unit,
            quantity,
            price_micros,
        })
    };
    bench.handle(used(Stage::Transcription, Unit::AudioSeconds, 2.5, Some(200)));
    bench.model = vec![text("One two three.")];
    bench.create_response();
    bench.handle(used(Stage::Synthesis, Unit::Characters, 14.0, None));
    bench.pass(Duration::from_secs(3));
    bench.handle(used(Stage::Model, Unit::OutputTokens, 4.0, Some(50)));
    let spending = bench.sent(0).find_map(|event| match event {
        ServerEventKind::ResponseDone { response } => response.usage.clone()?.bedside,
        _ => None,
    });
    let spending = spending.expect("the response tells what it took");
    assert_eq!((spending.cost, spending.by.len()), (0.000_2, 2));
    assert_eq!(bench.core.spent().micros(), 250);
}
