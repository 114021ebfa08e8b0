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
    // Three tenths of a second are the vendor's to be wrong by.
    bench.utterances.start(UtteranceId(1), ms(10_800));
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
