use super::*;
use serde_json::json;

fn read(body: &Value) -> Result<Request, String> {
    Request::read(&serde_json::to_vec(body).unwrap())
}

#[test]
fn a_conversation_becomes_a_prompt() {
    let request = read(&json!({
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hello"}]},
            {"role": "model", "parts": [{"text": "Wait.", "thought": true}, {"functionCall": {"name": "look"}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"rate": 72}}}]},
        ],
        "tools": [{"functionDeclarations": [{"name": "look", "description": "Looks."}]}],
        "generationConfig": {"maxOutputTokens": 5},
    }))
    .unwrap();
    assert_eq!(
        (request.allowance, request.prompt.instructions.as_str()),
        (Some(5), "Be brief.")
    );
    let said: Vec<_> = request
        .prompt
        .messages
        .iter()
        .map(|said| (said.by, said.text.as_str()))
        .collect();
    let expected = [
        (Speaker::User, "Hello"),
        (Speaker::Assistant, ""),
        (Speaker::Function, r#"{"rate":72}"#),
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_the_service_refuses_is_refused() {
    let user = json!({"role": "user", "parts": [{"text": "Hello"}]});
    let call = json!({"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]});
    let cases = [
        (json!({"contents": []}), "contents is not specified"),
        (json!({"contents": [user], "stream": true}), "stream"),
        (
            json!({"contents": [{"role": "assistant", "parts": [{"text": "Hello"}]}]}),
            "valid role",
        ),
        (json!({"contents": [{"role": "user", "parts": [{}]}]}), "oneof"),
        (
            json!({"contents": [user, call, user]}),
            "number of function response parts",
        ),
        (json!({"contents": [call]}), "immediately after a user turn"),
        (
            json!({"contents": [user], "tools": [{"functionDeclarations": [
            {"name": "1", "description": "Looks."}]}]}),
            "function name",
        ),
    ];
    for (body, part) in cases {
        let error = read(&body).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}
