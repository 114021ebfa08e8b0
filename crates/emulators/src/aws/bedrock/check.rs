//! What Bedrock refuses before a model sees it.

use std::collections::BTreeSet;

use super::request::{
    Block, CachePoint, Image, ImageSource, Message, Request, ResultBlock, Tool, ToolChoice, ToolUse,
};
use crate::answer::base64;

/// Cache checkpoints that a request may have.
const MOST_CHECKPOINTS: usize = 4;
const SPACES: [char; 4] = [' ', '\n', '\t', '\r'];

/// Checks a request to `model`; otherwise says what is wrong, as the service words it.
pub(crate) fn check(model: &str, request: &Request) -> Result<(), String> {
    if !is_model(model) {
        return Err("The provided model identifier is invalid.".to_owned());
    }
    check_inference(model, request)?;
    check_tools(request)?;
    check_options(request)?;
    check_turns(model, &request.messages)?;
    for (index, message) in request.messages.iter().enumerate() {
        check_content(index, message)?;
    }
    check_results(request)?;
    check_checkpoints(request)
}

/// `vendor.model`, with a region before it, or an ARN.
pub(crate) fn is_model(model: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".:-_/".contains(letter);
    model.starts_with("arn:aws") || (model.contains('.') && model.chars().all(allowed))
}

pub(crate) fn is_tool_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

fn constraint(value: &str, place: &str, rule: &str) -> String {
    format!(
        "1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must {rule}"
    )
}

fn check_inference(model: &str, request: &Request) -> Result<(), String> {
    let inference = &request.inference_config;
    if let Some(tokens) = inference.max_tokens.filter(|tokens| *tokens < 1) {
        let place = "inferenceConfig.maxTokens";
        return Err(constraint(
            &tokens.to_string(),
            place,
            "have value greater than or equal to 1",
        ));
    }
    for (name, value) in [("temperature", inference.temperature), ("topP", inference.top_p)] {
        if let Some(value) = value.filter(|value| !(0.0..=1.0).contains(value)) {
            let place = format!("inferenceConfig.{name}");
            return Err(constraint(
                &value.to_string(),
                &place,
                "have value less than or equal to 1",
            ));
        }
    }
    if model.contains("-4-5") && inference.temperature.is_some() && inference.top_p.is_some() {
        let problem =
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
        return Err(format!("The model returned the following errors: {problem}"));
    }
    Ok(())
}

fn check_tools(request: &Request) -> Result<(), String> {
    let Some(config) = &request.tool_config else {
        return Ok(());
    };
    if config.tools.is_empty() {
        return Err(constraint(
            "[]",
            "toolConfig.tools",
            "have length greater than or equal to 1",
        ));
    }
    let mut names = BTreeSet::new();
    for (index, spec) in request.specs().enumerate() {
        let place = format!("toolConfig.tools.{}.member.toolSpec", index + 1);
        if !is_tool_name(&spec.name) {
            let rule = "satisfy regular expression pattern: [a-zA-Z0-9_-]+";
            return Err(constraint(&spec.name, &format!("{place}.name"), rule));
        }
        if spec.description.as_deref() == Some("") {
            let rule = "have length greater than or equal to 1";
            return Err(constraint("", &format!("{place}.description"), rule));
        }
        if spec.input_schema.json.get("type").and_then(|kind| kind.as_str()) != Some("object") {
            return Err(format!(
                "The value at {place}.inputSchema.json.type must be one of the following: object."
            ));
        }
        if !names.insert(spec.name.as_str()) {
            return Err(format!(
                "The toolConfig.tools contains a duplicate tool name: {}.",
                spec.name
            ));
        }
    }
    match &config.tool_choice {
        Some(ToolChoice::Tool { name }) if !names.contains(name.as_str()) => Err(format!(
            "The toolChoice names a tool that is not defined: {name}."
        )),
        _ => Ok(()),
    }
}

