//! Whole consultations with the scripted model: what the patient says, what is asked next, what is recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

mod scripted;

use std::sync::Arc;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{Finish, Message, Tool, ToolChoice};
use bedside_providers::scripted::ScriptedModel;

use scripted::{Consultation, Said, end_tool, follow_up, intake};

#[test]
fn a_plain_intake_from_greeting_to_summary() {
    let mut c = Consultation::new(intake());
    let first = c.hears();
    assert_eq!(first.kind(), "complaint");
    assert!(first.text.starts_with("Hello") && first.text.ends_with("What brings you in today?"));
    c.table(&[
        (
            "My knee has been bothering me.",
            "onset",
            "Thank you. When did this start?",
        ),
        ("About two weeks ago", "course", "All right."),
        ("It's getting worse I think", "danger-signs", ""),
        ("No, none of that.", "pain", ""),
        ("Yeah, it does hurt", "pain-score", "zero to ten"),
        ("Six or seven", "other-symptoms", ""),
        ("No, nothing else", "conditions", ""),
        ("I have asthma", "medicines", ""),
        ("An albuterol inhaler and ibuprofen", "allergies", ""),
        ("Penicillin gives me a rash.", "anything-else", ""),
        (
            "No, that's it.",
            "close",
            "You told me, in your own words: My knee has been bothering me.",
        ),
    ]);
    let Message::Assistant { heard, .. } = c.request.messages.last().unwrap() else {
        panic!()
    };
    for recorded in [
        "you said About two weeks ago.",
        "It is getting worse.",
        "You rated your pain 7 out of ten.",
        "About long-term conditions, you said: I have asthma.",
        "Your medicines: albuterol inhaler and ibuprofen.",
        "About allergies, you said: Penicillin gives me a rash.",
    ] {
        assert!(heard.contains(recorded), "{recorded:?} not in {heard:?}");
    }
    assert!(!heard.contains("And you wanted"));
    c.table(&[
        ("Oh, and my elbow too", "-", "stays with the record"),
        ("Can you repeat that?", "-", "My knee has been bothering me"),
        ("Thank you, bye", "-", "Goodbye"),
    ]);
}

#[test]
fn what_is_volunteered_is_not_asked_again() {
    let mut c = Consultation::new(intake());
    c.hears();
    c.table(&[
        (
            "I've had a headache for about a week, it's about six out of ten, and I take ibuprofen",
            "course",
            "better, getting worse",
        ),
        ("It comes and goes", "danger-signs", ""),
        ("no", "other-symptoms", ""),
        ("none", "conditions", ""),
        ("none", "allergies", ""),
        ("no allergies", "anything-else", ""),
        ("no", "close", "You rated your pain 6 out of ten. "),
    ]);
    let Message::Assistant { heard, .. } = c.request.messages.last().unwrap() else {
        panic!()
    };
    assert!(
        heard.contains("you said for about a week.") && heard.contains("Your medicines: ibuprofen."),
        "{heard}"
    );
    assert!(heard.contains("You named no allergies."), "{heard}");
}

#[test]
fn a_patient_who_speaks_first_is_greeted_and_not_asked_why_they_came() {
    let mut c = Consultation::new(intake());
    c.says("Hi, I have a rash on my arm.");
    let said = c.hears();
    assert_eq!(said.kind(), "onset");
    assert!(said.text.starts_with("Hello"));
    let mut c = Consultation::new(intake());
    c.table(&[(
        "Hello? Can you hear me?",
        "complaint",
        "Hello, I'm the automated assistant",
    )]);
}

#[test]
fn an_unclear_answer_is_asked_for_once_more_and_then_left() {
    let mut c = Consultation::new(intake());
    c.hears();
    c.table(&[
        ("A rash on my arm.", "onset", ""),
        (
            "It's complicated.",
            "onset!",
            "Sorry, I didn't quite get that. Roughly how long",
        ),
        ("Purple monkeys.", "course", "let's go on"),
        ("I don't know.", "danger-signs", "let's go on"),
        ("", "danger-signs!", ""),
    ]);
}

