//! OpenAI-like servers and Gemini over real sockets: what they are asked, and what each fault of theirs becomes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

#[path = "support/vendor.rs"]
mod vendor;

use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, Tool, ToolChoice};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::gemini::{self, Gemini};
use bedside_providers::openai::{self, OpenAi};
use bedside_providers::report::Reporter;
use bedside_providers::secret::Secret;
use bedside_providers::traits::ChatModel;
use bytes::Bytes;
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;
use vendor::{Answer, Vendor};

fn openai(vendor: &Vendor) -> OpenAi {
    let config = openai::Config {
        url: vendor.url("/v1/"),
        open_timeout_ms: 1_000,
        event_timeout_ms: 1_000,
        ..openai::Config::default()
    };
    OpenAi::new("gpt", config, Some(Secret::new("hush"))).unwrap()
}

fn gemini(vendor: &Vendor) -> Gemini {
    let config = gemini::Config {
        url: vendor.url(""),
        model: "gemini-3-flash".into(),
        open_timeout_ms: 1_000,
        event_timeout_ms: 1_000,
        ..gemini::Config::default()
    };
    Gemini::new("gemini", config, Secret::new("hush")).unwrap()
}

fn request() -> ChatRequest {
    ChatRequest {
        instructions: "Be kind.".into(),
        messages: vec![
            Message::User { text: "Hi".into() },
            Message::ToolCall {
                call_id: "tooluse_1".into(),
                name: "lookup".into(),
                arguments: "{\"id\":7}".into(),
            },
            Message::ToolResult {
                call_id: "tooluse_1".into(),
                output: "found".into(),
            },
        ],
        tools: vec![Tool {
            name: "lookup".into(),
            description: "Looks up.".into(),
            parameters: json!({ "type": "object", "properties": { "id": { "type": "integer" } } }),
        }],
        tool_choice: ToolChoice::Auto,
        max_output_tokens: Some(50),
        vitals: None,
        continues: None,
        avoid: Vec::new(),
    }
}

async fn answer(model: &dyn ChatModel) -> (String, Result<Finish, StageFault>) {
    let mut events = model.generate(request(), Reporter::silent());
    let mut text = String::new();
    let mut end = None;
    while let Some(event) = timeout(Duration::from_secs(5), events.next())
        .await
        .expect("in time")
    {
        assert!(end.is_none(), "{event:?} after the end");
        match event {
            Ok(ModelEvent::TextDelta(delta)) => text.push_str(&delta),
            Ok(ModelEvent::Done { finish, .. }) => end = Some(Ok(finish)),
            Ok(other) => panic!("{other:?}"),
            Err(fault) => end = Some(Err(fault)),
        }
    }
    (text, end.expect("an end"))
}

fn said(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

fn finish() -> String {
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".into()
}

fn done() -> String {
    "data: [DONE]\n\n".into()
}

fn part(text: &str, finish: &str) -> String {
    format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}{finish}}}]}}\r\n\r\n"
    )
}

const STOP: &str = ",\"finishReason\":\"STOP\"";

