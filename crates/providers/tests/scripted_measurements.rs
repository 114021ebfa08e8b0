//! The scripted model measures the pulse where a camera can, and the dialogue follows what was measured.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::sync::Arc;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{ChatRequest, Message, ModelEvent, Tool, ToolChoice};
use bedside_conversation::scan::START_SCAN;
use bedside_providers::scripted::ScriptedModel;
use serde_json::json;

struct Consultation {
    model: ScriptedModel,
    request: ChatRequest,
}

/// What was said, which question it asked, and the calls made.
struct Said {
    text: String,
    question: String,
    calls: Vec<String>,
}

impl Consultation {
    fn new(protocol: Protocol, vitals: bool) -> Self {
        let tool = Tool {
            name: START_SCAN.into(),
            description: String::new(),
            parameters: json!({}),
        };
        Self {
            model: ScriptedModel::new(Arc::new(protocol)),
            request: ChatRequest {
                instructions: String::new(),
                messages: Vec::new(),
                tools: vitals.then_some(tool).into_iter().collect(),
                tool_choice: ToolChoice::Auto,
                max_output_tokens: None,
                vitals: None,
                continues: None,
                avoid: Vec::new(),
            },
        }
    }

    /// The follow-up on blood pressure, up to where the pulse is measured.
    fn at_the_pulse(vitals: bool) -> (Self, Said) {
        let mut c = Self::new(Protocol::blood_pressure_follow_up().unwrap(), vitals);
        c.hears();
        for line in ["I feel fine.", "It was 130 over 80."] {
            c.says(line);
        }
        let said = c.says("This morning.");
        (c, said)
    }

    fn says(&mut self, text: &str) -> Said {
        self.request.messages.push(Message::User { text: text.into() });
        self.hears()
    }

    fn measures(&mut self, output: &str) -> Said {
        let call_id = self
            .request
            .messages
            .iter()
            .rev()
            .find_map(|message| match message {
                Message::ToolCall { call_id, .. } => Some(call_id.clone()),
                _ => None,
            });
        self.request.messages.push(Message::ToolResult {
            call_id: call_id.expect("a call"),
            output: output.into(),
        });
        self.hears()
    }

    /// The next message, heard in full.
    fn hears(&mut self) -> Said {
        let said = self.answer();
        let (heard, tag) = (said.0.text.clone(), said.1.clone());
        if !heard.is_empty() {
            self.request.messages.push(Message::Assistant {
                heard,
                complete: true,
                tag,
            });
        }
        self.request.messages.extend(said.2);
        said.0
    }

    fn answer(&self) -> (Said, Option<String>, Vec<Message>) {
        let (mut text, mut tag, mut calls) = (String::new(), None, Vec::new());
        for event in self.model.answer(&self.request) {
            match event {
                ModelEvent::TextDelta(delta) => text.push_str(&delta),
                ModelEvent::Tag(own) => tag = Some(own),
                ModelEvent::ToolCallStart { call_id, name } => calls.push((call_id, name, String::new())),
                ModelEvent::ToolCallArguments { delta, .. } => calls.last_mut().unwrap().2.push_str(&delta),
                ModelEvent::ServedBy(_) | ModelEvent::Done { .. } => {}
            }
        }
        let question = tag
            .as_deref()
            .and_then(|tag| tag.split('/').nth(1))
            .unwrap_or_default();
        let said = Said {
            text,
            question: question.to_owned(),
            calls: calls.iter().map(|(_, name, _)| name.clone()).collect(),
        };
        let calls = calls
            .into_iter()
            .map(|(call_id, name, arguments)| Message::ToolCall {
                call_id,
                name,
                arguments,
            });
        (said, tag, calls.collect())
    }

    /// Answers everything that is left, and returns the closing.
    fn finishes(&mut self) -> String {
        for line in ["Every day.", "No.", "None.", "Three days.", "No, I don't smoke."] {
            self.says(line);
        }
        let said = self.says("No, that's all.");
        assert!(said.text.contains("Let me read back"), "{}", said.text);
        said.text
    }
}

#[test]
fn without_a_camera_nothing_is_measured_or_said_of_it() {
    let (mut c, said) = Consultation::at_the_pulse(false);
    assert_eq!(said.question, "adherence");
    assert!(!c.finishes().to_lowercase().contains("pulse"));
}

