use bedside_conversation::consultation::{Protocol, Value};
use bedside_conversation::context::{ChatRequest, Message, ToolChoice};
use bedside_conversation::scan::START_SCAN;
use serde_json::{Map, json};

use super::dialogue::{Dialogue, Stage};
use super::reply::Reply;

/// A call of a function the client declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

/// The call the client insists on. A result just returned satisfies it, else it would be called for ever.
pub(super) fn forced(protocol: &Protocol, dialogue: &Dialogue<'_>, request: &ChatRequest) -> Option<Reply> {
    if matches!(request.messages.last(), Some(Message::ToolResult { .. })) {
        return None;
    }
    let name = match &request.tool_choice {
        ToolChoice::Auto | ToolChoice::None => return None,
        ToolChoice::Function(name) => name.as_str(),
        ToolChoice::Required => protocol
            .closing
            .call
            .as_deref()
            .filter(|name| is_declared(request, name))
            .or_else(|| first_of_client(request))?,
    };
    let call = is_declared(request, name).then(|| call(protocol, dialogue, request, name))?;
    Some(Reply {
        call: Some(call),
        ..Reply::default()
    })
}

/// The call that ends a consultation, once.
pub(super) fn ending(protocol: &Protocol, dialogue: &Dialogue<'_>, request: &ChatRequest) -> Option<Call> {
    offered(protocol, dialogue, request, protocol.closing.call.as_deref()?)
}

/// The call of `name`, where the client declared it, allows it, and has not been called yet.
pub(super) fn offered(
    protocol: &Protocol,
    dialogue: &Dialogue<'_>,
    request: &ChatRequest,
    name: &str,
) -> Option<Call> {
    let called = request
        .messages
        .iter()
        .any(|m| matches!(m, Message::ToolCall { name: called, .. } if called == name));
    let allowed = request.tool_choice != ToolChoice::None;
    (allowed && !called && is_declared(request, name)).then(|| call(protocol, dialogue, request, name))
}

/// A measurement nobody asked for is not what a client insists on.
fn first_of_client(request: &ChatRequest) -> Option<&str> {
    let mut names = request.tools.iter().map(|tool| tool.name.as_str());
    names.find(|name| *name != START_SCAN)
}

pub(super) fn is_declared(request: &ChatRequest, name: &str) -> bool {
    request.tools.iter().any(|tool| tool.name == name)
}

fn call(protocol: &Protocol, dialogue: &Dialogue<'_>, request: &ChatRequest, name: &str) -> Call {
    let questions = protocol
        .questions
        .iter()
        .filter_map(|question| question.call.as_deref());
    let ours = protocol
        .closing
        .call
        .as_deref()
        .into_iter()
        .chain(questions)
        .any(|own| own == name);
    let arguments = if ours {
        report(protocol, dialogue)
    } else {
        "{}".into()
    };
    Call {
        id: format!("call_{}", request.messages.len()),
        name: name.into(),
        arguments,
    }
}

/// What was recorded, as the arguments of the protocol's own functions.
fn report(protocol: &Protocol, dialogue: &Dialogue<'_>) -> String {
    let answers: Map<_, _> = dialogue
        .answers
        .iter()
        .map(|(slot, value)| (slot.clone(), as_json(value)))
        .collect();
    let outcome = match dialogue.stage {
        Stage::Left => "left",
        Stage::Held => "escalated",
        Stage::Stopped => "stopped",
        Stage::Open if dialogue.next_question().is_some() => "open",
        Stage::Open | Stage::Closed => "completed",
    };
    json!({
        "protocol": protocol.id,
        "version": protocol.version,
        "outcome": outcome,
        "answers": answers,
    })
    .to_string()
}

fn as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) | Value::Choice(text) | Value::Time(text) => json!(text),
        Value::YesNo(yes) => json!(yes),
        Value::Number(number) => json!(number),
        Value::BloodPressure { systolic, diastolic } => {
            json!({ "systolic": systolic, "diastolic": diastolic })
        }
        Value::Scan {
            heart_rate,
            respiratory_rate,
        } => {
            json!({ "heart_rate": heart_rate, "respiratory_rate": respiratory_rate })
        }
        Value::Medicines(names) => json!(names),
        Value::Nothing => json!("none"),
        Value::Unknown => json!(null),
    }
}
