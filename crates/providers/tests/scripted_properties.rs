//! Whatever the history, the scripted model answers, in order, and always the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::sync::{Arc, LazyLock};

use bedside_conversation::consultation::Protocol;
use bedside_conversation::context::{ChatRequest, Message, ModelEvent, Tool, ToolChoice};
use bedside_conversation::scan::START_SCAN;
use bedside_providers::scripted::ScriptedModel;
use proptest::prelude::*;

static MODELS: LazyLock<[ScriptedModel; 2]> = LazyLock::new(|| {
    [Protocol::general_intake(), Protocol::blood_pressure_follow_up()]
        .map(|protocol| ScriptedModel::new(Arc::new(protocol.unwrap())))
});

fn patient() -> impl Strategy<Value = String> {
    let lines = [
        "",
        "yes",
        "No.",
        "I don't know",
        "about a week",
        "six out of ten",
        "120 over 80",
        "stop",
        "continue",
        "goodbye",
        "can you repeat that?",
        "what do you mean?",
        "chest pain",
        "every day",
        "ten",
        "…",
        "½ 1/2/3 ٣ ß’s",
    ];
    prop_oneof![
        4 => prop::sample::select(lines.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => "[a-z0-9 ,./'’?-]{0,60}",
    ]
}

fn tag() -> impl Strategy<Value = Option<String>> {
    let tags = [
        "ask/onset/7",
        "again/pain/0",
        "rephrase/reading/99",
        "ask/nothing/1",
        "close",
        "escalation/x",
        "ask//",
        "//",
        "ask/onset/-1",
        "",
    ];
    prop::option::of(prop::sample::select(tags.to_vec()).prop_map(str::to_owned))
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        4 => patient().prop_map(|text| Message::User { text }),
        4 => ("\\PC{0,60}", any::<bool>(), tag())
            .prop_map(|(heard, complete, tag)| Message::Assistant { heard, complete, tag }),
        1 => "\\PC{0,20}".prop_map(|text| Message::System { text }),
        1 => Just(Message::ToolCall { call_id: "c".into(), name: "end_consultation".into(), arguments: "{".into() }),
        1 => Just(Message::ToolCall { call_id: "c".into(), name: START_SCAN.into(), arguments: r#"{"question":"pulse"}"#.into() }),
        1 => "\\PC{0,20}|\\{\"heart_rate_bpm\":[0-9]{1,3}\\}".prop_map(|output| Message::ToolResult { call_id: "c".into(), output }),
        1 => Just(Message::ToolResult { call_id: "c".into(), output: String::new() }),
    ]
}

fn choice() -> impl Strategy<Value = ToolChoice> {
    prop::sample::select(vec![
        ToolChoice::Auto,
        ToolChoice::None,
        ToolChoice::Required,
        ToolChoice::Function("end_consultation".into()),
        ToolChoice::Function("other".into()),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_history_gets_a_well_formed_answer(
        messages in prop::collection::vec(message(), 0..24),
        tool_choice in choice(),
        declared in any::<bool>(),
        camera in any::<bool>(),
        follow_up in any::<bool>(),
    ) {
        let model = &MODELS[usize::from(follow_up)];
        let tool = |name: &str| Tool { name: name.into(), description: String::new(), parameters: serde_json::json!({}) };
        let request = ChatRequest {
            instructions: String::new(),
            messages,
            tools: [(declared, "end_consultation"), (camera, START_SCAN)]
                .into_iter()
                .filter(|(offered, _)| *offered)
                .map(|(_, name)| tool(name))
                .collect(),
            tool_choice,
            max_output_tokens: None,
            vitals: None,
            continues: None,
            avoid: Vec::new(),
        };
        let events = model.answer(&request);
        let text = events.iter().any(|e| matches!(e, ModelEvent::TextDelta(t) if !t.trim().is_empty()));
        let call = events.iter().any(|e| matches!(e, ModelEvent::ToolCallStart { .. }));
        // A late measurement needs no words.
        let measured = matches!(request.messages.last(), Some(Message::ToolResult { .. }));
        prop_assert!(text || call || measured, "nothing said: {events:?}");
        prop_assert!(!call || declared || camera);
        let done = events.iter().filter(|e| matches!(e, ModelEvent::Done { .. })).count();
        let ends_done = matches!(events.last(), Some(ModelEvent::Done { .. }));
        prop_assert!(done == 1 && ends_done);
        prop_assert_eq!(model.answer(&request), events);
    }
}