fn check_options(request: &Request) -> Result<(), String> {
    if let Some(guardrail) = &request.guardrail_config {
        let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let name = guardrail.identifier.as_str();
        if name.is_empty() || !(name.starts_with("arn:aws") || name.chars().all(lower)) {
            return Err(
                "The guardrail identifier or version provided in the request does not exist.".to_owned(),
            );
        }
        let version = guardrail.version.as_str();
        if version != "DRAFT" && version.parse::<u32>().is_err() {
            return Err(
                "The guardrail identifier or version provided in the request does not exist.".to_owned(),
            );
        }
        one_of(
            "guardrailConfig.trace",
            guardrail.trace.as_deref(),
            &["enabled", "disabled", "enabled_full"],
        )?;
        let mode = guardrail.stream_processing_mode.as_deref();
        one_of("guardrailConfig.streamProcessingMode", mode, &["sync", "async"])?;
    }
    let latency = request
        .performance_config
        .as_ref()
        .map(|config| config.latency.as_str());
    one_of("performanceConfig.latency", latency, &["standard", "optimized"])?;
    let tier = request.service_tier.as_ref().map(|tier| tier.kind.as_str());
    one_of(
        "serviceTier.type",
        tier,
        &["priority", "default", "flex", "reserved"],
    )
}

fn one_of(place: &str, value: Option<&str>, values: &[&str]) -> Result<(), String> {
    match value.filter(|value| !values.contains(value)) {
        Some(value) => Err(constraint(
            value,
            place,
            &format!("satisfy enum value set: [{}]", values.join(", ")),
        )),
        None => Ok(()),
    }
}

fn check_turns(model: &str, messages: &[Message]) -> Result<(), String> {
    let Some(last) = messages.last() else {
        return Err("The messages field is required. Add at least one message and try again.".to_owned());
    };
    if let Some((index, message)) = messages
        .iter()
        .enumerate()
        .find(|(_, message)| !["user", "assistant"].contains(&message.role.as_str()))
    {
        let place = format!("messages.{}.member.role", index + 1);
        return Err(constraint(
            &message.role,
            &place,
            "satisfy enum value set: [user, assistant]",
        ));
    }
    if messages[0].role != "user" {
        return Err("A conversation must start with a user message. Try again with a conversation that starts with a \
                    user message."
            .to_owned());
    }
    if messages.windows(2).any(|pair| pair[0].role == pair[1].role) {
        return Err(
            "A conversation must alternate between user and assistant roles. Make sure the conversation \
                    alternates between user and assistant roles and try again."
                .to_owned(),
        );
    }
    if last.role == "assistant" {
        if ["-4-6", "-4-7", "sonnet-5", "opus-5", "haiku-5"]
            .iter()
            .any(|version| model.contains(version))
        {
            return Err("This model does not support assistant message prefill. The conversation must end with a user \
                        message."
                .to_owned());
        }
        if matches!(last.content.last(), Some(Block::Text(text)) if text.ends_with(SPACES)) {
            let problem = "messages: final assistant content cannot end with trailing whitespace";
            return Err(format!("The model returned the following errors: {problem}"));
        }
    }
    Ok(())
}

