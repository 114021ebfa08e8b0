//! Consultations that another model has led so far: what is gone on with, and what is left alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

mod scripted;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{Finish, Message, ToolChoice};

use scripted::{Consultation, Said, end_tool, intake};

/// A consultation that another model has led so far: what it said and what the patient said, in turn.
fn led_by_another(lines: &[(&str, &str)]) -> Consultation {
    let mut c = Consultation::new(intake());
    for (heard, said) in lines {
        c.request.messages.push(Message::Assistant {
            heard: (*heard).into(),
            complete: true,
            tag: None,
        });
        c.says(said);
    }
    c
}

#[test]
fn a_consultation_of_another_model_is_gone_on_with() {
    let mut c = led_by_another(&[(
        "Hi, I'm your assistant. How can I help you today?",
        "My knee hurts.",
    )]);
    let next = c.hears();
    assert_eq!(next.kind(), "onset");
    assert!(!next.text.contains("Hello"), "{}", next.text);
    c.table(&[("Two weeks ago", "course", "")]);

    // What was asked and answered in other words is not asked again.
    let mut c = led_by_another(&[
        ("How can I help you today?", "I have a cough."),
        ("I see. When did it start?", "Last Monday."),
        (
            "And are you getting worse or getting better?",
            "It's getting worse.",
        ),
    ]);
    assert_eq!(c.hears().kind(), "danger-signs");
}

#[test]
fn an_answer_to_a_question_that_is_not_ours_is_written_nowhere() {
    let mut c = led_by_another(&[
        ("Hello. May I have your full name?", "My name is Ann Smith."),
        ("Thank you, Ann. How many children have you got?", "Three."),
    ]);
    c.request.tools = vec![end_tool()];
    c.request.tool_choice = ToolChoice::Function("end_consultation".into());
    let calls = Said::of(c.model.answer(&c.request)).calls;
    let report: serde_json::Value = serde_json::from_str(&calls[0].1).unwrap();
    assert_eq!(report["answers"], serde_json::json!({}));
    c.request.tool_choice = ToolChoice::None;
    let next = c.hears();
    assert_eq!(next.kind(), "complaint");
    assert!(
        next.text.starts_with("What brings you in today?"),
        "{}",
        next.text
    );
}

#[test]
fn a_part_of_the_question_about_danger_does_not_answer_it() {
    let mut c = led_by_another(&[
        ("How can I help you today?", "I feel weak."),
        ("When did this start?", "Yesterday."),
        ("Is it getting worse?", "It is getting worse."),
        ("Do you have any chest pain?", "No."),
    ]);
    assert_eq!(c.hears().kind(), "danger-signs");
}

#[test]
fn an_answer_that_another_model_began_is_ended_cleanly() {
    let continued = |said: &str| {
        let mut c = led_by_another(&[("How can I help you today?", "My knee hurts.")]);
        c.request.continues = Some(said.into());
        Said::of(c.model.answer(&c.request))
    };
    // A sentence that broke off is left behind; the question that follows is known to be heard only after it.
    let said = continued("I'm sorry to hear that, it must be");
    assert_eq!(said.text, " Good, let's go on. When did this start?");
    assert_eq!(said.tag.as_deref(), Some("ask/onset/12"));
    let said = continued("I'm sorry to hear that.");
    assert_eq!(said.text, " When did this start?");
    assert_eq!(said.tag.as_deref(), Some("ask/onset/5"));
    // A filler is no answer yet.
    let said = continued("One moment, please.");
    assert_eq!(said.text, " Thank you. When did this start?");
    // A question was asked: there is nothing to add.
    let said = continued("I'm sorry to hear that. Which knee is it?");
    assert_eq!(
        (said.text.as_str(), said.tag, said.finish),
        ("", None, Some(Finish::Stop))
    );
}

#[test]
fn an_emergency_is_said_whole_and_once() {
    let mut c = led_by_another(&[(
        "How can I help you today?",
        "I have crushing chest pain right now",
    )]);
    let sentence = Protocol::general_intake()
        .unwrap()
        .emergency_sentence("en-US")
        .to_owned();
    c.request.continues = Some("I see, and since".into());
    let said = Said::of(c.model.answer(&c.request)).text;
    assert!(said.ends_with(&sentence), "{said}");
    c.request.continues = Some(sentence);
    assert_eq!(Said::of(c.model.answer(&c.request)).text, "");
}
