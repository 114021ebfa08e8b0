use aws_sdk_bedrockruntime::types::{
    GuardrailStreamProcessingMode, PerformanceConfigLatency, ServiceTierType,
};
use bedside_conversation::context::Message as Said;
use bytes::Bytes;

use super::*;
use crate::bedrock::config::{Guardrail, GuardrailMode, Latency, ServiceTier as Tier};

fn lookup() -> context::Tool {
    context::Tool {
        name: "lookup".to_owned(),
        description: "Looks a patient up.".to_owned(),
        parameters: json!({ "type": "object", "properties": { "id": { "type": "integer" } } }),
    }
}

fn request(messages: Vec<Said>, tools: Vec<context::Tool>) -> ChatRequest {
    ChatRequest {
        instructions: "Be kind.".to_owned(),
        messages,
        tools,
        tool_choice: context::ToolChoice::Auto,
        max_output_tokens: None,
        vitals: None,
        continues: None,
        avoid: Vec::new(),
    }
}

fn asked(text: &str) -> Said {
    Said::User {
        text: text.to_owned(),
    }
}

fn consulted() -> Vec<Said> {
    vec![
        asked("I am Ada."),
        Said::Assistant {
            heard: "One moment.".to_owned(),
            complete: true,
            tag: None,
        },
        Said::ToolCall {
            call_id: "call_of_another_vendor".to_owned(),
            name: "lookup".to_owned(),
            arguments: "{\"id\": 7}".to_owned(),
        },
        Said::ToolResult {
            call_id: "call_of_another_vendor".to_owned(),
            output: "found".to_owned(),
        },
    ]
}

fn question(request: &ChatRequest, config: &Config) -> Question {
    Question::new(request, config).unwrap()
}

fn names(question: &Question) -> Vec<&str> {
    let tools = question.tools.iter().flat_map(|tools| &tools.tools);
    tools
        .filter_map(|tool| tool.as_tool_spec().ok())
        .map(|tool| tool.name.as_str())
        .collect()
}

#[test]
fn calls_and_results_stand_where_bedrock_wants_them() {
    let question = question(&request(consulted(), vec![lookup()]), &Config::default());
    let roles: Vec<_> = question
        .messages
        .iter()
        .map(|message| message.role.as_str())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let used = question.messages[1].content[1].as_tool_use().unwrap();
    assert_eq!(used.name, "lookup");
    assert_eq!(used.input, document(&json!({ "id": 7 })));
    let result = question.messages[2].content[0].as_tool_result().unwrap();
    assert_eq!(result.tool_use_id, used.tool_use_id);
    assert!(result.content[0].as_text().unwrap().contains("found"));
    assert!(question.system[0].as_text().unwrap().starts_with("Be kind."));
}

#[test]
fn a_called_function_stays_described() {
    let gone = question(&request(consulted(), Vec::new()), &Config::default());
    assert_eq!(names(&gone), ["lookup"]);
    let mut none = request(consulted(), vec![lookup()]);
    none.tool_choice = context::ToolChoice::None;
    assert_eq!(names(&question(&none, &Config::default())), ["lookup"]);
}

#[test]
fn no_functions_no_configuration_of_them() {
    let plain = question(&request(vec![asked("Hello.")], Vec::new()), &Config::default());
    assert_eq!(plain.tools, None);
    let mut none = request(vec![asked("Hello.")], vec![lookup()]);
    none.tool_choice = context::ToolChoice::None;
    assert_eq!(question(&none, &Config::default()).tools, None);
}

#[test]
fn choices_of_functions() {
    let choice = |choice| {
        let mut request = request(vec![asked("Hello.")], vec![lookup()]);
        request.tool_choice = choice;
        question(&request, &Config::default())
            .tools
            .unwrap()
            .tool_choice
            .unwrap()
    };
    assert!(choice(context::ToolChoice::Auto).is_auto());
    assert!(choice(context::ToolChoice::Required).is_any());
    let one = choice(context::ToolChoice::Function("lookup".to_owned()));
    assert_eq!(one.as_tool().unwrap().name, "lookup");
    assert!(choice(context::ToolChoice::Function("missing".to_owned())).is_auto());
}

#[test]
fn the_cache_ends_after_the_functions_and_after_the_instructions() {
    let config = Config {
        cache: Some(Cache::OneHour),
        ..Config::default()
    };
    let question = question(&request(vec![asked("Hello.")], vec![lookup()]), &config);
    assert!(question.system.last().unwrap().is_cache_point());
    let last = question.tools.as_ref().unwrap().tools.last().unwrap();
    assert_eq!(
        last.as_cache_point().unwrap().ttl.as_ref().unwrap().as_str(),
        "1h"
    );
}

#[test]
fn settings_are_carried_over() {
    let config = Config {
        guardrail: Some(Guardrail {
            id: "gr-1".to_owned(),
            version: "2".to_owned(),
            mode: GuardrailMode::Async,
        }),
        latency: Some(Latency::Optimized),
        service_tier: Some(Tier::Priority),
        temperature: Some(0.2),
        ..Config::default()
    };
    let mut request = request(vec![asked("Hello.")], Vec::new());
    let question = question(&request, &config);
    let guardrail = question.guardrail.unwrap();
    assert_eq!(
        (
            guardrail.guardrail_identifier.as_str(),
            guardrail.guardrail_version.as_str()
        ),
        ("gr-1", "2")
    );
    assert_eq!(
        guardrail.stream_processing_mode,
        GuardrailStreamProcessingMode::Async
    );
    assert_eq!(
        question.performance.unwrap().latency,
        PerformanceConfigLatency::Optimized
    );
    assert_eq!(question.tier.unwrap().r#type, ServiceTierType::Priority);
    assert_eq!(
        (question.inference.max_tokens, question.inference.temperature),
        (Some(512), Some(0.2))
    );
    for (asked, given) in [(60, 60), (4096, 512), (0, 1)] {
        request.max_output_tokens = Some(asked);
        assert_eq!(inference(&request, &config).max_tokens, Some(given));
    }
}

#[test]
fn pictures_go_to_models_that_see() {
    let request = request(
        vec![
            Said::Picture {
                jpeg: Bytes::from_static(b"jpeg"),
            },
            asked("What does it say?"),
        ],
        Vec::new(),
    );
    let sees = Config {
        sees: true,
        ..Config::default()
    };
    let shown = question(&request, &sees);
    let image = shown.messages[0].content[0].as_image().unwrap();
    assert_eq!(
        image.source.as_ref().unwrap().as_bytes().unwrap().as_ref(),
        b"jpeg"
    );
    let told = question(&request, &Config::default());
    assert!(told.messages[0].content.iter().all(ContentBlock::is_text));
}
