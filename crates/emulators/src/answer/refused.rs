//! A response in place of an answer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::faults::Refusal;
use crate::line::Line;

/// Why a handler does not answer, as the response that says so. Boxed, since it is rare and large.
#[derive(Debug)]
pub(crate) struct Refused(Box<Response>);

impl Refused {
    /// A fault turns the request on `line` away: without an answer, or with the vendor's `shape` of a 429 or a 500.
    pub(crate) fn by(refusal: Refusal, line: &Line, shape: impl FnOnce(StatusCode) -> Response) -> Self {
        let response = match refusal {
            Refusal::Drop => {
                line.cut();
                StatusCode::NO_CONTENT.into_response()
            }
            Refusal::TooMany => shape(StatusCode::TOO_MANY_REQUESTS),
            Refusal::ServerError => shape(StatusCode::INTERNAL_SERVER_ERROR),
        };
        response.into()
    }
}

impl From<Response> for Refused {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}
