use bedside_conversation::consultation::{AnswerKind, Question, Value};
use bedside_conversation::context::{ChatRequest, ToolChoice};
use bedside_conversation::scan::START_SCAN;
use serde_json::json;

use super::calls::{Call, is_declared};

/// Whether a question can be answered by a measurement now.
pub(super) fn is_offered(request: &ChatRequest) -> bool {
    request.tool_choice != ToolChoice::None && is_declared(request, START_SCAN)
}

/// The call that measures what `question` asks for. It names the question, by which the result finds its slot.
pub(super) fn call(question: &Question, request: &ChatRequest) -> Call {
    Call {
        id: format!("call_{}", request.messages.len()),
        name: START_SCAN.into(),
        arguments: json!({ "question": question.id }).to_string(),
    }
}

/// The question a call was made for.
pub(super) fn question_of<'q>(
    questions: &'q [Question],
    name: &str,
    arguments: &str,
) -> Option<&'q Question> {
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
