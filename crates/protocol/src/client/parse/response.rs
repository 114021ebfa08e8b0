//! The `response` object of `response.create`.

use serde_json::Value;

use super::{item, session};
use crate::client::reader::{Fields, invalid_type, list, one_of, string, unsupported};
use crate::client::response::{
    InputItem, ItemReference, ResponseAudioOutput, ResponseAudioParams, ResponseConversation, ResponseParams,
};
use crate::error::InvalidField;
use crate::generation::{Metadata, check_max_output_tokens, check_tools};
use crate::session::check_format;

/// Most entries of a response's own input.
const MAX_INPUT: usize = 1_024;

const MAX_METADATA: usize = 16;
const MAX_METADATA_KEY: usize = 64;
const MAX_METADATA_VALUE: usize = 512;

pub(super) fn params(fields: &Fields<'_>) -> Result<ResponseParams, InvalidField> {
    if fields.get("prompt").is_some() {
        return Err(unsupported(&fields.path("prompt"), "hosted prompts are"));
    }
    let audio = match fields.optional_object("audio")? {
        Some(audio) => ResponseAudioParams {
            output: audio.optional("output", output)?.unwrap_or_default(),
        },
        None => ResponseAudioParams::default(),
    };
    let tools = fields.optional("tools", |value, path| {
        let tools = session::tools(value, path)?;
        check_tools(&tools, path)?;
        Ok(tools)
    })?;
    let max_output_tokens = fields.optional("max_output_tokens", |value, path| {
        let limit = session::max_output_tokens(value, path)?;
        check_max_output_tokens(limit, path)?;
        Ok(limit)
    })?;
    let conversations = [
        ("auto", ResponseConversation::Auto),
        ("none", ResponseConversation::None),
    ];
    Ok(ResponseParams {
        instructions: fields.optional_string("instructions")?,
        output_modality: fields.optional("output_modalities", session::modality)?,
        audio,
        tools,
        tool_choice: fields.optional("tool_choice", session::tool_choice)?,
        max_output_tokens,
        conversation: fields
            .optional("conversation", |value, path| one_of(&conversations, value, path))?
            .unwrap_or_default(),
        input: fields.optional("input", |value, path| list(MAX_INPUT, value, path, input_item))?,
        metadata: fields.optional("metadata", metadata)?,
    })
}

fn output(value: &Value, path: &str) -> Result<ResponseAudioOutput, InvalidField> {
    let fields = Fields::new(value, path)?;
    let format = fields.optional("format", |value, path| {
        let format = session::audio_format(value, path)?;
        check_format(format, path)?;
        Ok(format)
    })?;
    Ok(ResponseAudioOutput {
        format,
        voice: fields.optional("voice", session::voice)?,
    })
}

fn input_item(value: &Value, path: &str) -> Result<InputItem, InvalidField> {
    let fields = Fields::new(value, path)?;
    if fields.required_string("type")? == "item_reference" {
        return Ok(InputItem::Reference(ItemReference {
            id: fields.required_string("id")?,
        }));
    }
    item::new_item(&fields).map(InputItem::Item)
}

fn metadata(value: &Value, path: &str) -> Result<Metadata, InvalidField> {
    let Value::Object(map) = value else {
        return Err(invalid_type(path, "an object", value));
    };
    let fits = |(key, value): (&String, &Value)| {
        key.chars().count() <= MAX_METADATA_KEY
            && value
                .as_str()
                .is_none_or(|value| value.chars().count() <= MAX_METADATA_VALUE)
    };
    if map.len() > MAX_METADATA || !map.iter().all(fits) {
        let expected = format!(
            "at most {MAX_METADATA} keys of {MAX_METADATA_KEY} characters with values of {MAX_METADATA_VALUE}"
        );
        return Err(InvalidField::invalid_value(path, &expected));
    }
    map.iter()
        .map(|(key, value)| Ok((key.clone(), string(value, &format!("{path}.{key}"))?)))
        .collect()
}
