use super::*;

fn read(body: &Value) -> Result<Request, Invalid> {
    Request::read(&serde_json::to_vec(body).unwrap())
}

#[test]
fn a_conversation_becomes_a_prompt() {
    let request = read(&json!({
        "model": "gpt", "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hello"},
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AA=="}}]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
        "tools": [{"type": "function", "function": {"name": "look"}}],
    }))
    .unwrap();
    assert!(request.stream && request.usage);
    assert_eq!(request.prompt.instructions, "Be brief.\n");
    assert_eq!(request.prompt.functions, ["look"]);
    let said: Vec<_> = request
        .prompt
        .messages
        .iter()
        .map(|said| (said.by, said.text.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Speaker::User, "Hello"),
            (Speaker::Assistant, ""),
            (Speaker::Function, "42")
        ]
    );
}

#[test]
fn what_the_service_refuses_is_refused() {
    let user = json!({"role": "user", "content": "Hello"});
    let call = json!({"role": "assistant", "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]});
    let cases = [
        (json!({"messages": [user]}), Some("model")),
        (json!({"model": "gpt", "messages": []}), Some("messages")),
        (json!({"model": "gpt", "messages": [user], "top_k": 3}), None),
        (
            json!({"model": "gpt", "messages": [user], "stream_options": {}}),
            Some("stream_options"),
        ),
        (
            json!({"model": "gpt", "messages": [user, call]}),
            Some("messages"),
        ),
        (
            json!({"model": "gpt", "messages": [user, {"role": "tool", "tool_call_id": "c1", "content": ""}]}),
            Some("messages.[1].role"),
        ),
        (
            json!({"model": "gpt", "messages": [{"role": "user", "content": null}]}),
            Some("messages[0].content"),
        ),
        (
            json!({"model": "gpt", "messages": [user],
            "tools": [{"type": "function", "function": {"name": "a b"}}]}),
            Some("tools[0].function.name"),
        ),
    ];
    for (body, param) in cases {
        assert_eq!(read(&body).unwrap_err().param.as_deref(), param, "{body}");
    }
}
