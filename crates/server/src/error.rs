//! Refusals, as HTTP with the OpenAI error body.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bedside_engine::{Refusal, ResumeError};
use bedside_protocol::{ErrorCode, ErrorType, HttpErrorBody, HttpErrorDetail, InvalidField};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the query string is malformed")]
    BadQuery,
    #[error("the query lacks '{0}'")]
    MissingParameter(&'static str),
    #[error("the body is not a JSON object of the expected shape")]
    BadBody,
    #[error("the body is too big")]
    BodyTooBig,
    #[error("the body did not arrive in time")]
    SlowBody,
    #[error("{0}")]
    InvalidField(InvalidField),
    #[error("an API key is required: send it as `Authorization: Bearer <key>`")]
    MissingKey,
    #[error("the API key is not valid")]
    WrongKey,
    #[error("an ephemeral key can only open a session")]
    EphemeralKey,
    #[error("this server asks for no key and answers only to this machine")]
    ForeignOrigin,
    #[error("there is no model or consultation protocol of this name")]
    UnknownModel,
    #[error("there is nothing here")]
    NotFound,
    #[error("this address speaks WebSocket only")]
    UpgradeRequired,
    #[error("too many handshakes; try again later")]
    TooManyRequests { retry_after: Duration },
    #[error("{0}")]
    NotResumed(ResumeError),
    #[error("{0}")]
    Refused(Refusal),
    #[error("the server cannot do this now")]
    Unavailable,
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadQuery | Self::MissingParameter(_) | Self::BadBody | Self::InvalidField(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::BodyTooBig => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::MissingKey | Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::EphemeralKey | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::UnknownModel | Self::NotFound | Self::NotResumed(ResumeError::NotFound) => {
                StatusCode::NOT_FOUND
            }
            Self::NotResumed(ResumeError::Expired) => StatusCode::GONE,
            Self::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotResumed(ResumeError::Busy) | Self::Refused(_) | Self::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    fn kind(&self) -> ErrorType {
        match self {
            Self::MissingKey | Self::WrongKey => ErrorType::AuthenticationError,
            Self::EphemeralKey | Self::ForeignOrigin => ErrorType::PermissionError,
            Self::TooManyRequests { .. } => ErrorType::RateLimitError,
            Self::NotResumed(ResumeError::Busy) | Self::Refused(_) | Self::Unavailable => {
                ErrorType::ServerError
            }
            _ => ErrorType::InvalidRequestError,
        }
    }

    fn code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::BadQuery => ErrorCode::InvalidValue,
            Self::MissingParameter(_) => ErrorCode::MissingRequiredParameter,
            Self::BadBody => ErrorCode::InvalidJson,
            Self::InvalidField(field) => field.code,
            Self::MissingKey | Self::WrongKey => ErrorCode::InvalidApiKey,
            Self::EphemeralKey | Self::ForeignOrigin => ErrorCode::InsufficientPermissions,
            Self::UnknownModel => ErrorCode::ModelNotFound,
            Self::TooManyRequests { .. } => ErrorCode::RateLimitExceeded,
            Self::NotResumed(ResumeError::NotFound) => ErrorCode::ResumeNotFound,
            Self::NotResumed(ResumeError::Expired) => ErrorCode::ResumeExpired,
            Self::NotResumed(ResumeError::Busy) | Self::Refused(_) | Self::Unavailable => {
                ErrorCode::ServerOverloaded
            }
            Self::BodyTooBig | Self::SlowBody | Self::NotFound | Self::UpgradeRequired => return None,
        })
    }

    fn param(&self) -> Option<String> {
        match self {
            Self::InvalidField(field) => Some(field.param.clone()),
            Self::MissingParameter(name) => Some((*name).to_owned()),
            Self::UnknownModel => Some("model".to_owned()),
            _ => None,
        }
    }

    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        let retry_after = |wait: Duration| {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Some((header::RETRY_AFTER, HeaderValue::from(seconds.max(1))))
        };
        match self {
            Self::MissingKey | Self::WrongKey => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
            Self::UpgradeRequired => Some((header::UPGRADE, HeaderValue::from_static("websocket"))),
            Self::TooManyRequests { retry_after: wait } => retry_after(*wait),
            Self::Refused(refusal) => retry_after(refusal.retry_after()),
            Self::NotResumed(ResumeError::Busy) | Self::Unavailable => retry_after(Duration::from_secs(1)),
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = HttpErrorBody {
            error: HttpErrorDetail {
                message: self.to_string(),
                kind: self.kind(),
                code: self.code(),
                param: self.param(),
            },
        };
        let mut response = (self.status(), Json(body)).into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
