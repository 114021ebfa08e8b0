//! Gemini's `generateContent` and `streamGenerateContent`, under `/v1` and `/v1beta`.

mod request;
mod responses;

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Exchange, Form, Refused};
use crate::hub::Hub;
use crate::line::Line;
use crate::vendor::Vendor;
use request::Request;
use responses::{Generation, Layout};

/// The routes under `/v1` and `/v1beta`.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/v1/models/{call}", post(generate))
        .route("/v1beta/models/{call}", post(generate))
}

#[derive(Debug, Deserialize)]
struct Options {
    alt: Option<String>,
    key: Option<String>,
}

async fn generate(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    Path(call): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&hub, Vendor::Gemini, &line, fault)?;
    authorize(&headers, options.key.as_deref())?;
    let (model, method) = call.split_once(':').unwrap_or((&call, ""));
    if !model.starts_with("gemini") || !["generateContent", "streamGenerateContent"].contains(&method) {
        let message = format!("models/{model} is not found, or is not supported for {method}.");
        return Err(error(StatusCode::NOT_FOUND, "NOT_FOUND", &message, &json!([])).into());
    }
    let request = Request::read(&body)
        .map_err(|problem| error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", &problem, &json!([])))?;
    exchange.understood(json!({ "model": model, "stream": method != "generateContent" }));
    let reply = hub.script().answer(&request.prompt).within(request.allowance);
    let generation = Generation {
        model,
        request: &request,
        reply: &reply,
    };
    let (kind, body) = match (method, options.alt.as_deref()) {
        ("generateContent", _) => (
            "application/json; charset=UTF-8",
            exchange.whole(generation.whole().to_string()),
        ),
        (_, Some("sse")) => (
            "text/event-stream",
            exchange.stream(
                generation.stream(Layout::Events),
                Form::Text,
                failure(Layout::Events),
            ),
        ),
        _ => (
            "application/json; charset=UTF-8",
            exchange.stream(
                generation.stream(Layout::Array),
                Form::Text,
                failure(Layout::Array),
            ),
        ),
    };
    Ok(([(CONTENT_TYPE, kind)], body).into_response())
}

/// A key must be there; any is good but one that calls itself invalid.
fn authorize(headers: &HeaderMap, query: Option<&str>) -> Result<(), Refused> {
    let header = headers
        .get("x-goog-api-key")
        .and_then(|value| value.to_str().ok());
    match header.or(query) {
        None | Some("") => {
            let message = "Method doesn't allow unregistered callers (callers without established identity). Please \
                           use API Key or other form of API consumer identity to call this API.";
            Err(error(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message, &json!([])).into())
        }
        Some("invalid") => {
            let details = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": { "service": "generativelanguage.googleapis.com" },
            }]);
            let message = "API key not valid. Please pass a valid API key.";
            Err(error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, &details).into())
        }
        Some(_) => Ok(()),
    }
}

/// Too many requests, or an error of the server.
fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let details = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s" }]);
        error(
            status,
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check quota).",
            &details,
        )
    } else {
        let message = "An internal error has occurred. Please retry or report in \
                       https://developers.generativeai.google/guide/troubleshooting";
        error(status, "INTERNAL", message, &json!([]))
    }
}

/// What ends a stream when the server fails.
fn failure(layout: Layout) -> Bytes {
    let message = "The model is overloaded. Please try again later.";
    let error = json!({ "error": { "code": 503, "message": message, "status": "UNAVAILABLE" } });
    match layout {
        Layout::Events => format!("data: {error}\r\n\r\n").into(),
        Layout::Array => format!(",\r\n{error}\n]").into(),
    }
}

fn error(status: StatusCode, name: &str, message: &str, details: &Value) -> Response {
    let error = json!({ "code": status.as_u16(), "message": message, "status": name, "details": details });
    (status, Json(json!({ "error": error }))).into_response()
}