#[tokio::test]
async fn an_openai_like_server_is_asked_and_answers() {
    let vendor = Vendor::answering([Answer::Pieces(vec![
        said("Good "),
        said("day."),
        finish(),
        done(),
    ])])
    .await;
    let model = openai(&vendor);
    for _ in 0..2 {
        assert_eq!(answer(&model).await, ("Good day.".into(), Ok(Finish::Stop)));
    }
    let asked = &vendor.asked()[0];
    assert_eq!(asked.path, "/v1/chat/completions");
    assert_eq!(asked.headers["authorization"], "Bearer hush");
    let body = &asked.body;
    assert_eq!(body["model"], "gpt-4.1-mini");
    assert_eq!(
        (&body["stream"], &body["stream_options"]["include_usage"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(body["max_completion_tokens"], 50);
    assert_eq!(body["tools"][0]["function"]["name"], "lookup");
    assert_eq!(body["tool_choice"], "auto");
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool"]);
    assert!(messages[0]["content"].as_str().unwrap().starts_with("Be kind."));
    assert_eq!(messages[2]["content"], json!(null));
    assert_eq!(
        messages[2]["tool_calls"],
        json!([{
            "id": "call00001",
            "type": "function",
            "function": { "name": "lookup", "arguments": "{\"id\":7}" },
        }])
    );
    assert_eq!(
        messages[3],
        json!({ "role": "tool", "tool_call_id": "call00001", "content": "<data from=\"lookup\">\nfound\n</data>" })
    );
}

#[tokio::test]
async fn a_rotated_key_is_used_and_none_is_needed() {
    let vendor = Vendor::answering([Answer::Pieces(vec![said("Hi"), finish(), done()])]).await;
    let key = Secret::new("old");
    let config = |url: String| openai::Config {
        url,
        ..openai::Config::default()
    };
    let model = OpenAi::new("gpt", config(vendor.url("/v1")), Some(key.clone())).unwrap();
    key.replace("new");
    let keyless = OpenAi::new("gpt", config(vendor.url("/v1")), None).unwrap();
    for model in [&model, &keyless] {
        assert_eq!(answer(model).await.1, Ok(Finish::Stop));
    }
    let asked = vendor.asked();
    assert_eq!(asked[0].headers["authorization"], "Bearer new");
    assert!(!asked[1].headers.contains_key("authorization"));
    assert!(!format!("{model:?}").contains("new"));
}

#[tokio::test]
async fn gemini_is_asked_and_answers() {
    let vendor = Vendor::answering([Answer::Pieces(vec![part("Good ", ""), part("day.", STOP)])]).await;
    assert_eq!(
        answer(&gemini(&vendor)).await,
        ("Good day.".into(), Ok(Finish::Stop))
    );
    let asked = &vendor.asked()[0];
    assert_eq!(
        asked.path,
        "/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(asked.headers["x-goog-api-key"], "hush");
    let body = &asked.body;
    assert_eq!(body["generationConfig"], json!({ "maxOutputTokens": 50 }));
    assert_eq!(body["tools"][0]["functionDeclarations"][0]["name"], "lookup");
    assert_eq!(
        body["contents"][1],
        json!({ "role": "model", "parts": [{
            "functionCall": { "name": "lookup", "args": { "id": 7 } },
            "thoughtSignature": "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
        }] })
    );
    let response = &body["contents"][2]["parts"][0]["functionResponse"];
    assert_eq!(response["name"], "lookup");
    assert!(
        response["response"]["output"]
            .as_str()
            .unwrap()
            .starts_with("<data")
    );
}

#[tokio::test]
async fn pictures_are_shown() {
    let picture = ChatRequest {
        messages: vec![
            Message::User {
                text: "Read it".into(),
            },
            Message::Picture {
                jpeg: Bytes::from_static(b"jpeg"),
            },
        ],
        tools: Vec::new(),
        ..request()
    };
    let vendor = Vendor::answering([Answer::Whole(400, String::new())]).await;
    assert!(openai(&vendor).sees() && gemini(&vendor).sees());
    let mut events = openai(&vendor).generate(picture.clone(), Reporter::silent());
    assert!(events.next().await.unwrap().is_err());
    let mut events = gemini(&vendor).generate(picture, Reporter::silent());
    assert!(events.next().await.unwrap().is_err());
    let asked = vendor.asked();
    assert_eq!(
        asked[0].body["messages"][1]["content"],
        json!([
            { "type": "text", "text": "Read it" },
            { "type": "image_url", "image_url": { "url": "data:image/jpeg;base64,anBlZw==" } },
        ])
    );
    assert!(asked[0].body.get("tools").is_none() && asked[1].body.get("toolConfig").is_none());
    assert_eq!(
        asked[1].body["contents"][0]["parts"][1],
        json!({ "inlineData": { "mimeType": "image/jpeg", "data": "anBlZw==" } })
    );
}

#[tokio::test]
async fn every_fault_is_told_apart() {
    let pieces = || vec![said("Well, ")];
    let error = "data: {\"error\":{\"code\":500,\"message\":\"x\"}}\n\n";
    let cases = [
        (Answer::Whole(401, "{}".into()), "", FaultKind::Refused),
        (Answer::Whole(404, "{}".into()), "", FaultKind::Refused),
        (Answer::Whole(429, "{}".into()), "", FaultKind::Overloaded),
        (Answer::Whole(500, "{}".into()), "", FaultKind::Internal),
        (
            Answer::Whole(200, "{\"error\":{}}".into()),
            "",
            FaultKind::Internal,
        ),
        (Answer::Silence, "", FaultKind::Timeout),
        (Answer::Stall(vec![]), "", FaultKind::Timeout),
        (Answer::Stall(pieces()), "Well, ", FaultKind::Timeout),
        (Answer::Cut(pieces()), "Well, ", FaultKind::Disconnected),
        (Answer::Pieces(pieces()), "Well, ", FaultKind::Internal),
        (
            Answer::Pieces([pieces(), vec![error.into()]].concat()),
            "Well, ",
            FaultKind::Internal,
        ),
        (
            Answer::Pieces([pieces(), vec!["data: \u{1}garbage\n\n".into()]].concat()),
            "Well, ",
            FaultKind::Internal,
        ),
    ];
    for (how, text, kind) in cases {
        let vendor = Vendor::answering([how.clone()]).await;
        let fault = StageFault {
            provider: "gpt",
            kind,
        };
        assert_eq!(
            answer(&openai(&vendor)).await,
            (text.into(), Err(fault)),
            "{how:?}"
        );
    }
    let cut = Vendor::answering([Answer::Cut(vec![part("Well, ", "")])]).await;
    let (text, end) = answer(&gemini(&cut)).await;
    assert_eq!(
        (text.as_str(), end.unwrap_err().kind),
        ("Well, ", FaultKind::Disconnected)
    );
    let clean = Vendor::answering([Answer::Pieces(vec![part("Well, ", "")])]).await;
    assert_eq!(
        answer(&gemini(&clean)).await.1.unwrap_err().kind,
        FaultKind::Internal
    );
    let nobody = OpenAi::new(
        "gpt",
        openai::Config {
            url: "http://127.0.0.1:9/v1".into(),
            ..openai::Config::default()
        },
        None,
    );
    assert_eq!(
        answer(&nobody.unwrap()).await.1.unwrap_err().kind,
        FaultKind::Disconnected
    );
}

#[tokio::test]
async fn nothing_is_lost_with_what_follows_a_complete_answer() {
    let words = || vec![said("Good day."), finish()];
    for how in [
        Answer::Cut(words()),
        Answer::Stall(words()),
        Answer::Pieces(words()),
    ] {
        let vendor = Vendor::answering([how.clone()]).await;
        assert_eq!(
            answer(&openai(&vendor)).await,
            ("Good day.".into(), Ok(Finish::Stop)),
            "{how:?}"
        );
    }
}

#[tokio::test]
async fn dropping_an_answer_closes_its_connection() {
    let vendor = Vendor::answering([Answer::Stall(vec![said("Well, ")])]).await;
    let left = vendor.left();
    let mut events = openai(&vendor).generate(request(), Reporter::silent());
    assert!(matches!(events.next().await, Some(Ok(ModelEvent::TextDelta(_)))));
    drop(events);
    let gone = timeout(Duration::from_secs(5), left)
        .await
        .expect("the server notices");
    assert!(gone.is_err(), "its body is dropped");
}

#[test]
fn settings_with_which_nothing_works_are_named() {
    let field = |config: openai::Config| OpenAi::new("gpt", config, None).unwrap_err().field;
    let url = |url: &str| openai::Config {
        url: url.into(),
        ..openai::Config::default()
    };
    assert_eq!(field(url("localhost:1")), "url");
    assert_eq!(field(url("http://user:key@host/v1")), "url");
    let model = gemini::Config {
        model: "../secrets".into(),
        ..gemini::Config::default()
    };
    assert_eq!(
        Gemini::new("g", model, Secret::new("k")).unwrap_err().field,
        "model"
    );
}
