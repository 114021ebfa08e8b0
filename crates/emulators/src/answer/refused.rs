//! A response in place of an answer.

use axum::response::{IntoResponse, Response};

/// Why a handler does not answer, as the response that says so. Boxed, since it is rare and large.
#[derive(Debug)]
pub(crate) struct Refused(Box<Response>);

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
