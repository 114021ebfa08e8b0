use super::*;
use serde_json::{Value, json};

const MODEL: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

fn problem(body: Value) -> Option<String> {
    check(MODEL, &serde_json::from_value(body).unwrap()).err()
}

fn said(role: &str, text: &str) -> Value {
    json!({ "role": role, "content": [{ "text": text }] })
}

#[test]
fn a_sound_request_passes() {
    let call = json!({ "role": "assistant", "content": [
        { "toolUse": { "toolUseId": "t1", "name": "look", "input": {} } }] });
    let result = json!({ "role": "user", "content": [
        { "toolResult": { "toolUseId": "t1", "content": [{ "json": { "rate": 72 } }] } }] });
    let tools = json!({ "tools": [{ "toolSpec": { "name": "look", "inputSchema": { "json": { "type": "object" } } } }] });
    let body = json!({ "messages": [said("user", "Hello"), call, result], "toolConfig": tools,
        "system": [{ "text": "Be brief." }, { "cachePoint": { "type": "default" } }] });
    assert_eq!(problem(body), None);
}

#[test]
fn what_the_service_refuses_is_refused() {
    let hello = said("user", "Hello");
    let result =
        json!({ "role": "user", "content": [{ "toolResult": { "toolUseId": "t1", "content": [] } }] });
    let call = json!({ "role": "assistant", "content": [
        { "toolUse": { "toolUseId": "t1", "name": "look", "input": {} } }] });
    let bad_name = json!({ "tools": [{ "toolSpec": { "name": "a b", "inputSchema": { "json": {} } } }] });
    let cases = [
        (json!({ "messages": [] }), "messages field is required"),
        (
            json!({ "messages": [said("assistant", "Hello")] }),
            "must start with a user message",
        ),
        (json!({ "messages": [hello, hello] }), "must alternate"),
        (json!({ "messages": [said("user", " ")] }), "is blank"),
        (
            json!({ "messages": [hello, said("assistant", "Well, ")] }),
            "trailing whitespace",
        ),
        (json!({ "messages": [result] }), "exceeds the number of toolUse"),
        (
            json!({ "messages": [hello, call, hello] }),
            "toolConfig field must be defined",
        ),
        (
            json!({ "messages": [hello], "toolConfig": bad_name }),
            "regular expression",
        ),
        (
            json!({ "messages": [hello], "inferenceConfig": { "maxTokens": 0 } }),
            "maxTokens",
        ),
        (
            json!({ "messages": [hello], "guardrailConfig": { "guardrailIdentifier": "A" } }),
            "guardrail",
        ),
    ];
    for (body, part) in cases {
        let problem = problem(body).unwrap_or_default();
        assert!(problem.contains(part), "{problem} does not say {part}");
    }
}
