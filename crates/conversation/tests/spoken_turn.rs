//! A spoken turn from the first word of the patient to the last sample of the answer.

mod support;

use std::time::Duration;

use bedside_conversation::context::{Message, ModelEvent};
use bedside_conversation::io::{
    FaultKind, Input, Output, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId,
};
use bedside_protocol::{
    ClientEventKind, SemanticVad, ServerEventKind, ServerVad, SessionPatch, TurnDetection,
};
use support::{Bench, name, text};

const ANSWER: &str = "How long has it been hurting you?";

#[test]
fn a_spoken_turn_gives_the_standard_events_in_order() {
    let mut bench = Bench::new();
    bench.words = vec!["My knee hurts."];
    bench.model = vec![text(ANSWER)];
    let mark = bench.mark();
    bench.speak(1_000);
    bench.silence(4_000);
    assert_eq!(
        bench.events_since(mark),
        [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.completed",
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "output_audio_buffer.started",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
            "bedside.turn.metrics",
            "output_audio_buffer.stopped",
        ]
    );
    assert_eq!(
        bench.requests().len(),
        1,
        "the speculative request is the only one"
    );
    assert_eq!(
        bench.requests()[0].messages,
        [Message::User {
            text: "My knee hurts.".into()
        }]
    );
}

#[test]
fn the_model_starts_before_the_turn_is_sure_to_be_over_and_is_discarded_if_the_patient_goes_on() {
    let mut bench = Bench::new();
    bench.words = vec!["My knee hurts."];
    bench.speak(600);
    bench.silence(300);
    assert_eq!(bench.requests().len(), 1);
    let mark = bench.mark();
    bench.speak(600);
    let discarded = bench.log[mark..]
        .iter()
        .any(|(_, o)| matches!(o, Output::CancelGeneration(_)));
    assert!(discarded && !bench.sent(mark).any(|e| name(e) == "response.created"));
    bench.model = vec![text(ANSWER)];
    bench.silence(4_000);
    assert_eq!(bench.requests().len(), 2);
    assert_eq!(bench.spoken(0), ANSWER);
}

#[test]
fn semantic_detection_answers_a_finished_turn_at_once_and_waits_for_an_unfinished_one() {
    for (finished, at_most_ms, at_least_ms) in [
        (Some(0.95), 300, 200),
        (Some(0.02), 4_100, 3_500),
        (None, 900, 700),
    ] {
        let mut bench = Bench::with_turns(Some(TurnDetection::SemanticVad(SemanticVad::default())));
        bench.finished = finished;
        bench.words = vec!["I take, um"];
        bench.speak(1_000);
        let spoke_until = bench.now;
        bench.silence(5_000);
        let stopped = bench.log.iter().find(|(_, output)| {
            matches!(output, Output::Send(e) if name(&e.kind) == "input_audio_buffer.speech_stopped")
        });
        let waited = stopped.expect("the turn ends").0.since(spoke_until).as_millis();
        assert!(
            (at_least_ms..=at_most_ms).contains(&waited),
            "{finished:?}: {waited} ms"
        );
    }
}

#[test]
fn audio_is_never_more_than_400_ms_ahead_of_the_client() {
    let mut bench = Bench::new();
    bench.words = vec!["My knee hurts."];
    bench.model = vec![text(&"Please tell me more about it. ".repeat(10))];
    bench.speak(500);
    bench.silence(20_000);
    let mut plays_until = None;
    for (at, output) in &bench.log {
        if let Output::SendAudio(audio) = output {
            let ends = plays_until.map_or(*at, |ends: bedside_conversation::time::Time| ends.max(*at))
                + audio.duration;
            assert!(ends.since(*at) <= Duration::from_millis(400), "at {at:?}");
            plays_until = Some(ends);
        }
    }
    assert_eq!(bench.audio_sent(0), Duration::from_millis(6 * 10 * 300));
}

#[test]
fn words_without_meaning_get_no_answer() {
    let mut bench = Bench::new();
    bench.words = vec![""];
    bench.speak(400);
    bench.silence(2_000);
    assert!(bench.sent(0).any(|e| name(e) == "input_audio_buffer.committed"));
    assert!(!bench.sent(0).any(|e| name(e) == "response.created"));
}

