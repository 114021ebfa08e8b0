//! From what the vendor heard to what the utterances say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;

use super::hearing::{Heard, Hearing};
use super::timeline::Timeline;
use crate::traits::TranscriberOutput;

/// Utterances of which something may still be asked. The oldest is forgotten.
const MOST_OPEN: usize = 16;

/// Timestamps are rounded: samples by which an end may be missed (10 ms).
const ROUNDING: u64 = 160;

/// The vendor settles what it was asked to in frames of its own: samples that may be left over (300 ms). So little need
/// not bring an answer either.
const LEFT_OVER: u64 = 4_800;

/// With everything but so many samples (100 ms) heard, no word is missing.
const UNHEARD: u64 = 1_600;

/// A vendor's times are not ours: a word that it places so many samples (300 ms) before an utterance is of it, unless it
/// was said before the one before ended. A word too many is better than one too few.
const EARLY: u64 = 4_800;

/// How long a final is waited for, since it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// If all was heard.
    pub(super) heard: Duration,
    /// In any case.
    pub(super) most: Duration,
}

/// What a session wants to know, and what is known of it. Times are since the connection was opened.
#[derive(Debug)]
pub(super) struct Utterances {
    name: &'static str,
    patience: Patience,
    /// The vendor ends turns by itself, so that there may be nothing left to settle.
    settles_alone: bool,
    hearing: Hearing,
    open: BTreeMap<UtteranceId, Utterance>,
    /// Where the last utterance ended: the next one's padding may reach back into it.
    ended: AudioPos,
}

#[derive(Debug)]
struct Utterance {
    from: AudioPos,
    finish: Option<Finish>,
    answered: Option<AudioPos>,
    /// What was told last.
    told: String,
}

#[derive(Debug, Clone, Copy)]
struct Finish {
    attempt: u32,
    to: AudioPos,
    /// When the vendor was asked.
    asked: Option<Duration>,
}

impl Utterances {
    pub(super) fn new(name: &'static str, patience: Patience, settles_alone: bool) -> Self {
        Self {
            name,
            patience,
            settles_alone,
            hearing: Hearing::default(),
            open: BTreeMap::new(),
            ended: AudioPos::START,
        }
    }

    /// An utterance begins.
    pub(super) fn start(&mut self, utterance: UtteranceId, from: AudioPos) {
        self.open.retain(|_, known| known.finish.is_some());
        let begun = Utterance {
            from: AudioPos::from_samples(from.samples().saturating_sub(EARLY)).max(self.ended),
            finish: None,
            answered: None,
            told: String::new(),
        };
        self.open.insert(utterance, begun);
        if self.open.len() > MOST_OPEN {
            self.open.pop_first();
        }
    }

    /// Its final text is wanted; whether the utterance is known.
    pub(super) fn finish(&mut self, utterance: UtteranceId, attempt: u32, to: AudioPos) -> bool {
        let Some(known) = self.open.get_mut(&utterance) else {
            return false;
        };
        known.finish = Some(Finish {
            attempt,
            to,
            asked: None,
        });
        true
    }

    /// It is wanted no more.
    pub(super) fn cancel(&mut self, utterance: UtteranceId) {
        self.open.remove(&utterance);
    }

    /// The vendor was asked to settle what it got before.
    pub(super) fn asked(&mut self, now: Duration) {
        for finish in self.open.values_mut().filter_map(|known| known.finish.as_mut()) {
            finish.asked.get_or_insert(now);
        }
    }

    /// The vendor heard something.
    pub(super) fn heard(&mut self, heard: Heard) {
        self.hearing.take(heard);
    }

    /// Whether a final is waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.open.values().any(|known| known.finish.is_some())
    }

    /// Finals that are due `now`. An error: one is overdue, and the vendor has failed.
    pub(super) fn finals(
        &mut self,
        timeline: &Timeline,
        now: Duration,
    ) -> Result<Vec<TranscriberOutput>, FaultKind> {
        let mut answers = Vec::new();
        for (&utterance, known) in &mut self.open {
            let Some(finish) = known.finish else { continue };
            let range = timeline.place(known.from)..timeline.place(finish.to);
            let since = finish.asked.map(|asked| now.saturating_sub(asked));
            if !is_complete(&self.hearing, &range, self.settles_alone, since, self.patience) {
                match since {
                    Some(since) if since >= self.patience.most => return Err(FaultKind::Timeout),
                    _ => continue,
                }
            }
            let text = self.hearing.text(&range);
            known.told.clone_from(&text);
            known.finish = None;
            known.answered = Some(finish.to);
            self.ended = self.ended.max(finish.to);
            let event = TranscriptEvent::Final {
                attempt: finish.attempt,
                text,
                busy: Duration::ZERO,
                provider: self.name,
            };
            answers.push(TranscriberOutput { utterance, event });
        }
        Ok(answers)
    }

    /// The text of the utterance that goes on, if more of it is known than was told.
    pub(super) fn partial(&mut self, timeline: &Timeline) -> Option<TranscriberOutput> {
        let (&utterance, known) = self.open.last_key_value()?;
        let text = self.hearing.text(&(timeline.place(known.from)..u64::MAX));
        let known = self.open.get_mut(&utterance)?;
        // Once it was asked for, only speech that goes on is news.
        let ended = known.finish.is_some() || known.answered.is_some();
        let more = words(&text) > words(&known.told);
        if text.is_empty() || text == known.told || (ended && !more) {
            return None;
        }
        known.told.clone_from(&text);
        let event = TranscriptEvent::Partial { text };
        Some(TranscriberOutput { utterance, event })
    }

    /// When, after `now`, [`finals`](Self::finals) is to be asked again if nothing is heard until then.
    pub(super) fn due(&self, now: Duration) -> Option<Duration> {
        let finishes = self.open.values().filter_map(|known| known.finish?.asked);
        finishes
            .flat_map(|asked| [asked + self.patience.heard, asked + self.patience.most])
            .filter(|&due| due > now)
            .min()
    }

    /// What is told when the vendor has failed.
    pub(super) fn fail(&mut self, kind: FaultKind) -> Vec<TranscriberOutput> {
        let failed = |(utterance, known): (UtteranceId, Utterance)| {
            let fault = StageFault {
                provider: self.name,
                kind,
            };
            let attempt = known.finish?.attempt;
            let event = TranscriptEvent::Failed { attempt, fault };
            Some(TranscriberOutput { utterance, event })
        };
        std::mem::take(&mut self.open)
            .into_iter()
            .filter_map(failed)
            .collect()
    }
}

/// Whether the words of `range` are as final as they will be, `since` the vendor was asked for them.
fn is_complete(
    hearing: &Hearing,
    range: &Range<u64>,
    settles_alone: bool,
    since: Option<Duration>,
    patience: Patience,
) -> bool {
    let to = range.end;
    // Of an utterance that has not been settled at all, nothing is left over: it is all missing.
    let all_but_little = |settled: u64| settled > range.start && settled + LEFT_OVER >= to;
    let all_settled = !hearing.has_unsettled_words(range);
    let heard = hearing.heard_to() + UNHEARD >= to || (all_settled && all_but_little(hearing.settled_to()));
    let ended_alone = settles_alone && all_settled && hearing.has_settled_words(range);
    hearing.settled_to() + ROUNDING >= to
        || (since.is_some() && all_but_little(hearing.asked_to()))
        || (ended_alone && hearing.heard_to() + ROUNDING >= to)
        // Who ends turns ends them when asked to: a guess that was not confirmed may lack words.
        || (heard && (all_settled || !settles_alone) && since.is_some_and(|since| since >= patience.heard))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests;
