//! Finds what must not wait in a transcript.
//!
//! A protocol's patterns are looked for in the canonical form of the transcript ([`words`](super::words)), sentence by
//! sentence and across commas. A mention is passed over only if it is plainly
//! - **denied** in the same sentence ("I don't have any chest pain", "no fever, chest pain or cough", "chest pain? no"),
//! - or, for red flags of scope `present`, **recounted**: years back, or a relative's history.
//!
//! Whenever that is not plain, it escalates: "no fever and chest pain", "I'm not sure if it's chest pain", "I've never
//! had chest pain like this", "what if I get chest pain?", another person's present emergency. A needless escalation
//! costs a sentence, a missed one perhaps a life. Partial transcripts may be searched too, but a partial can lack the
//! words that make a mention harmless ("chest pain … no").

mod mention;
mod pattern;

pub use pattern::{BadPattern, Pattern};

use super::protocol::{Protocol, RedFlag, Scope};
use super::words::{Word, sentences, words};
use pattern::Haystack;

/// The red flags of a protocol, ready to be looked for; by default none. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct RedFlags {
    flags: std::sync::Arc<[RedFlag]>,
}

/// A red flag that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedFlagMatch {
    /// The red flag's identifier.
    pub id: String,
    /// Why it matters, for the clinician.
    pub reason: String,
    /// The words that raised it, as transcribed. Patient data: not for logs.
    pub matched: String,
}

impl RedFlags {
    /// The red flags of `protocol`.
    pub fn new(protocol: &Protocol) -> Self {
        Self {
            flags: protocol.red_flags.clone().into(),
        }
    }

    /// The gravest red flag in `transcript` (the first in the order of the protocol), if there is one.
    pub fn find(&self, transcript: &str) -> Option<RedFlagMatch> {
        let words = words(transcript);
        let haystacks: Vec<_> = sentences(&words)
            .into_iter()
            .map(|s| Haystack::new(&words, s))
            .collect();
        self.flags.iter().find_map(|flag| {
            let found = haystacks
                .iter()
                .find_map(|haystack| find_in(flag, &words, haystack))?;
            let span = words[found.start].span.start..words[found.end - 1].span.end;
            Some(RedFlagMatch {
                id: flag.id.clone(),
                reason: flag.reason.clone(),
                matched: transcript[span].to_owned(),
            })
        })
    }
}

fn find_in(flag: &RedFlag, words: &[Word], haystack: &Haystack) -> Option<std::ops::Range<usize>> {
    flag.patterns.iter().find_map(|pattern| {
        pattern.find_all(haystack).into_iter().find(|found| {
            let denied = mention::denied(words, &haystack.sentence, found)
                || (!pattern.holds_negation() && mention::has_negation(&words[found.clone()]));
            let recounted =
                flag.scope == Scope::Present && mention::recounted(words, &haystack.sentence, found);
            !denied && !recounted
        })
    })
}