#[test]
fn without_automatic_responses_the_client_asks() {
    let vad = ServerVad {
        create_response: false,
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.words = vec!["My knee hurts."];
    bench.speak(500);
    bench.silence(1_000);
    assert!(bench.requests().is_empty());
    bench.model = vec![text(ANSWER)];
    bench.create_response();
    bench.pass(Duration::from_secs(4));
    assert!(
        bench
            .sent(0)
            .any(|e| matches!(e, ServerEventKind::ResponseDone { .. }))
    );
}

#[test]
fn an_emergency_is_answered_at_once_without_the_model() {
    let mut bench = Bench::new();
    bench.words = vec!["I have chest pain and I can't breathe."];
    bench.speak(1_500);
    bench.silence(4_000);
    assert!(bench.requests().is_empty());
    assert!(bench.sent(0).any(|e| name(e) == "bedside.escalation"));
    assert_eq!(bench.spoken(0), support::EMERGENCY);
}

#[test]
fn an_emergency_that_only_the_model_sees_is_reported_once() {
    let mut bench = Bench::new();
    bench.words = vec!["Yes."];
    let mut escalation = text("Please call 911 now.");
    escalation.insert(0, ModelEvent::Tag("escalation/danger-signs".into()));
    bench.model = vec![escalation.clone(), escalation];
    for _ in 0..2 {
        bench.speak(500);
        bench.silence(4_000);
    }
    let told: Vec<_> = bench
        .sent(0)
        .filter(|e| name(e) == "bedside.escalation")
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_long_silence_of_the_patient_is_a_turn_when_the_client_wants_it() {
    let vad = ServerVad {
        idle_timeout_ms: Some(6_000),
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.model = vec![text(ANSWER), text("Are you still there?")];
    bench.create_response();
    bench.silence(4_000);
    let mark = bench.mark();
    bench.silence(5_000);
    let events = bench.events_since(mark);
    assert_eq!(
        events[..2],
        [
            "input_audio_buffer.timeout_triggered",
            "input_audio_buffer.committed"
        ]
    );
    assert_eq!(
        bench.requests()[1].messages.last(),
        Some(&Message::User { text: String::new() })
    );
}

#[test]
fn an_emergency_does_not_wait_for_the_client_to_ask() {
    let vad = ServerVad {
        create_response: false,
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.words = vec!["I have chest pain and I can't breathe."];
    bench.speak(1_500);
    bench.silence(2_000);
    assert_eq!(bench.spoken(0), support::EMERGENCY);
}

#[test]
fn a_noise_does_not_end_the_wait_for_the_patient() {
    let vad = ServerVad {
        idle_timeout_ms: Some(6_000),
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.model = vec![text(ANSWER), text("Are you still there?")];
    bench.create_response();
    bench.silence(4_000);
    bench.words = vec![""];
    bench.speak(128);
    bench.silence(8_000);
    assert_eq!(bench.requests().len(), 2);
}

#[test]
fn an_answer_begun_too_early_is_not_used_once_the_session_has_changed() {
    let mut bench = Bench::new();
    bench.words = vec!["My knee hurts."];
    bench.speak(600);
    bench.silence(300);
    bench.client(ClientEventKind::SessionUpdate {
        session: Box::new(SessionPatch {
            instructions: Some("Be brief.".into()),
            ..SessionPatch::default()
        }),
    });
    bench.silence(1_000);
    let instructions: Vec<_> = bench.requests().iter().map(|r| r.instructions.clone()).collect();
    assert_eq!(instructions, ["", "Be brief."]);
}

#[test]
fn a_failing_transcriber_is_not_asked_again_and_again() {
    let mut bench = Bench::new();
    bench.speak(600);
    bench.silence(230);
    let fault = StageFault {
        provider: "test",
        kind: FaultKind::Overloaded,
    };
    let event = TranscriptEvent::Failed { attempt: 1, fault };
    bench.handle(Input::Transcript {
        utterance: UtteranceId(1),
        event,
    });
    bench.silence(1_000);
    let asked = |o: &Output| matches!(o, Output::Transcribe(TranscribeCommand::Finish { .. }));
    assert_eq!(bench.log.iter().filter(|(_, o)| asked(o)).count(), 2);
}

#[test]
fn the_deliberate_wait_is_told_from_what_the_engine_costs() {
    let mut bench = Bench::with_turns(Some(TurnDetection::SemanticVad(SemanticVad::default())));
    bench.words = vec!["My knee hurts."];
    bench.model = vec![text(ANSWER)];
    bench.speak(1_000);
    bench.silence(4_000);
    let metrics = bench.sent(0).find_map(|event| match event {
        ServerEventKind::BedsideTurnMetrics(metrics) => Some(metrics.clone()),
        _ => None,
    });
    let metrics = metrics.expect("every answered turn is accounted for");
    // Silence is judged in windows of 32 ms, and the models here take no time on the clock.
    assert_eq!(metrics.wait_ms, Some(224.0));
    assert_eq!(metrics.voice_to_voice, Some(224.0));
    assert_eq!(metrics.engine_ms, Some(0.0));
}

#[test]
fn the_same_inputs_give_the_same_outputs() {
    let run = || {
        let mut bench = Bench::new();
        bench.words = vec!["My knee hurts."];
        bench.model = vec![text(ANSWER), text(ANSWER)];
        bench.speak(700);
        bench.silence(900);
        bench.speak(700);
        bench.silence(3_000);
        bench.log
    };
    assert_eq!(run(), run());
}
