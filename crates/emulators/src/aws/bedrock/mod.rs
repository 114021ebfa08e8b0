//! Bedrock Runtime: `Converse`, `ConverseStream`, `InvokeModel` and `InvokeModelWithResponseStream`.

mod anthropic;
mod check;
mod events;
mod request;
mod usage;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;

use super::{Call, EVENT_STREAM, error, identified};
use crate::answer::{Exchange, Form, Refused};
use crate::brain::{Said, Speaker};
use crate::hub::Hub;
use crate::vendor::Vendor;
use events::Converse;
use request::Request;
use usage::Usage;

const JSON: &str = "application/json";

/// The routes of the service.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route(
            "/model/{model}/converse",
            post(|path, call: Call| async move { converse(path, &call, false) }),
        )
        .route(
            "/model/{model}/converse-stream",
            post(|path, call: Call| async move { converse(path, &call, true) }),
        )
        .route(
            "/model/{model}/invoke",
            post(|path, call: Call| async move { invoke(path, &call, false) }),
        )
        .route(
            "/model/{model}/invoke-with-response-stream",
            post(|path, call: Call| async move { invoke(path, &call, true) }),
        )
}

fn converse(Path(model): Path<String>, call: &Call, stream: bool) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&call.hub, Vendor::Bedrock, &call.line, fault)?;
    call.authorize("bedrock")?;
    let request: Request = serde_json::from_slice(&call.body).map_err(|problem| {
        error(
            StatusCode::BAD_REQUEST,
            "SerializationException",
            &problem.to_string(),
        )
    })?;
    check::check(&model, &request).map_err(|problem| invalid(&problem))?;
    exchange.understood(json!({ "model": model, "stream": stream }));
    let allowance = request
        .inference_config
        .max_tokens
        .and_then(|tokens| u64::try_from(tokens).ok());
    let reply = call.hub.script().answer(&request.prompt()).within(allowance);
    let converse = Converse {
        request: &request,
        reply: &reply,
        usage: Usage::of(&model, &request, &reply, call.hub.aws()),
        latency_ms: exchange.expected_ms(reply.deltas().len()),
    };
    if stream {
        let body = exchange.stream(converse.stream(), Form::Frames, events::failure());
        Ok((identified(), [(CONTENT_TYPE, EVENT_STREAM)], body).into_response())
    } else {
        let body = exchange.whole(converse.whole().to_string());
        Ok((identified(), [(CONTENT_TYPE, JSON)], body).into_response())
    }
}

fn invoke(Path(model): Path<String>, call: &Call, stream: bool) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&call.hub, Vendor::Bedrock, &call.line, fault)?;
    call.authorize("bedrock")?;
    if !check::is_model(&model) {
        return Err(invalid("The provided model identifier is invalid.").into());
    }
    let request = anthropic::Request::read(&call.body).map_err(|problem| invalid(&problem))?;
    exchange.understood(json!({ "model": model, "stream": stream }));
    let prompt = request.prompt();
    let reply = call
        .hub
        .script()
        .answer(&prompt)
        .within(Some(request.allowance()));
    let generation = anthropic::Generation {
        model: &model,
        input: prompt.tokens(),
        reply: &reply,
    };
    if stream {
        let body = exchange.stream(generation.stream(), Form::Frames, events::failure());
        let kinds = [
            (CONTENT_TYPE.as_str(), EVENT_STREAM),
            ("x-amzn-bedrock-content-type", JSON),
        ];
        Ok((identified(), kinds, body).into_response())
    } else {
        let counts = [
            ("x-amzn-bedrock-input-token-count", prompt.tokens().to_string()),
            ("x-amzn-bedrock-output-token-count", reply.tokens().to_string()),
        ];
        let body = exchange.whole(generation.whole().to_string());
        Ok((identified(), counts, [(CONTENT_TYPE, JSON)], body).into_response())
    }
}

/// What a message says: first what functions returned, then its text. Only an assistant may say nothing.
fn said(role: &str, results: impl Iterator<Item = String>, text: String) -> Vec<Said> {
    let by = if role == "assistant" {
        Speaker::Assistant
    } else {
        Speaker::User
    };
    let returned = |text| Said {
        by: Speaker::Function,
        text,
    };
    let mut said: Vec<Said> = results.map(returned).collect();
    if by == Speaker::Assistant || !text.is_empty() {
        said.push(Said { by, text });
    }
    said
}

fn invalid(problem: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "ValidationException", problem)
}

fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        error(
            status,
            "ThrottlingException",
            "Too many requests, please wait before trying again.",
        )
    } else {
        let message = "The system encountered an unexpected error during processing. Try your request again.";
        error(status, "InternalServerException", message)
    }
}
