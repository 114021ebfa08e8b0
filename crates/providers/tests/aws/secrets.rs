use std::time::Duration;

use bedside_conversation::io::FaultKind;
use bedside_providers::aws::secrets::{Config, SecretFault, SecretsManager};
use serde_json::json;

use super::sdk;
use super::server::{Answer, Server, refused};

const ARN: &str = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:vendors-AbCdEf";

fn holds(key: &str) -> Answer {
    let body = json!({
        "ARN": ARN,
        "Name": "vendors",
        "VersionId": "01234567-89ab-cdef-0123-456789abcdef",
        "SecretString": json!({ "deepgram": key, "cartesia": "c" }).to_string(),
    });
    Answer::Json {
        status: 200,
        error: None,
        body: body.to_string(),
    }
}

async fn secrets(answers: impl IntoIterator<Item = Answer>) -> (Server, SecretsManager) {
    let server = Server::start(answers).await;
    let config = Config {
        refused_ms: 0,
        timeout_ms: 5_000,
        ..Config::default()
    };
    let secrets = SecretsManager::new(&sdk(&server.url).await, config);
    (server, secrets)
}

#[tokio::test]
async fn a_rotated_secret_is_replaced_after_a_refusal() {
    let (server, secrets) = secrets([holds("old"), holds("old"), holds("new")]).await;
    let deepgram = secrets.fetch(ARN, Some("deepgram")).await.unwrap();
    let cartesia = secrets.fetch(ARN, Some("cartesia")).await.unwrap();
    assert_eq!(
        (deepgram.expose(), cartesia.expose()),
        ("old".to_owned(), "c".to_owned())
    );
    let asked = &server.requests()[0];
    assert_eq!(
        asked.header("x-amz-target"),
        Some("secretsmanager.GetSecretValue")
    );
    assert_eq!(asked.json()["SecretId"], ARN);

    secrets.refused();
    // Both fields are of one secret, which is fetched once.
    server.until(3).await;
    let replaced = async {
        while deepgram.expose() != "new" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), replaced)
        .await
        .unwrap();
    assert_eq!(cartesia.expose(), "c");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_secret_that_cannot_be_fetched_again_keeps_its_value() {
    let (server, secrets) = secrets([holds("old"), refused(403, "AccessDeniedException")]).await;
    let deepgram = secrets.fetch(ARN, Some("deepgram")).await.unwrap();
    secrets.refused();
    server.until(2).await;
    assert_eq!(deepgram.expose(), "old");
}

#[tokio::test]
async fn what_may_pass_is_tried_a_few_times() {
    let busy = || refused(500, "InternalServiceError");
    let (server, secrets) = secrets([busy(), busy(), holds("key")]).await;
    let key = secrets.fetch(ARN, Some("deepgram")).await.unwrap();
    assert_eq!(key.expose(), "key");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_missing_secret_is_named() {
    let (_server, secrets) = secrets([refused(400, "ResourceNotFoundException"), holds("hush")]).await;
    assert_eq!(
        secrets.fetch(ARN, None).await.unwrap_err(),
        SecretFault::Unavailable {
            arn: ARN.to_owned(),
            kind: FaultKind::Refused
        }
    );
    let no_field = secrets.fetch(ARN, Some("gemini")).await.unwrap_err();
    assert!(matches!(&no_field, SecretFault::NoField { field, .. } if field == "gemini"));
    assert!(!format!("{no_field} {no_field:?} {secrets:?}").contains("hush"));
}
