//! The patient speaks over an answer.

mod support;

use std::time::Duration;

use bedside_conversation::context::Message;
use bedside_conversation::io::Output;
use bedside_protocol::{ClientEventKind, ResponseStatus, ServerEventKind, ServerVad, TurnDetection};
use support::{Bench, name, text};

const ANSWER: &str = "One two three four five six seven. Eight nine ten eleven twelve thirteen.";

/// A bench in the middle of an answer: `ms` after its first sample.
fn answering(ms: u64) -> Bench {
    let mut bench = Bench::new();
    bench.model = vec![text(ANSWER)];
    bench.create_response();
    bench.silence(ms);
    bench
}

#[test]
fn audio_stops_with_the_onset_and_the_answer_with_the_interruption() {
    let mut bench = answering(1_000);
    bench.words = vec!["Wait, what?"];
    bench.speak(64);
    let mark = bench.mark();
    bench.speak(600);
    assert_eq!(bench.audio_sent(mark), Duration::ZERO);
    assert_eq!(
        bench.events_since(mark)[..8],
        [
            "input_audio_buffer.speech_started",
            "output_audio_buffer.cleared",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
        ]
    );
    let truncated = bench.sent(mark).find_map(|event| match event {
        ServerEventKind::ConversationItemTruncated { audio_end_ms, .. } => Some(*audio_end_ms),
        _ => None,
    });
    // 1,000 ms in, plus the onset and its confirmation, less than the 400 ms that were ahead.
    assert!(matches!(truncated, Some(1_200..=1_330)), "{truncated:?}");
}

#[test]
fn the_model_knows_what_was_heard_to_the_word() {
    let mut bench = answering(1_000);
    bench.words = vec!["Wait, what?"];
    bench.speak(700);
    bench.silence(1_000);
    let messages = &bench.requests()[1].messages;
    let Message::Assistant { heard, complete, .. } = &messages[0] else {
        panic!("{messages:?}")
    };
    assert_eq!((heard.as_str(), *complete), ("One two three four", false));
    assert_eq!(
        messages[1],
        Message::User {
            text: "Wait, what?".into()
        }
    );
}

#[test]
fn a_cough_pauses_the_answer_and_nothing_is_lost() {
    let mut bench = answering(1_000);
    bench.words = vec![""];
    let mark = bench.mark();
    bench.speak(128);
    bench.silence(6_000);
    assert!(
        !bench
            .sent(mark)
            .any(|e| name(e) == "input_audio_buffer.speech_started")
    );
    assert_eq!(bench.audio_sent(0), Duration::from_millis(13 * 300));
    let done = bench.sent(mark).find_map(|event| match event {
        ServerEventKind::ResponseDone { response } => Some(response.status),
        _ => None,
    });
    assert_eq!(done, Some(ResponseStatus::Completed));
}

#[test]
fn a_short_word_is_told_from_a_cough_by_what_it_says() {
    let mut bench = answering(1_000);
    bench.words = vec!["Stop!"];
    let mark = bench.mark();
    bench.speak(192);
    bench.silence(300);
    assert!(
        bench
            .events_since(mark)
            .contains(&"input_audio_buffer.speech_started".to_owned())
    );
    assert_eq!(bench.audio_sent(mark), Duration::ZERO);
    bench.silence(1_000);
    assert_eq!(
        bench.requests()[1].messages.last(),
        Some(&Message::User { text: "Stop!".into() })
    );
}

#[test]
fn an_unclear_short_sound_does_not_hold_the_answer_for_long() {
    let mut bench = answering(1_000);
    bench.speak(128);
    bench.silence(800);
    let mark = bench.mark();
    bench.silence(200);
    assert!(
        bench.audio_sent(mark) > Duration::ZERO,
        "the transcriber said nothing, and the answer goes on"
    );
}

#[test]
fn an_answer_goes_on_if_the_client_stops_sending_in_the_middle_of_a_sound() {
    let mut bench = answering(1_000);
    bench.speak(96);
    let mark = bench.mark();
    bench.pass(Duration::from_millis(1_800));
    assert!(bench.audio_sent(mark) > Duration::ZERO);
}

#[test]
fn a_sound_of_listening_lets_the_answer_go_on_with_what_was_not_heard() {
    let mut bench = answering(1_000);
    bench.words = vec!["Mm-hm."];
    let mark = bench.mark();
    bench.speak(500);
    bench.silence(8_000);
    assert_eq!(bench.requests().len(), 1, "the model is not asked again");
    assert_eq!(
        bench.spoken(mark),
        ANSWER,
        "the clause it broke off in is said again, then the rest"
    );
    bench.words = vec!["Thank you."];
    bench.speak(500);
    bench.silence(1_000);
    let last = bench.requests().last().map(|r| r.messages.len());
    assert_eq!(
        last,
        Some(3),
        "heard beginning, heard rest, and the thanks: the sound is no turn"
    );
}

#[test]
fn an_interruption_that_means_something_ends_the_answer() {
    let mut bench = answering(1_000);
    bench.words = vec!["No, it's the other knee."];
    bench.model = vec![text("I see, the other knee.")];
    let mark = bench.mark();
    bench.speak(700);
    bench.silence(4_000);
    assert_eq!(bench.spoken(mark), "I see, the other knee.");
}

#[test]
fn no_audio_of_an_interrupted_answer_is_ever_sent_even_if_the_synthesiser_is_late() {
    let mut bench = Bench::new();
    bench.synthesis = false;
    bench.model = vec![text(ANSWER)];
    bench.create_response();
    let Some((epoch, segment, words)) = bench.log.iter().find_map(|(_, output)| match output {
        Output::Speak(bedside_conversation::io::SpeakCommand::Segment { epoch, segment, text }) => {
            Some((*epoch, *segment, text.clone()))
        }
        _ => None,
    }) else {
        panic!("a segment is to be spoken")
    };
    bench.words = vec!["Stop."];
    bench.speak(700);
    bench.synthesise(epoch, segment, &words);
    bench.silence(2_000);
    assert_eq!(bench.audio_sent(0), Duration::ZERO);
}

#[test]
fn a_client_that_forbids_interruptions_hears_the_answer_to_its_end() {
    let vad = ServerVad {
        interrupt_response: false,
        ..ServerVad::default()
    };
    let mut bench = Bench::with_turns(Some(TurnDetection::ServerVad(vad)));
    bench.model = vec![text(ANSWER), text("And now?")];
    bench.create_response();
    bench.silence(500);
    bench.words = vec!["Wait."];
    bench.speak(700);
    bench.silence(8_000);
    assert_eq!(bench.spoken(0), format!("{ANSWER}And now?"));
}

#[test]
fn the_clients_word_on_what_was_played_replaces_the_estimate() {
    let mut bench = answering(1_300);
    let item_id = bench.sent(0).find_map(|event| match event {
        ServerEventKind::ResponseOutputItemAdded { item, .. } => Some(item.id.clone()),
        _ => None,
    });
    let item_id = item_id.expect("an item was added");
    bench.client(ClientEventKind::ResponseCancel { response_id: None });
    let truncate = |ms| ClientEventKind::ConversationItemTruncate {
        item_id: item_id.clone(),
        content_index: 0,
        audio_end_ms: ms,
    };
    bench.client(truncate(700));
    bench.create_response();
    let messages = &bench.requests()[1].messages;
    assert_eq!(
        *messages,
        [Message::Assistant {
            heard: "One two".into(),
            complete: false,
            tag: None
        }]
    );
    let mark = bench.mark();
    bench.client(truncate(60_000));
    assert_eq!(bench.events_since(mark), ["error"]);
}