fn check_content(index: usize, message: &Message) -> Result<(), String> {
    if message.content.is_empty() {
        return Err(format!(
            "The content field in the Message object at messages.{index} is empty. Add a ContentBlock object to the \
             content field and try again."
        ));
    }
    for (at, block) in message.content.iter().enumerate() {
        let place = format!("messages.{index}.content.{at}");
        match block {
            Block::Text(text) if text.trim().is_empty() => {
                return Err(format!(
                    "The text field in the ContentBlock object at {place} is blank. Add text to the text field, and \
                     try again."
                ));
            }
            Block::Image(image) if message.role == "user" => check_image(&place, image)?,
            Block::Image(_) => return Err(format!("The assistant message at {place} cannot hold an image.")),
            Block::ToolUse(call) => {
                check_tool_use(&place, call)?;
                if message.role != "assistant" {
                    return Err(format!(
                        "The toolUse block at {place} is only allowed in an assistant message."
                    ));
                }
            }
            Block::ToolResult(result) => {
                if message.role != "user" {
                    return Err(format!(
                        "The toolResult block at {place} is only allowed in a user message."
                    ));
                }
                one_of(
                    &format!("{place}.toolResult.status"),
                    result.status.as_deref(),
                    &["success", "error"],
                )?;
                for part in &result.content {
                    if let ResultBlock::Image(image) = part {
                        check_image(&place, image)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_tool_use(place: &str, call: &ToolUse) -> Result<(), String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.:-".contains(letter);
    let id = call.id.as_str();
    if !(1..=64).contains(&id.len()) || !id.chars().all(allowed) {
        let rule = "satisfy regular expression pattern: [a-zA-Z0-9_.:-]+";
        return Err(constraint(id, &format!("{place}.toolUse.toolUseId"), rule));
    }
    if !is_tool_name(&call.name) {
        let rule = "satisfy regular expression pattern: [a-zA-Z0-9_-]+";
        return Err(constraint(&call.name, &format!("{place}.toolUse.name"), rule));
    }
    Ok(())
}

fn check_image(place: &str, image: &Image) -> Result<(), String> {
    one_of(
        &format!("{place}.image.format"),
        Some(&image.format),
        &["png", "jpeg", "gif", "webp"],
    )?;
    let ImageSource::Bytes(bytes) = &image.source else {
        return Ok(());
    };
    let start: &[u8] = match image.format.as_str() {
        "jpeg" => &[0xff, 0xd8, 0xff],
        "png" => b"\x89PNG",
        "gif" => b"GIF8",
        _ => b"RIFF",
    };
    if base64(bytes).is_some_and(|bytes| bytes.starts_with(start)) {
        Ok(())
    } else {
        Err("The model returned the following errors: Could not process image".to_owned())
    }
}

/// Calls are answered in full by the next message, and nothing else is.
fn check_results(request: &Request) -> Result<(), String> {
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for (index, message) in request.messages.iter().enumerate() {
        let results = message.content.iter().filter_map(|block| match block {
            Block::ToolResult(result) => Some(result.tool_use_id.as_str()),
            _ => None,
        });
        let results: Vec<&str> = results.collect();
        if results.len() > open.len() {
            return Err(format!(
                "The number of toolResult blocks at messages.{index}.content exceeds the number of toolUse blocks of \
                 previous turn."
            ));
        }
        if let Some(unknown) = results.iter().find(|id| !open.remove(*id)) {
            return Err(format!(
                "Unexpected toolResult block at messages.{index}.content for the Id: {unknown}"
            ));
        }
        if !open.is_empty() {
            let ids: Vec<&str> = open.iter().copied().collect();
            let ids = ids.join(", ");
            return Err(format!(
                "Expected toolResult blocks at messages.{index}.content for the following Ids: {ids}"
            ));
        }
        open = message
            .content
            .iter()
            .filter_map(|block| match block {
                Block::ToolUse(call) => Some(call.id.as_str()),
                _ => None,
            })
            .collect();
        if request.tool_config.is_none() && !(open.is_empty() && results.is_empty()) {
            return Err(
                "The toolConfig field must be defined when using toolUse and toolResult content blocks."
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn check_checkpoints(request: &Request) -> Result<(), String> {
    let blocks = request
        .system
        .iter()
        .chain(request.messages.iter().flat_map(|message| &message.content));
    let tools = request.tool_config.iter().flat_map(|config| &config.tools);
    let points: Vec<&CachePoint> = blocks
        .filter_map(|block| match block {
            Block::CachePoint(point) => Some(point),
            _ => None,
        })
        .chain(tools.filter_map(|tool| match tool {
            Tool::CachePoint(point) => Some(point),
            _ => None,
        }))
        .collect();
    for point in &points {
        one_of("cachePoint.type", Some(&point.kind), &["default"])?;
        one_of("cachePoint.ttl", point.ttl.as_deref(), &["5m", "1h"])?;
    }
    if points.len() > MOST_CHECKPOINTS {
        return Err(format!(
            "A maximum of {MOST_CHECKPOINTS} cachePoint blocks may be provided. Found {}.",
            points.len()
        ));
    }
    if request
        .system
        .iter()
        .any(|block| matches!(block, Block::Text(text) if text.is_empty()))
    {
        return Err(constraint(
            "",
            "system.1.member.text",
            "have length greater than or equal to 1",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
