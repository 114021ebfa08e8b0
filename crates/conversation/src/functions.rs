//! Functions the session runs itself: `escalate` and `end_consultation`.

use serde_json::{Value, json};

use crate::Conversation;
use crate::calls::OwnCall;
use crate::context::Tool;
use crate::io::Output;
use crate::phrases;
use bedside_protocol::CloseCode;

/// Reports an emergency that the model sees.
pub const ESCALATE: &str = "escalate";

/// Says goodbye and ends the session.
pub const END_CONSULTATION: &str = "end_consultation";

/// A model's reason is cut after so many characters.
const MAX_REASON: usize = 200;

impl Conversation {
    pub(crate) fn escalate_tool() -> Tool {
        Tool {
            name: ESCALATE.to_owned(),
            description:
                "Tells the clinic's staff that this patient needs a person now. Call it for an emergency, or \
                          if the patient may harm themselves or others; the consultation goes on."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "reason": { "type": "string", "description": "What the staff must know, in a few words." }
                },
                "required": ["reason"]
            }),
        }
    }

    pub(crate) fn end_tool() -> Tool {
        Tool {
            name: END_CONSULTATION.to_owned(),
            description:
                "Ends the consultation once everything has been said and the patient has nothing to add."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "farewell": { "type": "string", "description": "What to say to the patient last." }
                }
            }),
        }
    }

    pub(crate) fn run_escalation(&mut self, call: OwnCall) {
        let reason: String = argument(&call.arguments, "reason")
            .unwrap_or_else(|| "unspecified".to_owned())
            .chars()
            .take(MAX_REASON)
            .collect();
        // An emergency is reported even in a conversation that holds no more items.
        let added = self.add_call(&call);
        if self.escalated.insert(format!("{ESCALATE}:{reason}")) {
            self.tell_escalation(reason, String::new());
        }
        if added {
            self.answer_call(call.call_id, json!({ "status": "reported" }).to_string());
            if !self.has_said_something() {
                self.result_is_due();
            }
        }
    }

    pub(crate) fn run_end(&mut self, call: OwnCall) {
        if self.add_call(&call) {
            self.answer_call(call.call_id, json!({ "status": "ending" }).to_string());
        }
        self.ending = true;
        let said = self.saying().and_then(|message| message.continued());
        let farewell = argument(&call.arguments, "farewell");
        match (said, farewell) {
            (None, farewell) => self.say(farewell.as_deref().unwrap_or(phrases::GOODBYE)),
            (Some(said), Some(farewell)) if !said.contains(&farewell) => self.say(&format!(" {farewell}")),
            (Some(_), _) => {}
        }
    }

    /// The patient or the client goes on: the consultation does not end yet.
    pub(crate) fn do_not_end(&mut self) {
        self.ending = false;
    }

    /// Closes once the farewell was heard and nobody has anything to add.
    pub(crate) fn close_if_over(&mut self) {
        let silent = self.response.is_none() && !self.is_answering() && self.playback.unsent().is_zero();
        let heard_out = self.patient.utterance.is_none() && self.patient.awaited.is_empty();
        let settled =
            self.wanted_turn.is_none() && self.wanted_resume.is_none() && self.interrupted.is_none();
        if !(self.ending && silent && heard_out && settled) || self.away || self.closed {
            return;
        }
        self.closed = true;
        self.cancel_tools(|_| true);
        self.timers.stop_all();
        self.out.push_back(Output::Close {
            code: CloseCode::Normal,
            reason: "The consultation is over.",
        });
    }
}

/// A text among a call's arguments, if it has any words.
fn argument(arguments: &str, name: &str) -> Option<String> {
    let arguments: Value = serde_json::from_str(arguments).ok()?;
    let text = arguments.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