#[test]
fn the_pulse_is_measured_and_read_back() {
    let (mut c, said) = Consultation::at_the_pulse(true);
    assert_eq!(
        (said.question.as_str(), said.calls),
        ("pulse", vec![START_SCAN.to_owned()])
    );
    assert!(said.text.contains("look at the camera"));
    let said = c.measures(r#"{"status":"completed","heart_rate_bpm":71.6,"quality":0.8,"absent":{}}"#);
    assert_eq!(said.question, "adherence");
    assert!(said.calls.is_empty());
    let closing = c.finishes();
    assert!(
        closing.contains("Your pulse was 72 beats per minute."),
        "{closing}"
    );
    assert!(
        !closing.contains("breaths"),
        "what was not measured is not read back"
    );
}

#[test]
fn a_pulse_that_could_not_be_measured_is_said_to_be_so() {
    for output in [
        r#"{"status":"failed","reason":"no_video"}"#,
        r#"{"status":"completed","respiratory_rate_bpm":15.0,"absent":{"heart_rate":"moving"}}"#,
        r#"{"status":"completed","heart_rate_bpm":900}"#,
        "not even JSON",
    ] {
        let (mut c, _) = Consultation::at_the_pulse(true);
        let said = c.measures(output);
        assert_eq!(said.question, "adherence", "{output}");
        let closing = c.finishes();
        assert!(closing.contains("Your pulse could not be measured."), "{closing}");
        assert!(!closing.contains("beats per minute"), "{closing}");
    }
}

#[test]
fn a_fast_or_slow_pulse_is_asked_about() {
    for (rate, question) in [
        (119.4, "adherence"),
        (119.6, "fast-pulse"),
        (150.0, "fast-pulse"),
        (40.0, "adherence"),
        (39.4, "slow-pulse"),
    ] {
        let (mut c, _) = Consultation::at_the_pulse(true);
        let said = c.measures(&json!({"status": "completed", "heart_rate_bpm": rate}).to_string());
        assert_eq!(said.question, question, "at {rate}");
    }
    let (mut c, _) = Consultation::at_the_pulse(true);
    c.measures(r#"{"status":"completed","heart_rate_bpm":131.0}"#);
    let said = c.says("No, I feel fine.");
    assert_eq!(said.question, "adherence");
    assert!(c.finishes().contains("Because your pulse was fast"));
}

#[test]
fn symptoms_with_a_fast_pulse_are_an_emergency() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    c.measures(r#"{"status":"completed","heart_rate_bpm":131.0}"#);
    let said = c.says("Yes, I do.");
    assert!(said.text.contains("call 911"), "{}", said.text);
}

#[test]
fn a_patient_who_speaks_meanwhile_is_told_that_it_goes_on() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    for line in ["Okay.", "Like this?", "I don't know."] {
        let said = c.says(line);
        assert!(said.text.contains("still measuring"), "{}", said.text);
        assert!(said.calls.is_empty(), "one measurement is going on");
    }
    let said = c.measures(r#"{"status":"completed","heart_rate_bpm":64.0}"#);
    assert_eq!(said.question, "adherence");
}

#[test]
fn a_request_nobody_heard_is_made_again_without_measuring_twice() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    for message in &mut c.request.messages {
        if let Message::Assistant {
            heard,
            complete,
            tag: Some(tag),
        } = message
            && tag.contains("/pulse/")
        {
            heard.clear();
            *complete = false;
        }
    }
    let said = c.says("Sorry, what was that about my medicine?");
    assert_eq!(said.question, "pulse");
    assert!(said.calls.is_empty());
    assert_eq!(
        c.measures(r#"{"status":"completed","heart_rate_bpm":64.0}"#)
            .question,
        "adherence"
    );
}

#[test]
fn a_result_after_the_patient_left_changes_nothing() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    c.says("Goodbye.");
    let said = c.measures(r#"{"status":"completed","heart_rate_bpm":150.0}"#);
    assert_eq!((said.text.as_str(), said.calls.len()), ("", 0));
}

#[test]
fn a_danger_named_meanwhile_comes_first() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    c.request.messages.push(Message::User {
        text: "I have crushing chest pain.".into(),
    });
    let said = c.measures(r#"{"status":"completed","heart_rate_bpm":150.0}"#);
    assert!(said.text.contains("call 911"), "{}", said.text);
}

#[test]
fn the_camera_may_be_turned_off_while_the_question_is_open() {
    let (mut c, _) = Consultation::at_the_pulse(true);
    c.request.tools.clear();
    let said = c.measures(r#"{"status":"failed","reason":"disabled"}"#);
    assert_eq!(said.question, "adherence");
}

#[test]
fn where_functions_may_not_be_called_nothing_is_measured() {
    let mut c = Consultation::new(Protocol::blood_pressure_follow_up().unwrap(), true);
    c.request.tool_choice = ToolChoice::None;
    c.hears();
    c.says("I feel fine.");
    c.says("It was 130 over 80.");
    assert_eq!(c.says("This morning.").question, "adherence");
}
