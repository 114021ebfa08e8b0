//! AWS services on one endpoint, as `AWS_ENDPOINT_URL` makes clients use them.

mod account;
mod agent_runtime;
mod bedrock;
mod control;
pub(crate) mod frame;
mod sagemaker;
mod secrets;
pub(crate) mod signature;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::json;

pub(crate) use account::Account;

use crate::answer::Refused;
use crate::clock::since_1970;
use crate::hub::{Hub, uuid};
use crate::line::Line;
use signature::{Denied, Signed};

pub(crate) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// The routes of all services.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .merge(control::router())
        .merge(bedrock::router())
        .merge(agent_runtime::router())
        .merge(sagemaker::router())
        .merge(secrets::router())
}

/// A request of a client, in one piece.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) hub: Hub,
    pub(crate) line: Line,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
}

impl FromRequest<Hub> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, hub: &Hub) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let line = Extension::<Line>::from_request_parts(&mut parts, hub)
            .await
            .map_err(IntoResponse::into_response)?;
        let request = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(request, hub)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self {
            hub: hub.clone(),
            line: line.0,
            parts,
            body,
        })
    }
}

impl Call {
    /// Checks the signature for `service`.
    pub(crate) fn verify(&self, service: &str) -> Result<(), Denied> {
        let Parts {
            method, uri, headers, ..
        } = &self.parts;
        let signed = Signed {
            method,
            uri,
            headers,
            body: &self.body,
        };
        signed.verify(service, &self.hub.aws().credentials.lock(), since_1970())
    }

    /// As [`verify`](Self::verify); a denial in the shape of the REST services.
    pub(crate) fn authorize(&self, service: &str) -> Result<(), Refused> {
        self.verify(service)
            .map_err(|denied| error(StatusCode::FORBIDDEN, denied.code(), &denied.to_string()).into())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }
}

/// An error of a REST service.
pub(crate) fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let kind = format!("{kind}:http://internal.amazon.com/coral/com.amazon.coral.service/");
    let headers = [(HeaderName::from_static("x-amzn-errortype"), kind)];
    (status, identified(), headers, Json(json!({ "message": message }))).into_response()
}

/// The header with the request's id.
pub(crate) fn identified() -> [(HeaderName, String); 1] {
    [(HeaderName::from_static("x-amzn-requestid"), uuid())]
}
