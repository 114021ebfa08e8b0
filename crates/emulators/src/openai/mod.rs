//! OpenAI's chat completions and list of models, under `/openai/v1`.

mod chunks;
mod request;

use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use chunks::error;
pub(crate) use chunks::{Completion, fragments};
pub(crate) use request::Request;

use crate::answer::{Exchange, Form, Refused};
use crate::clock::since_1970;
use crate::hub::{Hub, uuid};
use crate::line::Line;
use crate::vendor::Vendor;

/// The models that `/models` names; others are served just as well, as a compatible server would.
const MODELS: [&str; 2] = ["gpt-4o-mini", "gpt-4.1-nano"];

/// The routes under `/openai/v1`.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/openai/v1/chat/completions", post(complete))
        .route("/openai/v1/models", get(list_models))
        .route("/openai/v1/models/{model}", get(show_model))
}

async fn complete(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&hub, Vendor::OpenAi, &line, fault)?;
    authorize(&headers)?;
    let request = Request::read(&body).map_err(|invalid| {
        let error = error(
            &invalid.message,
            "invalid_request_error",
            invalid.param.as_deref(),
            None,
        );
        (StatusCode::BAD_REQUEST, identified(), Json(error)).into_response()
    })?;
    exchange.understood(json!({ "model": request.model, "stream": request.stream }));
    let reply = hub.script().answer(&request.prompt).within(request.allowance);
    let completion = Completion::new(&request, &reply, since_1970().as_secs());
    if request.stream {
        let body = exchange.stream(completion.stream(), Form::Text, failure());
        Ok((
            identified(),
            [(CONTENT_TYPE, "text/event-stream; charset=utf-8")],
            body,
        )
            .into_response())
    } else {
        let body = exchange.whole(completion.whole().to_string());
        Ok((identified(), [(CONTENT_TYPE, "application/json")], body).into_response())
    }
}

async fn list_models(headers: HeaderMap) -> Result<Json<Value>, Refused> {
    authorize(&headers)?;
    Ok(Json(json!({ "object": "list", "data": MODELS.map(model) })))
}

async fn show_model(Path(name): Path<String>, headers: HeaderMap) -> Result<Json<Value>, Refused> {
    authorize(&headers)?;
    if MODELS.contains(&name.as_str()) {
        return Ok(Json(model(&name)));
    }
    let message = format!("The model '{name}' does not exist");
    let error = error(
        &message,
        "invalid_request_error",
        Some("model"),
        Some("model_not_found"),
    );
    Err((StatusCode::NOT_FOUND, identified(), Json(error))
        .into_response()
        .into())
}

fn model(name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": 1_721_172_741, "owned_by": "system" })
}

/// A key must be there; any is good but one that calls itself invalid.
fn authorize(headers: &HeaderMap) -> Result<(), Refused> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let message = match value
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
    {
        None | Some("") => {
            "You didn't provide an API key. You need to provide your API key in an Authorization header."
        }
        Some("invalid") => "Incorrect API key provided.",
        Some(_) => return Ok(()),
    };
    let code = value.map(|_| "invalid_api_key");
    let error = error(message, "invalid_request_error", None, code);
    Err((StatusCode::UNAUTHORIZED, identified(), Json(error))
        .into_response()
        .into())
}

/// Too many requests, or an error of the server.
fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let message = "Rate limit reached for requests. Please try again in 1s.";
        let error = error(message, "requests", None, Some("rate_limit_exceeded"));
        let limits = [
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1s"),
        ];
        (status, identified(), [(RETRY_AFTER, "1")], limits, Json(error)).into_response()
    } else {
        let message = "The server had an error while processing your request. Sorry about that!";
        (
            status,
            identified(),
            Json(error(message, "server_error", None, None)),
        )
            .into_response()
    }
}

/// The event that ends a stream when the server fails.
fn failure() -> Bytes {
    let error = error(
        "The server had an error while processing your request.",
        "server_error",
        None,
        None,
    );
    format!("data: {error}\n\n").into()
}

fn identified() -> [(&'static str, String); 1] {
    [("x-request-id", format!("req_{}", uuid().replace('-', "")))]
}
