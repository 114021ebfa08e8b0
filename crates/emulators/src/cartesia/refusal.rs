//! How Cartesia says no, by the version of its API.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::Refusal;
use crate::hub::uuid;
use crate::line::Line;

/// A version of the API, a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32, u32);

impl Version {
    pub(super) const NEWEST: Self = Self(2026, 8, 14);
    /// Since then errors are objects.
    const OBJECTS: Self = Self(2026, 3, 1);

    /// Reads `YYYY-MM-DD`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else {
            return None;
        };
        let number = |text: &str, digits| (text.len() == digits).then(|| text.parse().ok()).flatten();
        let version = Self(number(year, 4)?, number(month, 2)?, number(day, 2)?);
        ((1..=12).contains(&version.1) && (1..=31).contains(&version.2)).then_some(version)
    }
}

/// Something wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    code: Option<&'static str>,
    title: &'static str,
    message: String,
}

impl Problem {
    pub(super) fn bad(title: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: None,
            title,
            message: message.into(),
        }
    }

    pub(super) fn unauthorised() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::bad("Unauthorized", "The API key is missing or not valid.")
        }
    }

    pub(super) fn no_model() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: Some("model_not_found"),
            ..Self::bad(
                "Invalid model",
                "The model is not valid, make sure it is a valid model ID.",
            )
        }
    }

    pub(super) fn too_many() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: Some("concurrency_limited"),
            ..Self::bad("Too many concurrent requests", "Plan limit reached.")
        }
    }

    pub(super) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::bad("Internal server error", "Something went wrong.")
        }
    }

    /// As an event of a stream.
    pub(super) fn event(&self, version: Version, context: Option<&str>) -> Value {
        let mut event = json!({ "type": "error", "done": true, "status_code": self.status.as_u16() });
        if version >= Version::OBJECTS {
            event["error_code"] = json!(self.code);
            event["title"] = json!(self.title);
            event["message"] = json!(self.message);
            event["request_id"] = json!(uuid());
        } else {
            event["error"] = json!(format!("{}: {}", self.title, self.message));
        }
        if let Some(context) = context {
            event["context_id"] = json!(context);
        }
        event
    }

    /// As an answer over HTTP.
    pub(super) fn response(&self, version: Version) -> Response {
        if version < Version::OBJECTS {
            return (self.status, format!("{}: {}", self.title, self.message)).into_response();
        }
        let body = json!({
            "error_code": self.code,
            "title": self.title,
            "message": self.message,
            "request_id": uuid(),
        });
        (self.status, Json(body)).into_response()
    }
}

/// A call that is turned away; without a word if there is no problem to tell.
pub(super) struct Refused(pub(super) Version, pub(super) Option<Problem>);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(version, problem) = self;
        problem.map_or(StatusCode::NO_CONTENT.into_response(), |problem| {
            problem.response(version)
        })
    }
}

/// What a fault makes of a request; `None` if it drops the line.
pub(super) fn struck(line: &Line, refusal: Refusal) -> Option<Problem> {
    match refusal {
        Refusal::Drop => {
            line.cut();
            None
        }
        Refusal::TooMany => Some(Problem::too_many()),
        Refusal::ServerError => Some(Problem::internal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date() {
        assert_eq!(Version::read("2026-08-14"), Some(Version::NEWEST));
        for text in ["2026-8-14", "latest", "2026-13-01", "2026-08-14-1", ""] {
            assert_eq!(Version::read(text), None, "{text}");
        }
    }

    #[test]
    fn errors_are_texts_in_old_versions_and_objects_in_new_ones() {
        let old = Problem::too_many().event(Version(2025, 4, 16), Some("t7"));
        assert_eq!(old["error"], "Too many concurrent requests: Plan limit reached.");
        let new = Problem::too_many().event(Version::NEWEST, Some("t7"));
        assert_eq!(
            (&new["error_code"], &new["context_id"]),
            (&json!("concurrency_limited"), &json!("t7"))
        );
        assert!(new.get("error").is_none() && new["request_id"].is_string());
    }
}
