use std::collections::BTreeSet;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bytes::Bytes;
use proptest::prelude::*;

use super::*;

/// Samples a piece of audio.
const PIECE: u64 = AudioPos::RATE / 10;

fn start(utterance: u32, from: AudioPos) -> TranscribeCommand {
    let utterance = UtteranceId(utterance);
    TranscribeCommand::Start { utterance, from }
}

fn finish(utterance: u32, attempt: u32, to: AudioPos) -> TranscribeCommand {
    let utterance = UtteranceId(utterance);
    TranscribeCommand::Finish {
        utterance,
        attempt,
        to,
    }
}

fn answer(utterance: u32, attempt: u32) -> TranscriberOutput {
    TranscriberOutput {
        utterance: UtteranceId(utterance),
        event: TranscriptEvent::Final {
            attempt,
            text: String::new(),
            busy: Duration::ZERO,
            provider: "test",
        },
    }
}

fn hear_until(ledger: &mut Ledger, end: AudioPos) {
    while ledger.end < end {
        ledger.hear(&BusAudio {
            at: ledger.end,
            pcm: Bytes::from(vec![0; PIECE as usize * 2]),
        });
    }
}

fn at(ms: u64) -> AudioPos {
    AudioPos::from_millis(ms)
}

/// A transcriber that knows where it has heard what.
#[derive(Debug, Default)]
struct Listener {
    heard: BTreeSet<u64>,
    started: BTreeMap<UtteranceId, AudioPos>,
    asked: BTreeMap<UtteranceId, (u32, Vec<u64>)>,
}

impl Listener {
    fn take(&mut self, item: &TranscriberInput) {
        match item {
            TranscriberInput::Audio(audio) => {
                self.heard.insert(audio.at.samples());
            }
            TranscriberInput::Command(TranscribeCommand::Start { utterance, from }) => {
                self.started.insert(*utterance, *from);
            }
            TranscriberInput::Command(TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            }) => {
                let from = self.started[utterance].samples();
                let heard = self.heard.range(from..to.samples()).copied().collect();
                self.asked.insert(*utterance, (*attempt, heard));
            }
            TranscriberInput::Command(TranscribeCommand::Cancel { utterance }) => {
                self.asked.remove(utterance);
            }
        }
    }
}

#[test]
fn the_next_stream_is_told_of_the_utterance_and_what_is_owed() {
    let mut ledger = Ledger::new(u64::MAX);
    hear_until(&mut ledger, at(5_000));
    assert_eq!(ledger.obey(&start(1, at(4_500))), Passing::On);
    hear_until(&mut ledger, at(7_000));
    assert_eq!(ledger.obey(&finish(1, 1, at(6_500))), Passing::On);
    assert_eq!(ledger.obey(&finish(1, 2, at(7_000))), Passing::On);
    let told = ledger.begin_anew();
    let commands: Vec<_> = told
        .iter()
        .filter(|item| matches!(item, TranscriberInput::Command(_)))
        .collect();
    assert_eq!(
        commands,
        [
            &TranscriberInput::Command(start(1, at(4_500))),
            &TranscriberInput::Command(finish(1, 2, at(7_000)))
        ]
    );
    assert_eq!(told.len(), 25 + 2);
}

#[test]
fn an_answer_is_passed_on_once_and_only_to_the_last_question() {
    let mut ledger = Ledger::new(u64::MAX);
    hear_until(&mut ledger, at(1_000));
    ledger.obey(&start(1, at(0)));
    ledger.obey(&finish(1, 1, at(800)));
    ledger.obey(&finish(1, 2, at(1_000)));
    assert_eq!(ledger.judge(&answer(1, 1)), Worth::Nothing);
    assert_eq!(ledger.judge(&answer(1, 2)), Worth::Answer);
    assert_eq!(ledger.judge(&answer(1, 2)), Worth::Nothing);
    assert_eq!(ledger.judge(&answer(7, 1)), Worth::Nothing);
    ledger.obey(&finish(1, 3, at(1_000)));
    let fault = StageFault {
        provider: "test",
        kind: FaultKind::Overloaded,
    };
    let failed = |attempt| TranscriberOutput {
        utterance: UtteranceId(1),
        event: TranscriptEvent::Failed {
            attempt,
            fault: fault.clone(),
        },
    };
    assert_eq!(ledger.judge(&failed(2)), Worth::Nothing);
    assert_eq!(ledger.judge(&failed(3)), Worth::Failure(FaultKind::Overloaded));
}

