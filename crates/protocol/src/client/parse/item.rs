//! The `item` object of `conversation.item.create`.

use serde_json::Value;

use crate::client::reader::{Fields, list, one_of, unsupported};
use crate::error::{ErrorCode, InvalidField};
use crate::item::{ContentPart, ItemBody, NewItem, Role};

/// Most parts of one message.
const MAX_PARTS: usize = 64;

/// Longest id a client may give, in bytes.
const MAX_ID: usize = 64;

pub(super) fn new_item(fields: &Fields<'_>) -> Result<NewItem, InvalidField> {
    let id = fields.optional_string("id")?;
    if id.as_ref().is_some_and(|id| id.is_empty() || id.len() > MAX_ID) {
        return Err(InvalidField::invalid_value(
            &fields.path("id"),
            &format!("1 to {MAX_ID} bytes"),
        ));
    }
    let body = match fields.required_string("type")?.as_str() {
        "message" => message(fields)?,
        "function_call" => ItemBody::FunctionCall {
            call_id: fields.required_string("call_id")?,
            name: fields.required_string("name")?,
            arguments: fields.required_string("arguments")?,
        },
        "function_call_output" => ItemBody::FunctionCallOutput {
            call_id: fields.required_string("call_id")?,
            output: fields.required_string("output")?,
        },
        kind if kind.starts_with("mcp_") => return Err(unsupported(&fields.path("type"), "MCP items are")),
        _ => {
            let expected = "'message' or 'function_call' or 'function_call_output'";
            return Err(InvalidField::invalid_value(&fields.path("type"), expected));
        }
    };
    Ok(NewItem { id, body })
}

fn message(fields: &Fields<'_>) -> Result<ItemBody, InvalidField> {
    let roles = [
        ("system", Role::System),
        ("user", Role::User),
        ("assistant", Role::Assistant),
    ];
    let role = fields.required("role", |value, path| one_of(&roles, value, path))?;
    let content = fields.required("content", |value, path| {
        list(MAX_PARTS, value, path, |value, path| {
            content_part(role, value, path)
        })
    })?;
    if content.is_empty() {
        return Err(InvalidField::invalid_value(
            &fields.path("content"),
            "at least one part",
        ));
    }
    Ok(ItemBody::Message { role, content })
}

fn content_part(role: Role, value: &Value, path: &str) -> Result<ContentPart, InvalidField> {
    let fields = Fields::new(value, path)?;
    let kind = fields.required_string("type")?;
    match (role, kind.as_str()) {
        (Role::User | Role::System, "input_text") => Ok(ContentPart::InputText {
            text: fields.required_string("text")?,
        }),
        (Role::User, "input_audio") => Ok(ContentPart::InputAudio {
            audio: Some(fields.required_string("audio")?),
            transcript: fields.optional_string("transcript")?,
        }),
        (Role::User, "input_image") => Err(unsupported(&fields.path("type"), "images are")),
        (Role::Assistant, "output_text") => Ok(ContentPart::OutputText {
            text: fields.required_string("text")?,
        }),
        (Role::Assistant, "output_audio") => Ok(ContentPart::OutputAudio {
            audio: fields.optional_string("audio")?,
            transcript: Some(fields.required_string("transcript")?),
        }),
        _ => {
            let expected = match role {
                Role::System => "'input_text'",
                Role::User => "'input_text' or 'input_audio'",
                Role::Assistant => "'output_text' or 'output_audio'",
            };
            Err(InvalidField {
                param: fields.path("type"),
                code: ErrorCode::InvalidValue,
                message: format!(
                    "Invalid value for '{}': this role takes {expected}.",
                    fields.path("type")
                ),
            })
        }
    }
}
