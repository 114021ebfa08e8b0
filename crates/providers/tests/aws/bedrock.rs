use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use bedside_conversation::context::{Finish, Message, ModelEvent};
use bedside_conversation::io::FaultKind;
use bedside_providers::bedrock::{Bedrock, Cache, Config, Guardrail, GuardrailMode};
use bedside_providers::report::Reporter;
use bedside_providers::traits::ChatModel;
use futures::StreamExt;

use super::server::{Answer, Server, Step, event, exception, refused};
use super::{answer, outcome, request, sdk};

fn config() -> Config {
    Config {
        model: "eu.anthropic.claude-haiku-4-5:0".to_owned(),
        first_ms: 400,
        next_ms: 400,
        warm_ms: 0,
        ..Config::default()
    }
}

async fn model(answers: impl IntoIterator<Item = Answer>) -> (Server, Bedrock) {
    let server = Server::start(answers).await;
    let model = Bedrock::new("bedrock", config(), &sdk(&server.url).await).unwrap();
    (server, model)
}

fn begin() -> Vec<u8> {
    event("messageStart", r#"{"role":"assistant","p":"abcd"}"#)
}

fn text(text: &str) -> Vec<u8> {
    let payload = serde_json::json!({ "contentBlockIndex": 0, "delta": { "text": text }, "p": "abcdefgh" });
    event("contentBlockDelta", &payload.to_string())
}

fn close() -> Vec<u8> {
    event("contentBlockStop", r#"{"contentBlockIndex":0,"p":"ab"}"#)
}

fn end() -> Vec<u8> {
    event("messageStop", r#"{"stopReason":"end_turn","p":""}"#)
}

fn metadata() -> Vec<u8> {
    event(
        "metadata",
        r#"{"usage":{"inputTokens":20,"outputTokens":4,"totalTokens":124,"cacheReadInputTokens":100},
            "metrics":{"latencyMs":312},"p":"abc"}"#,
    )
}

fn steps(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<Step> {
    frames.into_iter().map(Step::Bytes).collect()
}

fn whole() -> Answer {
    Answer::Stream(steps([
        begin(),
        text("How "),
        text("long?"),
        close(),
        end(),
        metadata(),
    ]))
}

/// An answer that begins, and goes on with `more`.
fn begun(more: impl IntoIterator<Item = Step>) -> Answer {
    let mut all = steps([begin(), text("How ")]);
    all.extend(more);
    Answer::Stream(all)
}

#[tokio::test]
async fn an_answer_is_streamed_and_counted() {
    let (server, model) = model([whole()]).await;
    let events = answer(&model).await;
    let events: Vec<_> = events.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        events[..2],
        [
            ModelEvent::TextDelta("How ".to_owned()),
            ModelEvent::TextDelta("long?".to_owned())
        ]
    );
    let ModelEvent::Done { usage, finish } = &events[2] else {
        panic!("{events:?}");
    };
    assert_eq!(
        (usage.input_tokens, usage.cached_tokens, *finish),
        (120, 100, Finish::Stop)
    );

    let asked = &server.requests()[0];
    assert_eq!(
        asked.line,
        "POST /model/eu.anthropic.claude-haiku-4-5%3A0/converse-stream"
    );
    let authorization = asked.header("authorization").unwrap();
    assert!(
        authorization.contains("/eu-north-1/bedrock/aws4_request"),
        "{authorization}"
    );
    let body = asked.json();
    assert_eq!(body["inferenceConfig"]["maxTokens"], 512);
    assert_eq!(body["messages"][0]["content"][0]["text"], "Hello.");
    assert!(body.get("toolConfig").is_none() && body.get("guardrailConfig").is_none());
}

#[tokio::test]
async fn settings_are_written_as_bedrock_reads_them() {
    let server = Server::start([whole()]).await;
    let config = Config {
        cache: Some(Cache::FiveMinutes),
        guardrail: Some(Guardrail {
            id: "gr-1".to_owned(),
            version: "DRAFT".to_owned(),
            mode: GuardrailMode::Sync,
        }),
        sees: true,
        ..config()
    };
    let model = Bedrock::new("bedrock", config, &sdk(&server.url).await).unwrap();
    let mut request = request("What does it say?");
    request.messages.push(Message::Picture {
        jpeg: b"jpeg".as_slice().into(),
    });
    let events: Vec<_> = model.generate(request, Reporter::silent()).collect().await;
    assert!(matches!(events.last(), Some(Ok(ModelEvent::Done { .. }))));
    let body = server.requests()[0].json();
    let point = serde_json::json!({ "cachePoint": { "type": "default", "ttl": "5m" } });
    assert_eq!(body["system"][1], point);
    assert_eq!(body["guardrailConfig"]["streamProcessingMode"], "sync");
    assert_eq!(body["messages"][0]["content"][1]["image"]["format"], "jpeg");
}

#[tokio::test]
async fn frames_may_come_in_any_pieces() {
    let frames = [begin(), text("Größe?"), close(), end(), metadata()].concat();
    let pieces: Vec<_> = frames.chunks(7).map(<[u8]>::to_vec).collect();
    let (_server, model) = model([Answer::Stream(steps(pieces))]).await;
    assert_eq!(outcome(&model).await, ("Größe?".to_owned(), Ok(())));
}

#[tokio::test]
async fn what_is_unknown_is_passed_over() {
    let frames = [
        event("somethingNew", r#"{"a":1}"#),
        begin(),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"hologram":{}}}"#,
        ),
        text("How long?"),
        end(),
        metadata(),
    ];
    let (_server, model) = model([Answer::Stream(steps(frames))]).await;
    assert_eq!(outcome(&model).await, ("How long?".to_owned(), Ok(())));
}

