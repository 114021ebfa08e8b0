//! `SageMaker` endpoints, whole and streaming. What a container streams is opaque to the service: it comes in parts that
//! end anywhere, also within a character.
//!
//! The container of an endpoint whose name has `lines` in it writes JSON lines, as older serving containers do; all
//! others write the events of OpenAI's chat completions.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Call, EVENT_STREAM, frame, identified};
use crate::answer::{Exchange, Form, Part, Piece, Pieces, Refused};
use crate::brain::Reply;
use crate::clock::since_1970;
use crate::hub::Hub;
use crate::openai::{Completion, Request};
use crate::vendor::Vendor;

const LARGEST_BODY: usize = 6_291_456;
const VARIANT: (&str, &str) = ("x-amzn-invoked-production-variant", "AllTraffic");
const OCTETS: &str = "application/octet-stream";

/// The routes of the service.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route(
            "/endpoints/{name}/invocations",
            post(|path, call: Call| async move { invoke(path, &call, false) }),
        )
        .route(
            "/endpoints/{name}/invocations-response-stream",
            post(|path, call: Call| async move { invoke(path, &call, true) }),
        )
}

fn invoke(Path(name): Path<String>, call: &Call, stream: bool) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&call.hub, Vendor::SageMaker, &call.line, fault)?;
    call.authorize("sagemaker")?;
    check(&name, &call.body)?;
    let lines = name.contains("lines");
    let mut request = Request::of_container(&call.body).map_err(|problem| model_error(&problem))?;
    request.obfuscated = false;
    exchange.understood(json!({ "endpoint": name, "stream": stream }));
    let reply = call
        .hub
        .script()
        .answer(&request.prompt)
        .within(request.allowance);
    let completion = Completion::new(&request, &reply, since_1970().as_secs());
    if !stream {
        let whole = if lines {
            json!([{ "generated_text": reply.text }])
        } else {
            completion.whole()
        };
        let headers = [(CONTENT_TYPE.as_str(), "application/json"), VARIANT];
        return Ok((identified(), headers, exchange.whole(whole.to_string())).into_response());
    }
    let (kind, records) = if lines {
        ("application/jsonlines", json_lines(&reply))
    } else {
        ("text/event-stream", completion.stream())
    };
    let headers = [
        (CONTENT_TYPE.as_str(), EVENT_STREAM),
        ("x-amzn-sagemaker-content-type", kind),
        VARIANT,
    ];
    Ok((
        identified(),
        headers,
        exchange.stream(parts(records), Form::Frames, failure()),
    )
        .into_response())
}

fn check(name: &str, body: &[u8]) -> Result<(), Refused> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let problem = if name.is_empty() || name.len() > 63 || !name.chars().all(allowed) {
        "The endpoint name is malformed."
    } else if name.starts_with("missing") {
        &format!("Endpoint {name} of account 123456789012 not found.")
    } else if body.len() > LARGEST_BODY {
        "The body is too large."
    } else {
        return Ok(());
    };
    Err(error(StatusCode::BAD_REQUEST, "ValidationError", problem, json!({})).into())
}

/// A token a line; the last line has the whole text.
fn json_lines(reply: &Reply) -> Pieces {
    let deltas = reply.deltas();
    let last = deltas.len().saturating_sub(1);
    let reason = if reply.truncated { "length" } else { "eos_token" };
    let line = |(index, text): (usize, &&str)| {
        let mut line = json!({ "token": { "id": index, "text": text, "log_prob": -0.1 } });
        if index < last {
            return Piece::new(Part::Content, format!("{line}\n"));
        }
        line["details"] = json!({ "finish_reason": reason, "generated_tokens": deltas.len() });
        line["generated_text"] = reply.text.as_str().into();
        Piece::new(Part::Close, format!("{line}\n"))
    };
    deltas.iter().enumerate().map(line).collect()
}

/// Each record cut into two parts at a place that does not mind characters.
fn parts(mut records: Pieces) -> Pieces {
    let mut parts = Vec::new();
    while let Some(record) = records.next() {
        let bytes = record.bytes;
        // A continuation byte if there is one, so that the cut goes through a character.
        let within = bytes.iter().position(|byte| byte & 0xc0 == 0x80);
        let at = within.unwrap_or(bytes.len() / 3);
        for half in [bytes.slice(..at), bytes.slice(at..)] {
            if !half.is_empty() {
                parts.push(Piece::new(record.part, payload(&half)));
            }
        }
    }
    parts.into_iter().collect()
}

fn payload(bytes: &Bytes) -> Bytes {
    frame::event("PayloadPart", OCTETS, bytes)
}

/// The exception that ends a stream when the container breaks off.
fn failure() -> Bytes {
    let exception = json!({ "Message": "The container closed its stream.", "ErrorCode": "StreamBroken" });
    frame::exception("ModelStreamError", exception.to_string().as_bytes())
}

/// The container refused the request.
fn model_error(problem: &str) -> Response {
    let message = format!("Received client error (400) from primary with message \"{problem}\".");
    let details = json!({ "OriginalStatusCode": 400, "OriginalMessage": problem, "LogStreamArn": "" });
    error(StatusCode::FAILED_DEPENDENCY, "ModelError", &message, details)
}

fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        error(status, "ThrottlingException", "Rate exceeded", json!({}))
    } else {
        error(
            status,
            "InternalFailure",
            "An internal failure occurred.",
            json!({}),
        )
    }
}

/// The service writes `Message` large.
fn error(status: StatusCode, kind: &str, message: &str, mut body: Value) -> Response {
    body["Message"] = message.into();
    let headers = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-amzn-errortype", kind),
    ];
    (status, identified(), headers, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_within_a_character() {
        let record = Piece::new(Part::Content, "39.5 °C\n");
        let mut parts = parts([record].into_iter().collect());
        let first = parts.next().unwrap().bytes;
        assert_eq!(
            first[first.len() - 5],
            0xc2,
            "the first byte of the sign is the last before the checksum"
        );
        assert!(parts.next().is_some());
        assert!(parts.next().is_none());
    }

    #[test]
    fn the_last_line_has_the_whole_text() {
        let reply = Reply {
            text: "One two".to_owned(),
            ..Reply::default()
        };
        let mut lines = json_lines(&reply);
        let first: Value = serde_json::from_slice(&lines.next().unwrap().bytes).unwrap();
        assert_eq!(first["token"]["text"], "One");
        let last: Value = serde_json::from_slice(&lines.next().unwrap().bytes).unwrap();
        assert_eq!(last["generated_text"], "One two");
        assert!(lines.next().is_none());
    }
}
