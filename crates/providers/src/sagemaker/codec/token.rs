use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde::Deserialize;
use serde_json::Value;

use crate::answering::Progress;

/// Reads an answer of one JSON object a token. Containers vary, so every field is optional.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    spoke: bool,
    finish: Option<Finish>,
    written: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    token: Option<Token>,
    generated_text: Option<String>,
    details: Option<Details>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Token {
    text: Option<String>,
    /// A mark of the model's, not a word.
    special: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    finish_reason: Option<String>,
    generated_tokens: Option<u32>,
}

impl Tokens {
    pub(super) fn line(&mut self, json: &str, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        let line: Line = serde_json::from_str(json).map_err(|_| FaultKind::Internal)?;
        if line.error.is_some() {
            return Err(FaultKind::Internal);
        }
        if self.finish.is_some() {
            // The end was said; what follows it is none of the answer.
            return Ok(Progress::Complete);
        }
        let token = line.token.unwrap_or_default();
        if let Some(text) = token.text.filter(|_| token.special != Some(true)) {
            self.say(text, out);
        }
        if line.details.is_none() && line.generated_text.is_none() {
            return Ok(Progress::Open);
        }
        if let Some(whole) = line.generated_text.filter(|_| !self.spoke) {
            self.say(whole, out);
        }
        let details = line.details.unwrap_or_default();
        self.written = details.generated_tokens.unwrap_or(0);
        self.finish = Some(match details.finish_reason.as_deref() {
            Some("error") => return Err(FaultKind::Internal),
            Some("length") => Finish::MaxTokens,
            _ => Finish::Stop,
        });
        Ok(Progress::Complete)
    }

    pub(super) fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        let finish = self.finish.ok_or(FaultKind::Internal)?;
        let usage = ModelUsage {
            output_tokens: self.written,
            ..ModelUsage::default()
        };
        out.push_back(ModelEvent::Done { usage, finish });
        Ok(())
    }

    fn say(&mut self, text: String, out: &mut VecDeque<ModelEvent>) {
        if !text.is_empty() {
            self.spoke = true;
            out.push_back(ModelEvent::TextDelta(text));
        }
    }
}