#[tokio::test]
async fn an_answer_that_is_over_needs_no_count() {
    let no_count = || steps([begin(), text("How long?"), end()]);
    let mut stalls = no_count();
    stalls.push(Step::Stall);
    let mut breaks = no_count();
    breaks.push(Step::Cut);
    let mut fails = no_count();
    fails.push(Step::Bytes(exception("internalServerException", "{}")));
    for steps in [no_count(), stalls, breaks, fails] {
        let (_server, model) = model([Answer::Stream(steps)]).await;
        assert_eq!(outcome(&model).await, ("How long?".to_owned(), Ok(())));
    }
}

#[tokio::test]
async fn a_stream_that_breaks_is_a_fault() {
    let mut flipped = text("long?");
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    let half = text("long?")[..20].to_vec();
    let cases = [
        (begun([]), FaultKind::Internal),
        (begun([Step::Cut]), FaultKind::Disconnected),
        (begun([Step::Stall]), FaultKind::Timeout),
        (begun([Step::Bytes(flipped)]), FaultKind::Internal),
        (begun([Step::Bytes(half)]), FaultKind::Internal),
        (
            begun([Step::Bytes(b"<html>Bad gateway</html>".to_vec())]),
            FaultKind::Internal,
        ),
        (
            begun([Step::Bytes(event("contentBlockDelta", "{nonsense"))]),
            FaultKind::Internal,
        ),
        (
            begun([Step::Bytes(exception(
                "throttlingException",
                r#"{"message":"slow"}"#,
            ))]),
            FaultKind::Overloaded,
        ),
        (
            begun([Step::Bytes(exception(
                "validationException",
                r#"{"message":"no"}"#,
            ))]),
            FaultKind::Refused,
        ),
        (
            begun([Step::Bytes(exception(
                "modelStreamErrorException",
                r#"{"message":"m","originalStatusCode":500}"#,
            ))]),
            FaultKind::Internal,
        ),
        (
            begun([Step::Bytes(exception("serviceUnavailableException", "{}"))]),
            FaultKind::Internal,
        ),
        // Not among the exceptions that the SDK knows here.
        (
            begun([Step::Bytes(exception("modelTimeoutException", "{}"))]),
            FaultKind::Timeout,
        ),
        (
            begun([Step::Bytes(exception("somethingNew", "{}"))]),
            FaultKind::Internal,
        ),
    ];
    for (number, (answer, kind)) in cases.into_iter().enumerate() {
        let (server, model) = model([answer, whole()]).await;
        let (said, end) = outcome(&model).await;
        assert!("How ".starts_with(&said), "{number}: {said}");
        assert_eq!(end, Err(kind), "{number}");
        assert_eq!(
            server.requests().len(),
            1,
            "{number}: asked once, whatever happens"
        );
    }
}

