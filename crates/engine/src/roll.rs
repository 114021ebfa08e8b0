//! The live sessions by id.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::view::SessionView;

/// Who is here; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roll {
    sessions: Arc<Mutex<BTreeMap<String, Arc<SessionView>>>>,
}

impl Roll {
    pub(crate) fn enter(&self, session: &Arc<SessionView>) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(session.id().to_owned(), session.clone());
    }

    pub(crate) fn leave(&self, session: &Arc<SessionView>) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions
            .get(session.id())
            .is_some_and(|present| Arc::ptr_eq(present, session))
        {
            sessions.remove(session.id());
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<SessionView>> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<SessionView>> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.values().cloned().collect()
    }
}