#[test]
fn requests_about_the_dialogue_are_obeyed() {
    let mut c = Consultation::new(intake());
    c.hears();
    c.table(&[
        ("A rash on my arm.", "onset", ""),
        (
            "Sorry, can you repeat that?",
            "onset?",
            "Of course. When did this start?",
        ),
        (
            "What do you mean?",
            "onset?",
            "Let me put it another way. Roughly",
        ),
        ("Stop.", "-", "I'll stop here"),
        ("Hmm.", "-", "I'll stop here"),
        (
            "Okay, let's continue",
            "onset",
            "Good, let's go on. When did this start?",
        ),
        ("yesterday", "course", ""),
        ("Goodbye", "-", "Goodbye"),
        ("Are you there?", "-", "stays with the record"),
    ]);
}

#[test]
fn a_pressure_follow_up_with_a_normal_reading() {
    let mut c = Consultation::new(follow_up());
    assert_eq!(c.hears().kind(), "feeling");
    c.table(&[
        ("Pretty good, thanks", "reading", ""),
        (
            "It was one twenty eight over eighty two this morning",
            "adherence",
            "",
        ),
        ("I missed a dose", "missed-why", ""),
        ("I just forgot", "side-effects", ""),
        ("A dry cough", "medicines", ""),
        ("Lisinopril, ten milligrams", "active-days", ""),
        ("Three days", "smoking", ""),
        ("I don't smoke", "anything-else", ""),
        (
            "no",
            "close",
            "Your last reading was 128 over 82, and about when, you said this morning.",
        ),
    ]);
    let Message::Assistant { heard, .. } = c.request.messages.last().unwrap() else {
        panic!()
    };
    for recorded in [
        "most days",
        "I just forgot",
        "A dry cough",
        "active in the past week: 3.",
        "You don't smoke.",
    ] {
        assert!(heard.contains(recorded), "{recorded:?} not in {heard:?}");
    }
}

#[test]
fn a_high_reading_asks_for_danger_signs_and_a_yes_escalates() {
    let mut c = Consultation::new(follow_up());
    c.hears();
    c.table(&[
        ("I'm okay", "reading", ""),
        ("190 over 110", "high-upper-figure", "That is a high reading"),
        ("Yes", "escalation/high-upper-figure", "911"),
        ("Okay", "-", "Please call the emergency number now"),
        (
            "What was the question?",
            "-",
            "Please call the emergency number now",
        ),
    ]);
    let mut c = Consultation::new(follow_up());
    c.hears();
    c.table(&[
        ("I'm okay", "reading", ""),
        ("150 over 125", "high-lower-figure", ""),
        ("No, none of these", "measured", ""),
        ("yesterday", "adherence", ""),
    ]);
    let mut c = Consultation::new(follow_up());
    c.hears();
    c.table(&[
        ("Fine", "reading", ""),
        ("I haven't measured it", "adherence", ""),
    ]);
}

#[test]
fn a_hedged_no_to_a_question_about_danger_is_not_taken_for_a_no() {
    let mut c = Consultation::new(intake());
    c.hears();
    c.table(&[
        ("My knee has been sore since Monday", "course", ""),
        ("worse", "danger-signs", ""),
        (
            "No, only a little weakness",
            "danger-signs!",
            "Please say yes or no.",
        ),
        ("Yes", "escalation/danger-signs", "911"),
    ]);
}

#[test]
fn a_red_flag_holds_the_questions() {
    let mut c = Consultation::new(intake());
    c.hears();
    c.says("I have chest pain");
    assert!(
        Said::of(c.model.answer(&c.request)).text.contains("911"),
        "said by the model if nobody else has"
    );
    c.request.messages.push(Message::Assistant {
        heard: "What you describe may be an emergency.".into(),
        complete: true,
        tag: None,
    });
    c.table(&[("Should I really?", "-", "Please call the emergency number now")]);
}

