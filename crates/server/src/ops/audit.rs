//! Who did what here, and on which session.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::unix_millis;
use crate::access::{Credential, credential};
use crate::app::App;
use crate::error::ApiError;
use crate::secrets::hex;

/// Entries that can be shown; all of them are in the log. Overflow policy: the oldest is dropped.
const KEPT: usize = 500;

/// The newest entries.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    entries: Mutex<VecDeque<Entry>>,
}

/// Something an operator did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Entry {
    at_ms: u64,
    actor: String,
    action: &'static str,
    session: Option<String>,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Watch,
    End,
    OpenAdmission,
    CloseAdmission,
    Drain,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Watch => "session.watch",
            Self::End => "session.end",
            Self::OpenAdmission => "admission.open",
            Self::CloseAdmission => "admission.close",
            Self::Drain => "node.drain",
        }
    }
}

impl Audit {
    /// Notes an action, here and as one line on the log's target `audit`.
    pub(super) fn note(&self, actor: &Actor, action: Action, session: Option<&str>) {
        let Actor { who, peer } = actor;
        let action = action.name();
        tracing::info!(target: "audit", %who, %peer, action, session, "an operator acted");
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push_front(Entry {
            at_ms: unix_millis(),
            actor: format!("{who}@{peer}"),
            action,
            session: session.map(str::to_owned),
        });
        entries.truncate(KEPT);
    }
}

/// Who asks: the fingerprint of their key, or `local` where none is asked for; and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor {
    who: String,
    peer: IpAddr,
}

impl FromRequestParts<App> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::Unavailable)?;
        let who = match credential(&parts.headers, None) {
            Some(Credential::Key(key)) if !app.access().is_keyless() => fingerprint(key),
            _ => "local".to_owned(),
        };
        Ok(Self {
            who,
            peer: peer.ip().to_canonical(),
        })
    }
}

/// Tells keys apart and does not help to guess one.
fn fingerprint(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes())[..4])
}

/// What the address shows: the newest entry first.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    entries: Vec<Entry>,
}

/// `GET /ops/api/audit`.
pub(super) async fn show(State(app): State<App>) -> Json<Shown> {
    let entries = app.audit().entries.lock().unwrap_or_else(PoisonError::into_inner);
    Json(Shown {
        entries: entries.iter().cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let audit = Audit::default();
        let actor = Actor {
            who: fingerprint("a-key-of-some-length"),
            peer: IpAddr::from([10, 0, 0, 5]),
        };
        for number in 0..=KEPT {
            audit.note(&actor, Action::Watch, Some(&format!("sess_{number}")));
        }
        audit.note(&actor, Action::Drain, None);
        let entries = audit.entries.lock().expect("no panic");
        let newest: Vec<_> = entries.iter().take(2).collect();
        assert_eq!((newest[0].action, &newest[0].session), ("node.drain", &None));
        assert_eq!(newest[1].session.as_deref(), Some("sess_500"));
        assert_eq!(entries.len(), KEPT);
        // printf a-key-of-some-length | sha256sum
        assert_eq!(newest[0].actor, "7602afe2@10.0.0.5");
    }
}
