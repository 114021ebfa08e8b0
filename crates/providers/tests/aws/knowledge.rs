use bedside_conversation::io::FaultKind;
use bedside_providers::knowledge::bedrock::{BedrockKnowledge, Config, SearchType};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{Knowledge, Passage};
use serde_json::json;

use super::sdk;
use super::server::{Answer, Server, refused};

fn found() -> Answer {
    let result = |text, uri, score| {
        json!({
            "content": { "type": "TEXT", "text": text },
            "location": { "type": "S3", "s3Location": { "uri": uri } },
            "score": score,
            "metadata": { "language": "en" },
        })
    };
    let body = json!({
        "retrievalResults": [
            result("Rest for a day.", "s3://clinic/fever.md", 0.8),
            result(" ", "s3://clinic/empty.md", 0.7),
            { "content": { "type": "TEXT", "text": "Drink enough." }, "documentId": "d-7" },
        ],
    });
    Answer::Json {
        status: 200,
        error: None,
        body: body.to_string(),
    }
}

async fn search(answers: impl IntoIterator<Item = Answer>) -> (Server, Result<Vec<Passage>, FaultKind>) {
    let server = Server::start(answers).await;
    let config = Config {
        knowledge_base: "ABCDEFGHIJ".to_owned(),
        search_type: Some(SearchType::Hybrid),
        filter: Some(json!({ "equals": { "key": "language", "value": "en" } })),
        timeout_ms: 600,
        ..Config::default()
    };
    let knowledge = BedrockKnowledge::new("bedrock-kb", config, &sdk(&server.url).await).unwrap();
    let found = knowledge
        .search(" fever ".to_owned(), 2, Reporter::silent())
        .await;
    (server, found.map_err(|fault| fault.kind))
}

#[tokio::test]
async fn passages_come_with_their_source() {
    let (server, found) = search([found()]).await;
    let passage = |text: &str, source: &str, score| Passage {
        text: text.to_owned(),
        source: source.to_owned(),
        score,
    };
    assert_eq!(
        found,
        Ok(vec![
            passage("Rest for a day.", "s3://clinic/fever.md", 0.8),
            passage("Drink enough.", "d-7", 0.0),
        ])
    );
    let asked = &server.requests()[0];
    assert_eq!(asked.line, "POST /knowledgebases/ABCDEFGHIJ/retrieve");
    let body = asked.json();
    assert_eq!(body["retrievalQuery"]["text"], "fever");
    let search = &body["retrievalConfiguration"]["vectorSearchConfiguration"];
    assert_eq!(search["numberOfResults"], 2);
    assert_eq!(search["overrideSearchType"], "HYBRID");
    assert_eq!(search["filter"]["equals"]["key"], "language");
}

#[tokio::test]
async fn what_may_pass_is_tried_once_more() {
    for (status, error) in [
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (424, "DependencyFailedException"),
        (502, "BadGatewayException"),
    ] {
        let (server, passages) = search([refused(status, error), found()]).await;
        assert_eq!(passages.unwrap().len(), 2, "{error}");
        assert_eq!(server.requests().len(), 2);
    }
    let twice = [
        refused(429, "ThrottlingException"),
        refused(429, "ThrottlingException"),
        found(),
    ];
    let (server, passages) = search(twice).await;
    assert_eq!(passages, Err(FaultKind::Overloaded));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for (answer, kind) in [
        (refused(400, "ValidationException"), FaultKind::Refused),
        (refused(404, "ResourceNotFoundException"), FaultKind::Refused),
        (Answer::Silence, FaultKind::Timeout),
    ] {
        let (server, passages) = search([answer, found()]).await;
        assert_eq!(passages, Err(kind));
        assert_eq!(server.requests().len(), 1);
    }
}
