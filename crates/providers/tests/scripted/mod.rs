//! A consultation with the scripted model, line by line.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::Arc;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, Tool, ToolChoice};
use bedside_providers::scripted::ScriptedModel;

pub(crate) fn intake() -> ScriptedModel {
    ScriptedModel::new(Arc::new(Protocol::general_intake().unwrap()))
}

pub(crate) fn follow_up() -> ScriptedModel {
    ScriptedModel::new(Arc::new(Protocol::blood_pressure_follow_up().unwrap()))
}

pub(crate) fn end_tool() -> Tool {
    Tool {
        name: "end_consultation".into(),
        description: String::new(),
        parameters: serde_json::json!({}),
    }
}

/// One answer of the model.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) tag: Option<String>,
    pub(crate) text: String,
    pub(crate) calls: Vec<(String, String)>,
    pub(crate) finish: Option<Finish>,
}

impl Said {
    pub(crate) fn of(events: Vec<ModelEvent>) -> Self {
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
    pub(crate) fn kind(&self) -> String {
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
pub(crate) struct Consultation {
    pub(crate) model: ScriptedModel,
    pub(crate) request: ChatRequest,
}

impl Consultation {
    pub(crate) fn new(model: ScriptedModel) -> Self {
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

    pub(crate) fn hears(&mut self) -> Said {
        let said = Said::of(self.model.answer(&self.request));
        let (heard, tag) = (said.text.clone(), said.tag.clone());
        self.request.messages.push(Message::Assistant {
            heard,
            complete: true,
            tag,
        });
        said
    }

    pub(crate) fn hears_words(&mut self, count: usize) -> Said {
        let said = Said::of(self.model.answer(&self.request));
        let heard = said.text.split_inclusive(' ').take(count).collect();
        self.request.messages.push(Message::Assistant {
            heard,
            complete: false,
            tag: said.tag.clone(),
        });
        said
    }

    pub(crate) fn says(&mut self, text: &str) {
        self.request.messages.push(Message::User { text: text.into() });
    }

    /// Patient line → kind of the next message and, where given, a piece of its text.
    pub(crate) fn table(&mut self, lines: &[(&str, &str, &str)]) {
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
