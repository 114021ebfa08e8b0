//! Secrets Manager's `GetSecretValue`, JSON 1.1.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::{Call, identified};
use crate::answer::{Exchange, Refused};
use crate::clock::since_1970;
use crate::hub::{Hub, uuid};
use crate::vendor::Vendor;

const JSON: &str = "application/x-amz-json-1.1";
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// A secret and the value it had before.
#[derive(Debug, Default)]
pub(crate) struct Secret {
    current: Option<Version>,
    previous: Option<Version>,
}

#[derive(Debug)]
struct Version {
    id: String,
    value: String,
    created: f64,
}

impl Secret {
    /// Gives the secret a new value.
    pub(crate) fn rotate(&mut self, value: String) {
        let version = Version {
            id: uuid(),
            value,
            created: since_1970().as_secs_f64(),
        };
        self.previous = self.current.replace(version);
    }

    fn find(&self, id: Option<&str>, stage: Option<&str>) -> Option<(&Version, &'static str)> {
        let current = self.current.as_ref().map(|version| (version, CURRENT));
        let previous = self.previous.as_ref().map(|version| (version, PREVIOUS));
        [current, previous]
            .into_iter()
            .flatten()
            .find(|(version, label)| match (id, stage) {
                (Some(id), Some(stage)) => version.id == id && *label == stage,
                (Some(id), None) => version.id == id,
                (None, stage) => *label == stage.unwrap_or(CURRENT),
            })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Get {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

/// The route of all JSON services; the header says which.
pub(crate) fn router() -> Router<Hub> {
    Router::new().route("/", post(serve))
}

async fn serve(call: Call) -> Result<Response, Refused> {
    if call.header("x-amz-target") != Some("secretsmanager.GetSecretValue") {
        return Err(error("UnknownOperationException", "The operation is not served here.").into());
    }
    let exchange = Exchange::begin(&call.hub, Vendor::Secrets, &call.line, fault)?;
    call.verify("secretsmanager")
        .map_err(|denied| error(denied.code(), &denied.to_string()))?;
    if call.header("content-type") != Some(JSON) {
        return Err(error(
            "SerializationException",
            "The content type must be application/x-amz-json-1.1.",
        )
        .into());
    }
    let get: Get = serde_json::from_slice(&call.body)
        .map_err(|problem| error("ValidationException", &problem.to_string()))?;
    exchange.understood(json!({}));
    let name = name_of(&get.secret_id);
    let secrets = call.hub.aws().secrets.lock();
    let found = secrets
        .get(name)
        .and_then(|secret| secret.find(get.version_id.as_deref(), get.version_stage.as_deref()));
    let Some((version, stage)) = found else {
        return Err(error(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        )
        .into());
    };
    let body = json!({
        "ARN": format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-EmUlAt"),
        "Name": name,
        "VersionId": version.id,
        "SecretString": version.value,
        "VersionStages": [stage],
        "CreatedDate": version.created,
    });
    Ok((
        identified(),
        [(CONTENT_TYPE, JSON)],
        exchange.whole(body.to_string()),
    )
        .into_response())
}

/// The name in an ARN with its six random letters, or the name itself.
fn name_of(id: &str) -> &str {
    let Some((_, name)) = id.split_once(":secret:") else {
        return id;
    };
    name.rsplit_once('-').map_or(name, |(name, _)| name)
}

fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        // This service answers 400 to whoever asks too often.
        error("ThrottlingException", "Rate exceeded")
    } else {
        let body =
            json!({ "__type": "InternalServiceError", "Message": "An error occurred on the server side." });
        (status, identified(), [(CONTENT_TYPE, JSON)], body.to_string()).into_response()
    }
}

fn error(kind: &str, message: &str) -> Response {
    let body = json!({ "__type": kind, "Message": message });
    (
        StatusCode::BAD_REQUEST,
        identified(),
        [(CONTENT_TYPE, JSON)],
        body.to_string(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_secret_keeps_the_value_before() {
        let mut secret = Secret::default();
        secret.rotate("one".to_owned());
        secret.rotate("two".to_owned());
        let value = |id, stage| secret.find(id, stage).map(|(version, _)| version.value.as_str());
        assert_eq!(value(None, None), Some("two"));
        assert_eq!(value(None, Some(PREVIOUS)), Some("one"));
        assert_eq!(value(Some("unknown"), None), None);
    }

    #[test]
    fn a_secret_is_found_by_its_arn() {
        assert_eq!(
            name_of("arn:aws:secretsmanager:us-east-1:123456789012:secret:clinic/key-AbCdEf"),
            "clinic/key"
        );
        assert_eq!(name_of("clinic-key"), "clinic-key");
    }
}
