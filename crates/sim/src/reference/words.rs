//! No word of the patient is lost, and none is heard twice.

use std::collections::BTreeMap;
use std::time::Duration;

use bedside_conversation::time::{AudioPos, Time};
use bedside_protocol::ServerEventKind;

use super::Violations;
use crate::patient::{LISTENING, SaidWord};

/// A word as long as a cough, said during an answer, may be taken for one.
const COUGH: Duration = Duration::from_millis(450);

/// The transcripts of a session.
#[derive(Debug, Default)]
pub struct Words {
    /// Words transcribed, and the item of each.
    seen: BTreeMap<String, String>,
    /// What is told so far of items whose transcript is not complete.
    begun: BTreeMap<String, String>,
}

impl Words {
    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind, violations: &mut Violations) {
        let (item_id, transcript) = match event {
            ServerEventKind::InputAudioTranscriptionDelta { item_id, delta, .. } => {
                self.begun.entry(item_id.clone()).or_default().push_str(delta);
                return;
            }
            ServerEventKind::InputAudioTranscriptionCompleted {
                item_id, transcript, ..
            } => (item_id, transcript),
            _ => return,
        };
        self.begun.remove(item_id);
        for word in transcript.split_whitespace().filter(|word| *word != LISTENING) {
            if let Some(other) = self.seen.insert(word.to_owned(), item_id.clone()) {
                violations.add(now, "words", format!("{word} is in {other} and in {item_id}"));
            }
        }
    }

    /// Everything said before `until` must have been transcribed, but for what was too short to be told from a cough. In a
    /// turn that went on after `until`, it is enough to have told it.
    pub fn check_all(&self, now: Time, said: &[SaidWord], until: AudioPos, violations: &mut Violations) {
        let goes_on = said.last().is_some_and(|word| word.end >= until);
        let told = |word: &str| {
            goes_on
                && self
                    .begun
                    .values()
                    .any(|text| text.split_whitespace().any(|told| told == word))
        };
        for run in said.chunk_by(|a, b| b.start - a.end <= AudioPos::from_millis(200).samples()) {
            let length = AudioPos::from_samples(run[run.len() - 1].end - run[0].start).as_millis();
            if u128::from(length) <= COUGH.as_millis() {
                continue;
            }
            for word in run
                .iter()
                .filter(|word| word.text != LISTENING && word.end < until)
            {
                let transcribed = self.seen.contains_key(&word.text) || told(&word.text);
                violations.check(transcribed, now, "words", || {
                    format!(
                        "{} at {} ms was never transcribed",
                        word.text,
                        word.start.as_millis()
                    )
                });
            }
        }
    }
}