#[test]
fn a_protocol_may_go_on_after_an_escalation() {
    let text = include_str!("../../conversation/src/consultation/protocols/general-intake.toml");
    let protocol = Protocol::parse(&text.replace("then = \"hold\"", "then = \"continue\"")).unwrap();
    let mut c = Consultation::new(ScriptedModel::new(Arc::new(protocol)));
    c.hears();
    c.table(&[
        ("My chest hurts since Monday", "-", "911"),
        ("I already called them", "course", "better"),
    ]);
}

#[test]
fn a_question_that_was_not_heard_is_asked_again_without_the_greeting() {
    let mut c = Consultation::new(intake());
    c.hears_words(4);
    c.table(&[("Sorry, go on", "complaint", "What brings you in today?")]);
    let Message::Assistant { heard, .. } = c.request.messages.last().unwrap() else {
        panic!()
    };
    assert_eq!(heard, "What brings you in today?");

    c.says("A rash on my arm");
    c.hears_words(2);
    c.table(&[("It itches a lot", "onset", "When did this start?")]);
    c.says("last week");
    c.hears_words(5);
    c.table(&[("Worse", "danger-signs", "")]);
}

#[test]
fn silence_is_met_with_the_question_again() {
    let mut c = Consultation::new(intake());
    c.hears();
    let said = c.hears();
    assert_eq!(said.kind(), "complaint?");
    assert_eq!(said.text, "Are you still there? What brings you in today?");
}

#[test]
fn the_ending_calls_the_declared_function_once_with_the_answers() {
    let mut c = Consultation::new(follow_up());
    c.request.tools = vec![end_tool()];
    c.hears();
    c.says("Good. My blood pressure was 130 over 80 yesterday. Bye");
    c.says("Goodbye");
    let said = c.hears();
    let (name, arguments) = &said.calls[0];
    assert_eq!(name, "end_consultation");
    let arguments: serde_json::Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments["outcome"], "left");
    assert_eq!(arguments["answers"]["reading"]["systolic"], 130);
    c.request.messages.push(Message::ToolCall {
        call_id: "call_1".into(),
        name: name.clone(),
        arguments: String::new(),
    });
    c.request.messages.push(Message::ToolResult {
        call_id: "call_1".into(),
        output: "ok".into(),
    });
    let after = c.hears();
    assert!(after.calls.is_empty() && !after.text.is_empty());
}

#[test]
fn the_tool_choice_is_obeyed() {
    let other = Tool {
        name: "look_up".into(),
        ..end_tool()
    };
    let mut c = Consultation::new(intake());
    c.request.tools = vec![other, end_tool()];
    c.says("A rash on my arm");
    for (choice, expected) in [
        (ToolChoice::Required, Some("end_consultation")),
        (ToolChoice::Function("look_up".into()), Some("look_up")),
        (ToolChoice::Function("unknown".into()), None),
        (ToolChoice::None, None),
        (ToolChoice::Auto, None),
    ] {
        c.request.tool_choice = choice.clone();
        let said = Said::of(c.model.answer(&c.request));
        assert_eq!(
            said.calls.first().map(|(name, _)| name.as_str()),
            expected,
            "{choice:?}"
        );
        assert_eq!(said.text.is_empty(), expected.is_some(), "{choice:?}");
    }
    c.request.tool_choice = ToolChoice::Required;
    c.request.messages.push(Message::ToolResult {
        call_id: "call_1".into(),
        output: "ok".into(),
    });
    assert!(
        Said::of(c.model.answer(&c.request)).calls.is_empty(),
        "a returned result satisfies the demand"
    );
}

#[test]
fn a_token_limit_cuts_the_text() {
    let mut c = Consultation::new(intake());
    c.request.max_output_tokens = Some(5);
    let said = c.hears();
    assert_eq!(said.text.split_whitespace().count(), 5);
    assert_eq!(said.finish, Some(Finish::MaxTokens));
    c.request.max_output_tokens = None;
    c.table(&[("Hello", "complaint", "What brings you in today?")]);
}
