//! What the AWS stand-ins hold: credentials, secrets, passages, and which prompts are cached.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;

use super::agent_runtime::Passage;
use super::secrets::Secret;
use super::signature::Credentials;

/// Cached prompts that are remembered. Overflow policy: the oldest is forgotten.
const MOST_PREFIXES: usize = 1024;

/// One AWS account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) credentials: Mutex<Credentials>,
    pub(crate) secrets: Mutex<BTreeMap<String, Secret>>,
    /// Of all knowledge bases; the built-in ones if none were given.
    pub(crate) passages: Mutex<Option<Vec<Passage>>>,
    prefixes: Mutex<VecDeque<u64>>,
}

impl Account {
    /// Whether the prompt with this hash is cached already; from now on it is.
    pub(crate) fn cache(&self, prefix: u64) -> bool {
        let mut prefixes = self.prefixes.lock();
        let known = prefixes.contains(&prefix);
        if !known {
            if prefixes.len() == MOST_PREFIXES {
                prefixes.pop_front();
            }
            prefixes.push_back(prefix);
        }
        known
    }
}
