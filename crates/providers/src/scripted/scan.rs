use std::collections::BTreeSet;

use bedside_conversation::consultation::{AnswerKind, Protocol, Question, Value};
use bedside_conversation::context::{ChatRequest, ToolChoice};
use bedside_conversation::scan::START_SCAN;
use serde_json::json;

use super::calls::{Call, is_declared};

/// The measurements of a consultation so far.
#[derive(Debug)]
pub(super) struct Scans<'p> {
    /// Whether one can be made now.
    pub(super) offered: bool,
    /// Whether the last message is the result of one.
    pub(super) came: bool,
    /// Questions for which one was begun.
    begun: BTreeSet<&'p str>,
    /// The call of the one that is going on, and its question.
    going_on: Option<(String, &'p Question)>,
}

impl<'p> Scans<'p> {
    pub(super) fn new(request: &ChatRequest) -> Self {
        Self {
            offered: request.tool_choice != ToolChoice::None && is_declared(request, START_SCAN),
            came: false,
            begun: BTreeSet::new(),
            going_on: None,
        }
    }

    pub(super) fn on_call(&mut self, protocol: &'p Protocol, call_id: &str, name: &str, arguments: &str) {
        if let Some(question) = question_of(&protocol.questions, name, arguments) {
            self.begun.insert(&question.id);
            self.going_on = Some((call_id.to_owned(), question));
        }
    }

    pub(super) fn awaits(&self, call_id: &str) -> bool {
        self.going_on.as_ref().is_some_and(|(id, _)| id == call_id)
    }

    /// The result has come; returns the question it answers.
    pub(super) fn over(&mut self) -> Option<&'p Question> {
        let (_, question) = self.going_on.take()?;
        self.came = true;
        Some(question)
    }

    pub(super) fn is_scanning(&self, question: &Question) -> bool {
        self.going_on
            .as_ref()
            .is_some_and(|(_, scanned)| scanned.id == question.id)
    }

    /// Whether `question` can be answered by a measurement.
    pub(super) fn may_ask(&self, question: &Question) -> bool {
        self.offered || self.is_scanning(question)
    }

    /// The call that measures what `question` asks for, unless it was made. It names the question, by which the result
    /// finds its slot.
    pub(super) fn call(&self, question: &Question, request: &ChatRequest) -> Option<Call> {
        let begun = self.begun.contains(question.id.as_str());
        (!begun).then(|| Call {
            id: format!("call_{}", request.messages.len()),
            name: START_SCAN.into(),
            arguments: json!({ "question": question.id }).to_string(),
        })
    }
}

/// The question a call was made for.
fn question_of<'q>(questions: &'q [Question], name: &str, arguments: &str) -> Option<&'q Question> {
    if name != START_SCAN {
        return None;
    }
    let arguments: serde_json::Value = serde_json::from_str(arguments).ok()?;
    let id = arguments.get("question")?.as_str()?;
    questions
        .iter()
        .find(|question| question.id == id && question.answer == AnswerKind::Scan)
}

/// What the output of a call tells. Only a figure that is there is recorded.
pub(super) fn measured(output: &str) -> Value {
    let output: serde_json::Value = serde_json::from_str(output).unwrap_or_default();
    let figure = |name: &str| output.get(name).and_then(serde_json::Value::as_f64);
    AnswerKind::measured(figure("heart_rate_bpm"), figure("respiratory_rate_bpm"))
}