#[test]
fn it_is_quiet_a_while_after_the_answer() {
    let mut ledger = Ledger::new(u64::MAX);
    assert!(ledger.is_quiet());
    hear_until(&mut ledger, at(1_000));
    ledger.obey(&start(1, at(0)));
    assert!(!ledger.is_quiet());
    ledger.obey(&finish(1, 1, at(1_000)));
    hear_until(&mut ledger, at(3_900));
    ledger.judge(&answer(1, 1));
    assert!(!ledger.is_quiet());
    hear_until(&mut ledger, at(4_000));
    assert!(ledger.is_quiet());
    let told = ledger.begin_anew();
    assert_eq!(
        told.len(),
        10,
        "a stream that takes over now hears the last second alone"
    );
}

#[test]
fn what_a_quiet_stream_was_not_told_is_told_when_it_is_asked_for() {
    let mut ledger = Ledger::new(u64::MAX);
    hear_until(&mut ledger, at(8_000));
    assert_eq!(ledger.begin_anew().len(), 10);
    // A turn that is taken by hand begins long before anybody says so.
    assert_eq!(ledger.obey(&start(1, at(2_000))), Passing::Anew);
    assert_eq!(ledger.begin_anew().len(), 60 + 1);
    assert_eq!(ledger.obey(&finish(1, 1, at(8_000))), Passing::On);
}

#[test]
fn more_than_is_kept_loses_its_beginning_and_nothing_else() {
    let mut ledger = Ledger::new(3 * AudioPos::RATE);
    hear_until(&mut ledger, at(1_000));
    ledger.obey(&start(1, at(500)));
    hear_until(&mut ledger, at(10_000));
    let told = ledger.begin_anew();
    assert_eq!(
        told[0],
        TranscriberInput::Command(start(1, at(7_000))),
        "it begins where there is audio"
    );
    assert_eq!(told.len(), 30 + 1);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Hear(u64),
    Speak,
    Ask,
    Answer,
    Cancel,
    Fail,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1u64..40).prop_map(Step::Hear),
        2 => Just(Step::Speak),
        3 => Just(Step::Ask),
        2 => Just(Step::Answer),
        1 => Just(Step::Cancel),
        2 => Just(Step::Fail),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Whenever streams break, what the last of them was asked is what one that never broke would have been asked, and
    /// it has heard all of it.
    #[test]
    fn no_word_is_lost_however_often_streams_break(steps in steps()) {
        let mut ledger = Ledger::new(u64::MAX);
        let (mut faultless, mut stream) = (Listener::default(), Listener::default());
        let (mut utterance, mut attempt, mut open) = (0, 0, false);
        for step in steps {
            let mut tell = |ledger: &mut Ledger, command: TranscribeCommand| {
                let passing = ledger.obey(&command);
                let item = TranscriberInput::Command(command);
                faultless.take(&item);
                match passing {
                    Passing::On => stream.take(&item),
                    Passing::Dropped => {}
                    Passing::Anew => {
                        stream = Listener::default();
                        ledger.begin_anew().iter().for_each(|item| stream.take(item));
                    }
                }
            };
            match step {
                Step::Hear(pieces) => {
                    for _ in 0..pieces {
                        let pcm = Bytes::from(vec![0; PIECE as usize * 2]);
                        let audio = BusAudio { at: ledger.end, pcm };
                        ledger.hear(&audio);
                        faultless.take(&TranscriberInput::Audio(audio.clone()));
                        stream.take(&TranscriberInput::Audio(audio));
                    }
                }
                Step::Speak => {
                    utterance += 1;
                    (attempt, open) = (0, true);
                    let from = ledger.end.back(500).max(ledger.floor);
                    tell(&mut ledger, start(utterance, from));
                }
                Step::Ask if open => {
                    attempt += 1;
                    let to = ledger.end;
                    tell(&mut ledger, finish(utterance, attempt, to));
                }
                Step::Cancel if open => {
                    open = false;
                    tell(&mut ledger, TranscribeCommand::Cancel { utterance: UtteranceId(utterance) });
                }
                Step::Answer => {
                    ledger.judge(&answer(utterance, attempt));
                }
                Step::Fail => {
                    stream = Listener::default();
                    ledger.begin_anew().iter().for_each(|item| stream.take(item));
                }
                Step::Ask | Step::Cancel => {}
            }
            for owed in ledger.owed() {
                prop_assert_eq!(stream.asked.get(&owed), faultless.asked.get(&owed));
            }
        }
    }
}
