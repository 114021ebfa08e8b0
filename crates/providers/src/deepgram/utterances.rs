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
            from: from.max(self.ended),
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
    let heard = hearing.heard_to() + UNHEARD >= to || hearing.settled_to() + LEFT_OVER >= to;
    hearing.settled_to() + ROUNDING >= to
        || (since.is_some() && hearing.asked_to() + LEFT_OVER >= to)
        || (settles_alone && hearing.heard_to() + ROUNDING >= to && hearing.is_settled_speech(range))
        || (heard && since.is_some_and(|since| since >= patience.heard))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::super::hearing::{Segment, Word};
    use super::*;

    const PATIENCE: Patience = Patience {
        heard: Duration::from_millis(600),
        most: Duration::from_millis(1_500),
    };

    struct Bench {
        utterances: Utterances,
        timeline: Timeline,
    }

    fn ms(ms: u64) -> AudioPos {
        AudioPos::from_millis(ms)
    }

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn bench(settles_alone: bool) -> Bench {
        let mut timeline = Timeline::default();
        // The connection begins ten seconds into the session.
        timeline.append(ms(10_000), 16_000 * 60);
        Bench {
            utterances: Utterances::new("deepgram", PATIENCE, settles_alone),
            timeline,
        }
    }

    impl Bench {
        /// One word every 100 ms, from 10 s + `from_ms`.
        fn hear(&mut self, from_ms: u64, to_ms: u64, text: &str, settled: bool, asked_for: bool) {
            let words = text.split_whitespace().zip(0..).map(|(text, n)| Word {
                text: text.into(),
                span: Some((from_ms + n * 100) * 16..(from_ms + n * 100 + 100) * 16),
            });
            self.utterances.heard(Heard {
                segment: Segment {
                    key: from_ms,
                    span: from_ms * 16..to_ms * 16,
                    transcript: text.into(),
                    words: words.collect(),
                },
                settled,
                asked_for,
            });
        }

        fn finals(&mut self, now: u64) -> Vec<(u32, u32, String)> {
            let answers = self.utterances.finals(&self.timeline, at(now)).expect("in time");
            let text = |answer: TranscriberOutput| match answer.event {
                TranscriptEvent::Final { attempt, text, .. } => (answer.utterance.0, attempt, text),
                event => panic!("{event:?}"),
            };
            answers.into_iter().map(text).collect()
        }

        fn partial(&mut self) -> Option<String> {
            let answer = self.utterances.partial(&self.timeline)?;
            match answer.event {
                TranscriptEvent::Partial { text } => Some(text),
                event => panic!("{event:?}"),
            }
        }
    }

    #[test]
    fn a_final_is_the_words_between_begin_and_end() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_500));
        bench.hear(0, 1_000, "a b c d e f g h", false, false);
        assert_eq!(bench.partial().as_deref(), Some("f g h"));
        assert_eq!(bench.partial(), None);
        assert!(bench.utterances.finish(UtteranceId(1), 1, ms(11_200)));
        bench.utterances.asked(at(0));
        assert_eq!(bench.finals(10), []);
        bench.hear(0, 1_000, "a b c d e f g h", true, false);
        assert_eq!(bench.finals(20), []);
        bench.hear(1_000, 1_250, "i j k", true, true);
        assert_eq!(bench.finals(30), [(1, 1, "f g h i j".into())]);
        assert!(!bench.utterances.is_waiting() && bench.utterances.due(at(30)).is_none());
    }

    #[test]
    fn what_is_settled_already_is_not_waited_for() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.hear(0, 800, "yes", true, false);
        bench.utterances.finish(UtteranceId(1), 1, ms(10_800));
        assert_eq!(bench.finals(0), [(1, 1, "yes".into())]);
    }

    #[test]
    fn speech_that_goes_on_is_finished_by_a_higher_attempt() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.utterances.finish(UtteranceId(1), 1, ms(10_500));
        bench.utterances.asked(at(0));
        bench.utterances.finish(UtteranceId(1), 2, ms(11_500));
        bench.hear(0, 500, "my chest", true, true);
        assert_eq!(bench.finals(100), []);
        bench.utterances.asked(at(200));
        bench.hear(500, 1_500, "hurts", true, true);
        assert_eq!(bench.finals(300), [(1, 2, "my chest hurts".into())]);
        bench.hear(1_500, 1_700, "", false, false);
        assert_eq!(bench.partial(), None);
        bench.hear(1_500, 1_900, "badly", false, false);
        assert_eq!(bench.partial().as_deref(), Some("my chest hurts badly"));
    }

    #[test]
    fn when_nothing_is_left_over_what_is_known_is_the_answer() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.hear(0, 400, "it", true, false);
        bench.hear(400, 950, "hurts", false, false);
        bench.utterances.finish(UtteranceId(1), 3, ms(11_000));
        bench.utterances.asked(at(50));
        assert_eq!(bench.utterances.due(at(50)), Some(at(650)));
        assert_eq!(bench.finals(649), []);
        assert_eq!(bench.finals(650), [(1, 3, "it hurts".into())]);
    }

    #[test]
    fn words_that_were_not_heard_are_not_left_out_but_a_fault() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.hear(0, 400, "it", true, false);
        bench.utterances.finish(UtteranceId(1), 3, ms(11_000));
        bench.utterances.asked(at(0));
        assert_eq!(bench.finals(1_499), []);
        let overdue = bench.utterances.finals(&bench.timeline, at(1_500));
        assert_eq!(overdue, Err(FaultKind::Timeout));
        let failed = bench.utterances.fail(FaultKind::Timeout);
        assert!(matches!(
            failed[0].event,
            TranscriptEvent::Failed { attempt: 3, .. }
        ));
    }

    #[test]
    fn a_turn_that_the_vendor_ended_itself_is_an_answer_once_the_rest_is_heard() {
        let mut bench = bench(true);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.hear(0, 600, "I feel", true, false);
        bench.hear(700, 1_300, "dizzy", true, false);
        bench.utterances.finish(UtteranceId(1), 1, ms(12_000));
        bench.utterances.asked(at(0));
        bench.hear(1_400, 1_900, "", false, false);
        assert_eq!(bench.finals(10), []);
        bench.hear(1_400, 2_010, "", false, false);
        assert_eq!(bench.finals(20), [(1, 1, "I feel dizzy".into())]);
    }

    #[test]
    fn padding_does_not_repeat_the_last_word_of_the_utterance_before() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.hear(0, 900, "a b c d e f g h", true, false);
        bench.utterances.finish(UtteranceId(1), 1, ms(10_900));
        assert_eq!(bench.finals(0).len(), 1);
        bench.utterances.start(UtteranceId(2), ms(10_700));
        bench.hear(900, 1_500, "i j", true, false);
        bench.utterances.finish(UtteranceId(2), 1, ms(11_500));
        assert_eq!(bench.finals(0), [(2, 1, "i j".into())]);
    }

    #[test]
    fn a_cancelled_or_unknown_utterance_is_not_answered() {
        let mut bench = bench(false);
        bench.utterances.start(UtteranceId(1), ms(10_000));
        bench.utterances.finish(UtteranceId(1), 1, ms(10_500));
        bench.utterances.cancel(UtteranceId(1));
        bench.hear(0, 900, "a", true, false);
        assert_eq!(bench.finals(0), []);
        assert!(!bench.utterances.finish(UtteranceId(1), 2, ms(10_600)));
    }
}
