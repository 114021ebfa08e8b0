//! From a request to Bedrock's types.

use std::collections::BTreeSet;

use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    AnyToolChoice, AutoToolChoice, CachePointBlock, CachePointType, ContentBlock, ConversationRole,
    GuardrailStreamConfiguration, GuardrailTrace, ImageBlock, ImageFormat, ImageSource,
    InferenceConfiguration, Message, PerformanceConfiguration, ServiceTier, SpecificToolChoice,
    SystemContentBlock, Tool, ToolChoice, ToolConfiguration, ToolInputSchema, ToolResultBlock,
    ToolResultContentBlock, ToolSpecification, ToolUseBlock,
};
use bedside_conversation::context::{self, ChatRequest};
use serde_json::{Value, json};

use crate::aws::document;
use crate::bedrock::config::{Cache, Config};
use crate::prompt::{AssistantPart, Prompt, Turn, UserPart};

/// What Bedrock is asked.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bedrock) struct Question {
    pub(in crate::bedrock) system: Vec<SystemContentBlock>,
    pub(in crate::bedrock) messages: Vec<Message>,
    pub(in crate::bedrock) tools: Option<ToolConfiguration>,
    pub(in crate::bedrock) inference: InferenceConfiguration,
    pub(in crate::bedrock) guardrail: Option<GuardrailStreamConfiguration>,
    pub(in crate::bedrock) performance: Option<PerformanceConfiguration>,
    pub(in crate::bedrock) tier: Option<ServiceTier>,
}