#[tokio::test]
async fn a_request_that_fails_is_a_fault() {
    let refused = |status, error| Answer::Json {
        status,
        error: Some(error),
        body: r#"{"message":"The patient said Hello."}"#.to_owned(),
    };
    let cases = [
        (refused(429, "ThrottlingException"), FaultKind::Overloaded),
        (
            refused(429, "ThrottlingException:http://internal.amazon.com/coral/"),
            FaultKind::Overloaded,
        ),
        (refused(429, "ModelNotReadyException"), FaultKind::Overloaded),
        (
            refused(400, "ServiceQuotaExceededException"),
            FaultKind::Overloaded,
        ),
        (refused(400, "ValidationException"), FaultKind::Refused),
        (refused(403, "AccessDeniedException"), FaultKind::Refused),
        (refused(403, "ExpiredTokenException"), FaultKind::Refused),
        (refused(404, "ResourceNotFoundException"), FaultKind::Refused),
        (refused(408, "ModelTimeoutException"), FaultKind::Timeout),
        (refused(424, "ModelErrorException"), FaultKind::Internal),
        (refused(500, "InternalServerException"), FaultKind::Internal),
        (refused(503, "ServiceUnavailableException"), FaultKind::Internal),
        (
            Answer::Json {
                status: 502,
                error: None,
                body: "<html>Bad gateway</html>".to_owned(),
            },
            FaultKind::Internal,
        ),
        (
            Answer::Json {
                status: 200,
                error: None,
                body: "<html>Please log in</html>".to_owned(),
            },
            FaultKind::Internal,
        ),
        (Answer::Silence, FaultKind::Timeout),
        (Answer::Stream(vec![Step::Stall]), FaultKind::Timeout),
        (Answer::Cut, FaultKind::Disconnected),
    ];
    for (number, (first, kind)) in cases.into_iter().enumerate() {
        let (server, model) = model([first, whole()]).await;
        let events = answer(&model).await;
        let [Err(fault)] = &events[..] else {
            panic!("{number}: {events:?}");
        };
        assert_eq!((fault.provider, fault.kind), ("bedrock", kind), "{number}");
        assert_eq!(
            server.requests().len(),
            1,
            "{number}: asked once, whatever happens"
        );
    }
}

#[tokio::test]
async fn nobody_there_and_nobody_known() {
    let gone = Bedrock::new("bedrock", config(), &sdk("http://127.0.0.1:9").await).unwrap();
    assert_eq!(outcome(&gone).await.1, Err(FaultKind::Disconnected));
    let (server, _) = model([]).await;
    let nobody = SdkConfig::builder()
        .region(aws_config::Region::new("eu-north-1"))
        .endpoint_url(&server.url)
        .behavior_version(aws_config::BehaviorVersion::latest())
        .build();
    let unknown = Bedrock::new("bedrock", config(), &nobody).unwrap();
    assert_eq!(outcome(&unknown).await.1, Err(FaultKind::Refused));
    assert!(server.requests().is_empty(), "nothing goes out unsigned");
}

#[tokio::test]
async fn a_drip_does_not_keep_an_answer_alive() {
    // Bytes come, but no event.
    let drip = begun([Step::Bytes(text("long?")[..9].to_vec()), Step::Stall]);
    let (_server, model) = model([drip]).await;
    let begun = Instant::now();
    assert_eq!(outcome(&model).await.1, Err(FaultKind::Timeout));
    assert!(begun.elapsed() < Duration::from_millis(1500));
}

#[tokio::test]
async fn an_unwanted_answer_is_cut_off() {
    let (server, model) = model([begun([Step::Stall]), whole()]).await;
    let mut events = model.generate(request("Hello."), Reporter::silent());
    assert!(matches!(events.next().await, Some(Ok(ModelEvent::TextDelta(_)))));
    drop(events);
    assert_eq!(outcome(&model).await.1, Ok(()));
    let requests = server.requests();
    assert_ne!(requests[0].connection, requests[1].connection);
}

#[tokio::test]
async fn answers_follow_each_other_on_one_connection() {
    let (server, model) = model([whole(), whole(), whole(), whole()]).await;
    for _ in 0..4 {
        assert_eq!(outcome(&model).await.1, Ok(()));
    }
    // An answer that is asked for before the end of the one before was read needs another one.
    let last = server.requests().iter().map(|request| request.connection).max();
    assert!(last < Some(3), "{last:?}");
}

#[tokio::test]
async fn a_connection_is_opened_at_once_and_kept() {
    let refused = || refused(403, "AccessDeniedException");
    let server = Server::start([refused(), refused(), refused()]).await;
    let config = Config {
        warm_ms: 50,
        ..config()
    };
    let model = Bedrock::new("bedrock", config, &sdk(&server.url).await).unwrap();
    tokio::time::timeout(Duration::from_secs(10), server.until(3))
        .await
        .unwrap();
    for request in &server.requests()[..3] {
        assert_eq!(request.line, "GET /async-invoke?maxResults=1");
        assert_eq!(request.connection, 0);
    }
    assert!(!model.sees());
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let fault = |config| async move {
        let sdk = sdk("http://127.0.0.1:9").await;
        Bedrock::new("bedrock", config, &sdk).unwrap_err().field
    };
    assert_eq!(fault(Config::default()).await, "model");
    let no_tokens = Config {
        max_tokens: 0,
        ..config()
    };
    assert_eq!(fault(no_tokens).await, "max_tokens");
    let nowhere = SdkConfig::builder().build();
    assert_eq!(
        Bedrock::new("bedrock", config(), &nowhere).unwrap_err().field,
        "region"
    );
}
