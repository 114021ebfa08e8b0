use std::cmp::Ordering;
use std::collections::BTreeMap;

use bedside_conversation::context::{ChatRequest, KnownVital, Message, VitalsSnapshot};
use serde_json::{Map, Value};

use super::fence::{data, note, without_tags};
use super::{AssistantPart, Turn, UserPart};

const BEGINS: &str = "The patient is on the line.";
const SILENT: &str = "The patient has said nothing since.";
const CUT_OFF: &str = "You were interrupted there: the patient heard no more of it.";
const PENDING: &str = "No result yet. If one comes, it follows later.";

/// The turns of a request.
pub(super) fn of(request: &ChatRequest) -> Vec<Turn> {
    let mut builder = Builder::default();
    for message in &request.messages {
        builder.push(message);
    }
    builder.finish(request.vitals.as_ref())
}

#[derive(Default)]
struct Builder<'r> {
    turns: Vec<Turn>,
    calls: BTreeMap<&'r str, Call<'r>>,
    /// Calls of the last of our turns that nothing has answered yet.
    open: Vec<&'r str>,
}

struct Call<'r> {
    id: String,
    name: &'r str,
}

impl<'r> Builder<'r> {
    fn push(&mut self, message: &'r Message) {
        match message {
            Message::System { text } => self.tell(UserPart::Text(note(text))),
            Message::User { text } if text.trim().is_empty() => {}
            Message::User { text } => self.tell(UserPart::Text(without_tags(text.trim()))),
            Message::Picture { jpeg } => self.tell(UserPart::Picture(jpeg.clone())),
            Message::Assistant { heard, .. } if heard.trim().is_empty() => {}
            Message::Assistant { heard, complete, .. } => {
                self.settle();
                self.assistant(AssistantPart::Text(heard.trim().to_owned()));
                if !complete {
                    self.tell(UserPart::Text(note(CUT_OFF)));
                }
            }
            Message::ToolCall {
                call_id,
                name,
                arguments,
            } => self.call(call_id, name, arguments),
            Message::ToolResult { call_id, output } => self.result(call_id, output),
        }
    }

    fn call(&mut self, call_id: &'r str, name: &'r str, arguments: &str) {
        // Calls made at the same time stand in one turn; after a result of some of them, a further one is a new step.
        if matches!(self.turns.last(), Some(Turn::User(_))) {
            self.settle();
        }
        if self.calls.contains_key(call_id) {
            return;
        }
        let id = format!("call{:05}", self.calls.len() + 1);
        self.assistant(AssistantPart::Call {
            call_id: id.clone(),
            name: name.to_owned(),
            arguments: object(arguments),
        });
        self.calls.insert(call_id, Call { id, name });
        self.open.push(call_id);
    }

    fn result(&mut self, call_id: &str, output: &str) {
        let call = self.calls.get(call_id);
        let name = call.map_or("function", |call| call.name);
        let fenced = data(name, output);
        let at = self.open.iter().position(|open| *open == call_id);
        if let (Some(call), Some(at)) = (call, at) {
            let part = UserPart::Result {
                call_id: call.id.clone(),
                name: name.to_owned(),
                output: fenced,
            };
            self.open.remove(at);
            self.user(part);
        } else {
            let text = format!("{}\n{fenced}", note("A function has returned."));
            self.tell(UserPart::Text(text));
        }
    }

    /// Adds to the user's turn what is no answer to a call.
    fn tell(&mut self, part: UserPart) {
        self.settle();
        self.user(part);
    }

    /// Answers the calls that nothing has answered, for no vendor takes a call without its result.
    fn settle(&mut self) {
        for call_id in std::mem::take(&mut self.open) {
            if let Some(call) = self.calls.get(call_id) {
                let part = UserPart::Result {
                    call_id: call.id.clone(),
                    name: call.name.to_owned(),
                    output: note(PENDING),
                };
                self.user(part);
            }
        }
    }

    fn user(&mut self, part: UserPart) {
        match self.turns.last_mut() {
            Some(Turn::User(parts)) => parts.push(part),
            _ => self.turns.push(Turn::User(vec![part])),
        }
    }

    fn assistant(&mut self, part: AssistantPart) {
        match self.turns.last_mut() {
            Some(Turn::Assistant(parts)) => parts.push(part),
            _ => self.turns.push(Turn::Assistant(vec![part])),
        }
    }

    fn finish(mut self, vitals: Option<&VitalsSnapshot>) -> Vec<Turn> {
        self.settle();
        match self.turns.last() {
            None => self.user(UserPart::Text(note(BEGINS))),
            Some(Turn::Assistant(_)) => self.user(UserPart::Text(note(SILENT))),
            Some(Turn::User(_)) => {}
        }
        if let Some(Turn::Assistant(_)) = self.turns.first() {
            self.turns
                .insert(0, Turn::User(vec![UserPart::Text(note(BEGINS))]));
        }
        for turn in &mut self.turns {
            if let Turn::User(parts) = turn {
                in_order_of_calls(parts);
            }
        }
        if let (Some(vitals), Some(Turn::User(parts))) = (vitals, self.turns.last_mut()) {
            parts.insert(results(parts), UserPart::Text(measured(vitals)));
        }
        self.turns
    }
}

/// How many results a turn begins with.
fn results(parts: &[UserPart]) -> usize {
    parts
        .iter()
        .take_while(|part| matches!(part, UserPart::Result { .. }))
        .count()
}

/// Some vendors join results to calls by their order alone. Identifiers rise with the calls.
fn in_order_of_calls(parts: &mut [UserPart]) {
    let results = results(parts);
    parts[..results].sort_by(|a, b| match (a, b) {
        (UserPart::Result { call_id: a, .. }, UserPart::Result { call_id: b, .. }) => a.cmp(b),
        _ => Ordering::Equal,
    });
}

/// Changes with every request, so it stands in the last turn: what a vendor has cached before it stays valid.
fn measured(vitals: &VitalsSnapshot) -> String {
    let figures = [
        ("heart rate", "beats per minute", vitals.heart_rate),
        ("respiratory rate", "breaths per minute", vitals.respiratory_rate),
        ("heart rate variability, RMSSD", "ms", vitals.hrv_rmssd),
        ("heart rate variability, SDNN", "ms", vitals.hrv_sdnn),
    ];
    let lines: Vec<_> = figures
        .into_iter()
        .filter_map(|(name, unit, known)| known.map(|known| line(name, unit, known)))
        .collect();
    data("vital signs measured by the camera", &lines.join("\n"))
}

fn line(name: &str, unit: &str, known: KnownVital) -> String {
    format!(
        "{name}: {:.0} {unit} (measured {} s ago, quality {:.2} of 1)",
        known.value,
        known.age.as_secs(),
        known.quality
    )
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}
