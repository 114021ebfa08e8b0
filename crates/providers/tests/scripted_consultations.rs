//! Whole consultations with the scripted model: what the patient says, what is asked next, what is recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::sync::Arc;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, Tool, ToolChoice};
use bedside_providers::scripted::ScriptedModel;

fn intake() -> ScriptedModel {
    ScriptedModel::new(Arc::new(Protocol::general_intake().unwrap()))
}

fn follow_up() -> ScriptedModel {
    ScriptedModel::new(Arc::new(Protocol::blood_pressure_follow_up().unwrap()))
}

fn end_tool() -> Tool {
    Tool {
        name: "end_consultation".into(),
        description: String::new(),
        parameters: serde_json::json!({}),
    }
}

#[derive(Debug, Default, Clone, PartialEq)]
struct Said {
    tag: Option<String>,
    text: String,
    calls: Vec<(String, String)>,
    finish: Option<Finish>,
}

impl Said {
    fn of(events: Vec<ModelEvent>) -> Self {
        let mut said = Self::default();
        for event in events {
            match event {
                ModelEvent::Tag(tag) => said.tag = Some(tag),
                ModelEvent::TextDelta(delta) => said.text.push_str(&delta),
                ModelEvent::ToolCallStart { name, .. } => said.calls.push((name, String::new())),
                ModelEvent::ToolCallArguments { delta, .. } => {
                    said.calls.last_mut().unwrap().1.push_str(&delta);
                }
                ModelEvent::ServedBy(_) => {}
                ModelEvent::Done { finish, .. } => said.finish = Some(finish),
            }
        }
        said
    }

    /// The question asked, or the kind of message: `onset`, `onset?` (again), `onset!` (rephrased), `close`, `-`.
    fn kind(&self) -> String {
        let Some(tag) = &self.tag else { return "-".into() };
        let parts: Vec<_> = tag.split('/').collect();
        match parts[..] {
            ["ask", id, _] => id.into(),
            ["again", id, _] => format!("{id}?"),
            ["rephrase", id, _] => format!("{id}!"),
            _ => tag.clone(),
        }
    }
}

/// A conversation in which the patient hears everything, unless told otherwise.
struct Consultation {
    model: ScriptedModel,
    request: ChatRequest,
}

impl Consultation {
    fn new(model: ScriptedModel) -> Self {
        let request = ChatRequest {
            instructions: String::new(),
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            max_output_tokens: None,
            vitals: None,
            continues: None,
            avoid: Vec::new(),
        };
        Self { model, request }
    }

    fn hears(&mut self) -> Said {
        let said = Said::of(self.model.answer(&self.request));
        let (heard, tag) = (said.text.clone(), said.tag.clone());
        self.request.messages.push(Message::Assistant {
            heard,
            complete: true,
            tag,
        });
        said
    }

    fn hears_words(&mut self, count: usize) -> Said {
        let said = Said::of(self.model.answer(&self.request));
        let heard = said.text.split_inclusive(' ').take(count).collect();
        self.request.messages.push(Message::Assistant {
            heard,
            complete: false,
            tag: said.tag.clone(),
        });
        said
    }

    fn says(&mut self, text: &str) {
        self.request.messages.push(Message::User { text: text.into() });
    }

    /// Patient line → kind of the next message and, where given, a piece of its text.
    fn table(&mut self, lines: &[(&str, &str, &str)]) {
        for (line, kind, piece) in lines {
            self.says(line);
            let said = self.hears();
            assert_eq!(said.kind(), *kind, "after {line:?}: {}", said.text);
            assert!(
                said.text.contains(piece),
                "after {line:?}: {piece:?} not in {:?}",
                said.text
            );
        }
    }
}

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
