//! Reading a request's body, in bounded time and size.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A client must have sent its request's body within this.
const BODY_LIMIT: Duration = Duration::from_secs(10);

/// The whole body.
pub(crate) async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    let body = tokio::time::timeout(BODY_LIMIT, Bytes::from_request(request, &())).await;
    body.map_err(|_| ApiError::SlowBody)?
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::BodyTooBig,
            _ => ApiError::BadBody,
        })
}

/// The body as JSON of a known shape.
pub(crate) async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, ApiError> {
    serde_json::from_slice(&read_body(request).await?).map_err(|_| ApiError::BadBody)
}
