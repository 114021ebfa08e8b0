//! What a session's log lines stand under: the session, and the answer that is being made.

use tracing::{Span, error_span};

/// The names under which lines are logged. It is entered for a line and not for a wake of the session: entering costs a
/// few tenths of a microsecond, which every frame would pay.
#[derive(Debug)]
pub(crate) struct Scope {
    session: String,
    span: Span,
}

impl Scope {
    /// Lines of `session`. Its spans have the highest level, so that whatever line a filter lets through has them.
    pub(crate) fn of(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            span: error_span!(parent: None, "session", session),
        }
    }

    /// The session makes an answer.
    pub(crate) fn answers(&mut self, response: &str) {
        let session = self.session.as_str();
        self.span = error_span!(parent: None, "response", session, response);
    }

    /// The answer is made.
    pub(crate) fn has_answered(&mut self) {
        let session = self.session.as_str();
        self.span = error_span!(parent: None, "session", session);
    }

    /// What lines are to stand under now.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }
}