impl Question {
    /// What `request` asks of the model that `config` names.
    pub(in crate::bedrock) fn new(request: &ChatRequest, config: &Config) -> Result<Self, BuildError> {
        let prompt = Prompt::of(request);
        let tools = tools(request, &prompt, config.cache)?;
        let mut system = Vec::new();
        if !prompt.system.is_empty() {
            system.push(SystemContentBlock::Text(prompt.system));
            if let Some(cache) = config.cache {
                system.push(SystemContentBlock::CachePoint(cache_point(cache)?));
            }
        }
        let turns = prompt.turns.into_iter();
        Ok(Self {
            system,
            messages: turns
                .map(|turn| message(turn, config.sees))
                .collect::<Result<_, _>>()?,
            tools,
            inference: inference(request, config),
            guardrail: config.guardrail.as_ref().map(|guardrail| {
                GuardrailStreamConfiguration::builder()
                    .guardrail_identifier(&guardrail.id)
                    .guardrail_version(&guardrail.version)
                    .trace(GuardrailTrace::Disabled)
                    .stream_processing_mode(guardrail.mode.into())
                    .build()
            }),
            performance: config.latency.map(|latency| {
                PerformanceConfiguration::builder()
                    .latency(latency.into())
                    .build()
            }),
            tier: config
                .service_tier
                .map(|tier| ServiceTier::builder().r#type(tier.into()).build())
                .transpose()?,
        })
    }
}

fn inference(request: &ChatRequest, config: &Config) -> InferenceConfiguration {
    let most = request
        .max_output_tokens
        .map_or(config.max_tokens, |most| most.min(config.max_tokens));
    InferenceConfiguration::builder()
        .max_tokens(i32::try_from(most.max(1)).unwrap_or(i32::MAX))
        .set_temperature(config.temperature)
        .build()
}

fn message(turn: Turn, sees: bool) -> Result<Message, BuildError> {
    let (role, blocks) = match turn {
        Turn::User(parts) => {
            let blocks: Result<Vec<_>, _> = parts.into_iter().map(|part| user_block(part, sees)).collect();
            (ConversationRole::User, blocks?)
        }
        Turn::Assistant(parts) => {
            let blocks: Result<Vec<_>, _> = parts.into_iter().map(assistant_block).collect();
            (ConversationRole::Assistant, blocks?)
        }
    };
    Message::builder().role(role).set_content(Some(blocks)).build()
}

fn user_block(part: UserPart, sees: bool) -> Result<ContentBlock, BuildError> {
    Ok(match part {
        UserPart::Text(text) => ContentBlock::Text(text),
        UserPart::Result { call_id, output, .. } => ContentBlock::ToolResult(
            ToolResultBlock::builder()
                .tool_use_id(call_id)
                .content(ToolResultContentBlock::Text(output))
                .build()?,
        ),
        UserPart::Picture(jpeg) if sees => ContentBlock::Image(
            ImageBlock::builder()
                .format(ImageFormat::Jpeg)
                .source(ImageSource::Bytes(Blob::new(jpeg)))
                .build()?,
        ),
        UserPart::Picture(_) => ContentBlock::Text("(a picture, which you cannot see)".to_owned()),
    })
}

fn assistant_block(part: AssistantPart) -> Result<ContentBlock, BuildError> {
    Ok(match part {
        AssistantPart::Text(text) => ContentBlock::Text(text),
        AssistantPart::Call {
            call_id,
            name,
            arguments,
        } => ContentBlock::ToolUse(
            ToolUseBlock::builder()
                .tool_use_id(call_id)
                .name(name)
                .input(document(&Value::Object(arguments)))
                .build()?,
        ),
    })
}

/// The functions on offer. Bedrock has no choice of none, and refuses calls of the past whose function is not described,
/// so those that were called are offered in any case.
fn tools(
    request: &ChatRequest,
    prompt: &Prompt,
    cache: Option<Cache>,
) -> Result<Option<ToolConfiguration>, BuildError> {
    let called = called(prompt);
    let mut tools = Vec::new();
    for tool in &request.tools {
        if request.tool_choice != context::ToolChoice::None || called.contains(tool.name.as_str()) {
            tools.push(specification(&tool.name, &tool.description, &tool.parameters)?);
        }
    }
    for name in called {
        if !request.tools.iter().any(|tool| tool.name == name) {
            tools.push(specification(name, "No longer available.", &Value::Null)?);
        }
    }
    if tools.is_empty() {
        return Ok(None);
    }
    if let Some(cache) = cache {
        tools.push(Tool::CachePoint(cache_point(cache)?));
    }
    let choice = match &request.tool_choice {
        context::ToolChoice::Required => ToolChoice::Any(AnyToolChoice::builder().build()),
        context::ToolChoice::Function(name) if request.tools.iter().any(|tool| tool.name == *name) => {
            ToolChoice::Tool(SpecificToolChoice::builder().name(name).build()?)
        }
        _ => ToolChoice::Auto(AutoToolChoice::builder().build()),
    };
    ToolConfiguration::builder()
        .set_tools(Some(tools))
        .tool_choice(choice)
        .build()
        .map(Some)
}

fn called(prompt: &Prompt) -> BTreeSet<&str> {
    let parts = prompt.turns.iter().flat_map(|turn| match turn {
        Turn::Assistant(parts) => parts.as_slice(),
        Turn::User(_) => &[],
    });
    parts
        .filter_map(|part| match part {
            AssistantPart::Call { name, .. } => Some(name.as_str()),
            AssistantPart::Text(_) => None,
        })
        .collect()
}

fn specification(name: &str, description: &str, parameters: &Value) -> Result<Tool, BuildError> {
    let schema = match parameters {
        Value::Object(_) => document(parameters),
        _ => document(&json!({ "type": "object" })),
    };
    // An empty description is refused; none is not.
    let description = Some(description.trim()).filter(|text| !text.is_empty());
    let specification = ToolSpecification::builder()
        .name(name)
        .set_description(description.map(str::to_owned))
        .input_schema(ToolInputSchema::Json(schema))
        .build()?;
    Ok(Tool::ToolSpec(specification))
}

fn cache_point(cache: Cache) -> Result<CachePointBlock, BuildError> {
    CachePointBlock::builder()
        .r#type(CachePointType::Default)
        .ttl(cache.into())
        .build()
}

#[cfg(test)]
mod tests;
