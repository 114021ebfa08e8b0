//! The client loses its connection and comes back.

mod support;

use std::time::Duration;

use bedside_conversation::context::Message;
use bedside_conversation::io::{Input, Output};
use bedside_protocol::{
    ClientEventKind, ResponseStatus, ServerEventKind, ServerVad, StatusReason, TurnDetection,
};
use support::{Bench, text};

const ANSWER: &str = "One two three four five, six seven eight nine ten. Eleven twelve thirteen.";

/// A bench in the middle of an answer: `ms` after its first sample.
fn answering(ms: u64) -> Bench {
    let mut bench = Bench::new();
    bench.model = vec![text(ANSWER)];
    bench.create_response();
    bench.silence(ms);
    bench
}

fn back(repeat_unheard: bool, unreceived_ms: u64) -> Input {
    Input::ConnectionBack {
        repeat_unheard,
        unreceived: Duration::from_millis(unreceived_ms),
    }
}

fn truncations(bench: &Bench, mark: usize) -> Vec<u64> {
    let truncated = bench.sent(mark).filter_map(|event| match event {
        ServerEventKind::ConversationItemTruncated { audio_end_ms, .. } => Some(*audio_end_ms),
        _ => None,
    });
    truncated.collect()
}

fn has(bench: &Bench, mark: usize, name: &str) -> bool {
    bench.events_since(mark).iter().any(|event| event == name)
}

#[test]
fn an_answer_is_cut_at_what_was_heard_when_its_listener_is_gone() {
    let mut bench = answering(2_000);
    let mark = bench.mark();
    bench.handle(Input::ConnectionLost);
    bench.pass(Duration::from_secs(20));
    assert_eq!(bench.audio_sent(mark), Duration::ZERO);
    assert!(
        bench.log[mark..]
            .iter()
            .any(|(_, output)| *output == Output::DropAudio)
    );
    assert!(matches!(truncations(&bench, mark)[..], [2_000..=2_020]));
    let done = bench.sent(mark).find_map(|event| match event {
        ServerEventKind::ResponseDone { response } => Some(response.clone()),
        _ => None,
    });
    let done = done.expect("the response ends");
    assert_eq!(done.status, ResponseStatus::Cancelled);
    let reason = done.status_details.and_then(|details| details.reason);
    assert_eq!(reason, Some(StatusReason::ClientCancelled));
}

#[test]
fn the_rest_is_said_again_from_its_clause_if_that_is_wanted() {
    let mut bench = answering(2_000);
    bench.handle(Input::ConnectionLost);
    bench.pass(Duration::from_secs(5));
    let mark = bench.mark();
    bench.handle(back(true, 0));
    bench.silence(5_000);
    // Six words were heard; the sixth is the first of its clause.
    assert_eq!(
        bench.spoken(mark),
        "six seven eight nine ten. Eleven twelve thirteen."
    );
    assert_eq!(bench.requests().len(), 1, "no model is asked for it");
    assert_eq!(bench.audio_sent(mark), Duration::from_millis(8 * 300));
}

#[test]
fn nothing_is_said_again_unasked_and_the_model_knows_what_was_heard() {
    let mut bench = answering(2_000);
    bench.handle(Input::ConnectionLost);
    bench.pass(Duration::from_secs(5));
    let mark = bench.mark();
    bench.handle(back(false, 0));
    bench.silence(3_000);
    assert_eq!(bench.audio_sent(mark), Duration::ZERO);
    bench.words = vec!["Hello?"];
    bench.speak(600);
    bench.silence(1_500);
    assert_eq!(
        bench.requests()[1].messages,
        [
            Message::Assistant {
                heard: "One two three four five, six".into(),
                complete: false,
                tag: None
            },
            Message::User {
                text: "Hello?".into()
            },
        ]
    );
}

#[test]
fn audio_that_never_arrived_was_not_heard_even_of_an_answer_that_had_ended() {
    let mut bench = answering(6_000);
    let mark = bench.mark();
    assert!(has(&bench, 0, "output_audio_buffer.stopped"));
    bench.handle(Input::ConnectionLost);
    assert_eq!(
        truncations(&bench, mark),
        [0_u64; 0],
        "all of it seemed to be heard"
    );
    bench.handle(back(true, 1_500));
    bench.silence(200);
    assert_eq!(truncations(&bench, mark), [13 * 300 - 1_500]);
    assert_eq!(
        bench.spoken(mark),
        "six seven eight nine ten. Eleven twelve thirteen."
    );
}

#[test]
fn a_turn_that_has_ended_is_answered_and_the_answer_waits_for_its_listener() {
    let mut bench = Bench::new();
    bench.speak(600);
    bench.silence(600);
    bench.handle(Input::ConnectionLost);
    let mark = bench.mark();
    bench.model = vec![text("Where does it hurt?")];
    let finish = bench.log.iter().rev().find_map(|(_, output)| match output {
        Output::Transcribe(bedside_conversation::io::TranscribeCommand::Finish {
            utterance,
            attempt,
            ..
        }) => Some((*utterance, *attempt)),
        _ => None,
    });
    let (utterance, attempt) = finish.expect("its text is asked for");
    bench.transcribe(utterance, attempt, "It hurts.");
    bench.handle(Input::Tick);
    bench.pass(Duration::from_secs(8));
    assert!(has(&bench, mark, "response.created") && !has(&bench, mark, "response.done"));
    assert_eq!(bench.audio_sent(mark), Duration::ZERO);
    bench.handle(back(false, 0));
    bench.silence(3_000);
    assert_eq!(bench.audio_sent(mark), Duration::from_millis(4 * 300));
    assert_eq!(truncations(&bench, mark), [0_u64; 0]);
}

#[test]
fn a_turn_under_way_goes_on_when_audio_comes_again() {
    let mut bench = Bench::new();
    bench.words = vec!["My head hurts."];
    bench.model = vec![text("Since when?")];
    bench.speak(600);
    bench.handle(Input::ConnectionLost);
    bench.pass(Duration::from_secs(12));
    assert!(!has(&bench, 0, "input_audio_buffer.speech_stopped"));
    bench.handle(back(true, 0));
    bench.speak(300);
    bench.silence(1_000);
    let started = bench.events_since(0);
    let count = |name: &str| started.iter().filter(|event| *event == name).count();
    assert_eq!(count("input_audio_buffer.speech_started"), 1);
    assert_eq!(count("input_audio_buffer.committed"), 1);
    assert_eq!(bench.requests().len(), 1);
}

#[test]
fn an_absent_patient_is_not_silent_and_is_asked_after_their_return() {
    let vad = ServerVad {
        idle_timeout_ms: Some(6_000),
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.model = vec![text("Hello.")];
    bench.client(ClientEventKind::ResponseCreate {
        response: Box::default(),
    });
    bench.silence(1_000);
    bench.handle(Input::ConnectionLost);
    bench.pass(Duration::from_secs(25));
    assert!(!has(&bench, 0, "input_audio_buffer.timeout_triggered"));
    bench.handle(back(false, 0));
    bench.silence(5_900);
    assert!(!has(&bench, 0, "input_audio_buffer.timeout_triggered"));
    bench.silence(200);
    assert!(has(&bench, 0, "input_audio_buffer.timeout_triggered"));
}
