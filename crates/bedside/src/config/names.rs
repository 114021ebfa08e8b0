//! Names of providers: checked, and kept for as long as the program runs.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The longest name.
const MOST: usize = 40;

/// What a name is, for messages.
pub(super) const EXPECTED: &str = "a name of at most 40 letters, digits, '-', '_' and '.'";

/// A name that the whole program can share: the one of the same letters, each kept once.
pub(super) fn intern(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = Box::leak(name.into());
    names.insert(name);
    name
}

/// Whether a provider or a function may be called so: names stand in events, metrics and logs.
pub(super) fn is_name(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MOST).contains(&name.len()) && name.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let again = String::from("deepgram-eu");
        assert!(std::ptr::eq(intern("deepgram-eu"), intern(&again)));
    }

    #[test]
    fn a_name_can_stand_in_an_event() {
        assert!(is_name("bedrock-kb.2_b"));
        for wrong in ["", "two words", "ä", "a\n", &"x".repeat(41)] {
            assert!(!is_name(wrong), "{wrong:?}");
        }
    }
}
