use bedside_conversation::io::FaultKind;
use bedside_providers::sagemaker::{Config, Format, SageMaker};

use super::server::{Answer, Server, Step, exception, frame};
use super::{outcome, sdk};

async fn model(decoder: Format, answers: impl IntoIterator<Item = Answer>) -> (Server, SageMaker) {
    let server = Server::start(answers).await;
    let config = Config {
        endpoint: "sea-lion".to_owned(),
        decoder,
        first_ms: 400,
        next_ms: 400,
        ..Config::default()
    };
    let model = SageMaker::new("sagemaker", config, &sdk(&server.url).await).unwrap();
    (server, model)
}

/// A container's bytes in parts that end within characters.
fn parts(written: &str) -> Vec<Step> {
    let part = |bytes: &[u8]| {
        let headers = [
            (":event-type", "PayloadPart"),
            (":content-type", "application/octet-stream"),
            (":message-type", "event"),
        ];
        Step::Bytes(frame(&headers, bytes))
    };
    written.as_bytes().chunks(5).map(part).collect()
}

const WORDS: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Größe?\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

#[tokio::test]
async fn each_format_is_read() {
    let token = "{\"token\":{\"id\":1,\"text\":\"Größe?\"}}\n\
                 {\"token\":{\"id\":2,\"text\":\"\"},\"details\":{\"finish_reason\":\"eos_token\"}}\n";
    let cases = [
        (
            Format::OpenaiSse,
            format!("{WORDS}{END}data: [DONE]\n\n"),
            "text/event-stream",
        ),
        (Format::JsonLines, token.to_owned(), "application/jsonlines"),
        (Format::RawText, "Größe?".to_owned(), "text/plain"),
    ];
    for (format, written, accept) in cases {
        let (server, model) = model(format, [Answer::Stream(parts(&written))]).await;
        assert_eq!(outcome(&model).await, ("Größe?".to_owned(), Ok(())), "{format:?}");
        let asked = &server.requests()[0];
        assert_eq!(asked.line, "POST /endpoints/sea-lion/invocations-response-stream");
        assert_eq!(asked.header("x-amzn-sagemaker-accept"), Some(accept));
        assert!(
            asked
                .header("authorization")
                .unwrap()
                .contains("/sagemaker/aws4_request")
        );
        assert_eq!(asked.json()["messages"][1]["content"], "Hello.");
    }
}

#[tokio::test]
async fn an_answer_that_is_over_is_over() {
    let mut stalls = parts(&format!("{WORDS}{END}"));
    stalls.push(Step::Stall);
    let (_server, model) = model(Format::OpenaiSse, [Answer::Stream(stalls)]).await;
    assert_eq!(outcome(&model).await, ("Größe?".to_owned(), Ok(())));
}

#[tokio::test]
async fn what_breaks_off_is_a_fault() {
    let timed_out = r#"{"Message":"m","ErrorCode":"ModelInvocationTimeExceeded"}"#;
    let broken = r#"{"Message":"m","ErrorCode":"StreamBroken"}"#;
    let cases = [
        (None, FaultKind::Internal),
        (Some(Step::Cut), FaultKind::Disconnected),
        (Some(Step::Stall), FaultKind::Timeout),
        (
            Some(Step::Bytes(exception("ModelStreamError", timed_out))),
            FaultKind::Timeout,
        ),
        (
            Some(Step::Bytes(exception("ModelStreamError", broken))),
            FaultKind::Internal,
        ),
        (
            Some(Step::Bytes(exception(
                "InternalStreamFailure",
                r#"{"Message":"m"}"#,
            ))),
            FaultKind::Internal,
        ),
    ];
    for (number, (last, kind)) in cases.into_iter().enumerate() {
        let mut steps = parts(WORDS);
        steps.extend(last);
        let (_server, model) = model(Format::OpenaiSse, [Answer::Stream(steps)]).await;
        assert_eq!(outcome(&model).await.1, Err(kind), "{number}");
    }
}

#[tokio::test]
async fn a_request_that_fails_is_a_fault() {
    for (status, error, kind) in [
        (400, "ValidationError", FaultKind::Refused),
        (424, "ModelError", FaultKind::Internal),
        (429, "ModelNotReadyException", FaultKind::Overloaded),
        (500, "InternalFailure", FaultKind::Internal),
        (503, "ServiceUnavailable", FaultKind::Internal),
    ] {
        let answer = Answer::Json {
            status,
            error: Some(error),
            body: r#"{"Message":"no"}"#.to_owned(),
        };
        let (server, model) = model(Format::OpenaiSse, [answer]).await;
        assert_eq!(outcome(&model).await, (String::new(), Err(kind)), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}
