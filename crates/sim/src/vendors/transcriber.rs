//! The transcriber: hears exactly the words that were said in the audio it was given.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bedside_conversation::io::{Input, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::{AudioPos, Time};

use super::{Delivery, Fate, PROVIDER, VendorManners, fault};
use crate::patient::SaidWord;
use crate::rng::{Rng, Stream};

/// The transcriber.
#[derive(Debug)]
pub struct Transcriber {
    manners: VendorManners,
    rng: Rng,
    open: BTreeMap<UtteranceId, AudioPos>,
    muted: BTreeSet<UtteranceId>,
}

impl Transcriber {
    /// A transcriber.
    pub fn new(manners: VendorManners, seed: u64) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, Stream::Transcriber),
            open: BTreeMap::new(),
            muted: BTreeSet::new(),
        }
    }

    /// Takes a command; returns the answer to a [`TranscribeCommand::Finish`], unless it stalls.
    pub fn command(&mut self, now: Time, command: &TranscribeCommand, said: &[SaidWord]) -> Option<Delivery> {
        match *command {
            TranscribeCommand::Start { utterance, from } => {
                self.open.insert(utterance, from);
                None
            }
            TranscribeCommand::Cancel { utterance } => {
                if !self.rng.chance(self.manners.late) {
                    self.muted.insert(utterance);
                }
                None
            }
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => self.finish(now, utterance, attempt, to, said),
        }
    }

    /// Whether what it still has to say of `utterance` is delivered.
    pub fn is_heard(&self, utterance: UtteranceId) -> bool {
        !self.muted.contains(&utterance)
    }

    /// The text so far, and when to look again.
    pub fn partial(
        &mut self,
        now: Time,
        utterance: UtteranceId,
        to: AudioPos,
        said: &[SaidWord],
    ) -> (Input, Time) {
        let from = self.open.get(&utterance).copied().unwrap_or(to);
        let event = TranscriptEvent::Partial {
            text: text_between(said, from, to),
        };
        (
            Input::Transcript { utterance, event },
            now + self.rng.millis(250..=700),
        )
    }

    fn finish(
        &mut self,
        now: Time,
        utterance: UtteranceId,
        attempt: u32,
        to: AudioPos,
        said: &[SaidWord],
    ) -> Option<Delivery> {
        let from = self.open.get(&utterance).copied()?;
        let mut latency = self.rng.millis(self.manners.latency_ms.clone());
        if self.manners.first_fails {
            // Its deadline, and the audio once more.
            latency += Duration::from_millis(1_200) + self.rng.millis(50..=300);
        }
        let event = match self.manners.fate(&mut self.rng) {
            Fate::Serves => TranscriptEvent::Final {
                attempt,
                text: text_between(said, from, to),
                busy: if self.manners.first_fails {
                    Duration::ZERO
                } else {
                    latency.min(Duration::from_millis(200))
                },
                provider: PROVIDER,
            },
            Fate::Fails(kind) => TranscriptEvent::Failed {
                attempt,
                fault: fault(PROVIDER, kind),
            },
            Fate::Stalls => return None,
        };
        Some((now + latency, Input::Transcript { utterance, event }))
    }
}

/// The words whose middle lies in the audio.
fn text_between(said: &[SaidWord], from: AudioPos, to: AudioPos) -> String {
    let first = said.partition_point(|word| middle(word) < from);
    let words: Vec<&str> = said[first..]
        .iter()
        .take_while(|word| middle(word) < to)
        .map(|word| word.text.as_str())
        .collect();
    words.join(" ")
}

fn middle(word: &SaidWord) -> AudioPos {
    word.start + (word.end - word.start) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_belongs_to_the_audio_that_holds_its_middle() {
        let word = |start, text: &str| SaidWord {
            start: AudioPos::from_millis(start),
            end: AudioPos::from_millis(start + 200),
            text: text.to_owned(),
        };
        let said = [word(0, "one"), word(300, "two"), word(600, "three")];
        let between = |from, to| text_between(&said, AudioPos::from_millis(from), AudioPos::from_millis(to));
        assert_eq!(between(0, 800), "one two three");
        assert_eq!(between(100, 701), "one two three");
        assert_eq!(between(101, 700), "two");
        assert_eq!(between(800, 900), "");
    }
}
