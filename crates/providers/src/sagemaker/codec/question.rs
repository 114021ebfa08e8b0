use bedside_conversation::context::ChatRequest;
use serde_json::Value;

use crate::openai::{self, TokenLimit, request};
use crate::sagemaker::config::{Config, Format};

/// The body of a request: messages as OpenAI's chat completions take them, and no more than the container knows.
pub(in crate::sagemaker) fn body(config: &Config, asked: &ChatRequest) -> Value {
    let chat = config.decoder == Format::OpenaiSse;
    let as_openai = openai::Config {
        model: config.model.clone().unwrap_or_default(),
        sees: config.sees,
        max_output_tokens: config.max_tokens,
        token_limit: TokenLimit::MaxTokens,
        temperature: config.temperature,
        usage: chat,
        extra: config.extra.clone(),
        ..openai::Config::default()
    };
    let mut body = request::body(&as_openai, asked);
    if let Some(fields) = body.as_object_mut() {
        if config.model.is_none() {
            fields.remove("model");
        }
        if !chat {
            fields.remove("tools");
            fields.remove("tool_choice");
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use bedside_conversation::context::{Message, Tool, ToolChoice};
    use serde_json::json;

    use super::*;

    #[test]
    fn functions_are_told_to_those_who_know_them() {
        let asked = ChatRequest {
            instructions: "Be kind.".to_owned(),
            messages: vec![Message::User {
                text: "Hello.".to_owned(),
            }],
            tools: vec![Tool {
                name: "lookup".to_owned(),
                description: "Looks a patient up.".to_owned(),
                parameters: json!({ "type": "object" }),
            }],
            tool_choice: ToolChoice::Auto,
            max_output_tokens: Some(100),
            vitals: None,
            continues: None,
            avoid: Vec::new(),
        };
        let of = |decoder, model: Option<&str>| {
            let config = Config {
                decoder,
                model: model.map(str::to_owned),
                ..Config::default()
            };
            body(&config, &asked)
        };
        let chat = of(Format::OpenaiSse, Some("sea-lion"));
        assert_eq!(
            (&chat["model"], &chat["max_tokens"]),
            (&json!("sea-lion"), &json!(100))
        );
        assert_eq!(chat["tools"][0]["function"]["name"], "lookup");
        assert_eq!(chat["stream_options"]["include_usage"], true);
        let lines = of(Format::JsonLines, None);
        for absent in ["model", "tools", "tool_choice", "stream_options"] {
            assert_eq!(lines.get(absent), None, "{absent}");
        }
        assert_eq!(
            (&lines["stream"], &lines["messages"][1]["content"]),
            (&json!(true), &json!("Hello."))
        );
    }
}
