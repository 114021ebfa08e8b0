//! Identifiers of events, items and responses: unique across sessions, the same on every replay.

/// Makes the identifiers of one session.
#[derive(Debug)]
pub(crate) struct Ids {
    session: String,
    next: u64,
}

impl Ids {
    /// `session` tells this session's identifiers from all others'.
    pub(crate) fn new(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            next: 0,
        }
    }

    pub(crate) fn event(&mut self) -> String {
        self.make("event")
    }

    pub(crate) fn item(&mut self) -> String {
        self.make("item")
    }

    pub(crate) fn response(&mut self) -> String {
        self.make("resp")
    }

    pub(crate) fn conversation(&mut self) -> String {
        self.make("conv")
    }

    pub(crate) fn scan(&mut self) -> String {
        self.make("scan")
    }

    fn make(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}_{}{:06}", self.session, self.next)
    }
}
