//! What the next transcriber has to be told if this one fails.

use std::collections::{BTreeMap, VecDeque};

use bedside_conversation::io::{FaultKind, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;

use crate::traits::{BusAudio, TranscriberInput, TranscriberOutput};

/// Speech is told of a moment after it began; a stream hears so much of what was before it.
const BEFORE_MS: u64 = 1_000;

/// An utterance that was answered is over after so much more audio: longer than turn-taking waits for more of it.
const OVER_AFTER_MS: u64 = 3_000;

/// The audio and commands since the oldest utterance that may still be asked for, and what was answered.
#[derive(Debug)]
pub(super) struct Ledger {
    journal: VecDeque<TranscriberInput>,
    /// Of audio in the journal.
    samples: u64,
    most: u64,
    /// Those that may still be asked for: the latest, and others while they are owed an answer.
    utterances: BTreeMap<UtteranceId, Utterance>,
    latest: Option<UtteranceId>,
    /// Audio before it belongs to utterances that are answered.
    floor: AudioPos,
    end: AudioPos,
    /// Where the stream's audio begins.
    begins: AudioPos,
}

#[derive(Debug, Clone, Copy)]
struct Utterance {
    from: AudioPos,
    finish: Option<Finish>,
    /// The stream was told that it started.
    known: bool,
}

#[derive(Debug, Clone, Copy)]
struct Finish {
    attempt: u32,
    to: AudioPos,
    answered: bool,
}

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passing {
    /// The stream is told.
    On,
    /// The stream knows nothing of it.
    Dropped,
    /// The stream lacks what it refers to, and another one does not have to.
    Anew,
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// It is passed on.
    News,
    /// It is what was asked for.
    Answer,
    /// What was asked for is not to be had from this transcriber.
    Failure(FaultKind),
    /// Nobody wants it any more.
    Nothing,
}

impl Utterance {
    fn is_owed(&self) -> bool {
        self.finish.is_some_and(|finish| !finish.answered)
    }
}

impl Ledger {
    /// A ledger of at most so many samples of audio; then the oldest are forgotten.
    pub(super) fn new(most: u64) -> Self {
        Self {
            journal: VecDeque::new(),
            samples: 0,
            most,
            utterances: BTreeMap::new(),
            latest: None,
            floor: AudioPos::START,
            end: AudioPos::START,
            begins: AudioPos::START,
        }
    }

    /// Audio was heard.
    pub(super) fn hear(&mut self, audio: &BusAudio) {
        self.samples += samples(audio);
        self.end = audio.at + samples(audio);
        self.journal.push_back(TranscriberInput::Audio(audio.clone()));
        self.forget();
    }

    /// A command was given.
    pub(super) fn obey(&mut self, command: &TranscribeCommand) -> Passing {
        let passing = match *command {
            TranscribeCommand::Start { utterance, from } => {
                self.latest = Some(utterance);
                self.utterances.retain(|_, before| before.is_owed());
                self.floor = from;
                let missed = from < self.begins && self.first().is_some_and(|first| first < self.begins);
                let begun = Utterance {
                    from,
                    finish: None,
                    known: !missed,
                };
                self.utterances.insert(utterance, begun);
                if missed { Passing::Anew } else { Passing::On }
            }
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => {
                let answered = false;
                let Some(asked) = self.utterances.get_mut(&utterance) else {
                    return Passing::On;
                };
                asked.finish = Some(Finish {
                    attempt,
                    to,
                    answered,
                });
                if asked.known { Passing::On } else { Passing::Anew }
            }
            TranscribeCommand::Cancel { utterance } => {
                return match self.utterances.remove(&utterance) {
                    Some(Utterance { known: false, .. }) => Passing::Dropped,
                    _ => Passing::On,
                };
            }
        };
        self.journal.push_back(TranscriberInput::Command(command.clone()));
        passing
    }

    /// The stream said something.
    pub(super) fn judge(&mut self, output: &TranscriberOutput) -> Worth {
        let Some(utterance) = self.utterances.get_mut(&output.utterance) else {
            return Worth::Nothing;
        };
        let asked = |attempt| move |finish: &&mut Finish| !finish.answered && finish.attempt == attempt;
        match &output.event {
            TranscriptEvent::Partial { .. } => Worth::News,
            TranscriptEvent::Final { attempt, .. } => {
                let Some(finish) = utterance.finish.as_mut().filter(asked(*attempt)) else {
                    return Worth::Nothing;
                };
                finish.answered = true;
                self.settle(output.utterance);
                Worth::Answer
            }
            TranscriptEvent::Failed { attempt, fault } => {
                match utterance.finish.as_mut().filter(asked(*attempt)) {
                    Some(_) => Worth::Failure(fault.kind),
                    None => Worth::Nothing,
                }
            }
        }
    }

    /// A failure was passed on: nobody owes this answer any more.
    pub(super) fn give_up(&mut self, utterance: UtteranceId) {
        if let Some(Utterance {
            finish: Some(finish), ..
        }) = self.utterances.get_mut(&utterance)
        {
            finish.answered = true;
            self.settle(utterance);
        }
    }

    /// The utterances that are owed an answer.
    pub(super) fn owed(&self) -> impl Iterator<Item = UtteranceId> {
        let owed = self
            .utterances
            .iter()
            .filter(|(_, utterance)| utterance.is_owed());
        owed.map(|(&id, _)| id)
    }

    /// Whether the patient says nothing and is owed nothing: another stream can take over unnoticed.
    pub(super) fn is_quiet(&self) -> bool {
        self.utterances.values().all(|utterance| {
            utterance.finish.is_some_and(|finish| {
                finish.answered && AudioPos::from_samples(self.end - finish.to).as_millis() >= OVER_AFTER_MS
            })
        })
    }

    /// How much audio another stream would be told, in samples.
    pub(super) fn owed_audio(&self) -> u64 {
        self.end - self.needed_from()
    }

    /// What another stream is told, to know all that this one would have to.
    pub(super) fn begin_anew(&mut self) -> VecDeque<TranscriberInput> {
        let from = self.needed_from();
        let quiet = self.is_quiet();
        let first = self.journal.iter().find_map(|entry| match entry {
            TranscriberInput::Audio(audio) if audio.at + samples(audio) > from => Some(audio.at),
            _ => None,
        });
        self.begins = first.unwrap_or(self.end);
        for utterance in self.utterances.values_mut() {
            utterance.known = !quiet;
        }
        let told = self.journal.iter().filter_map(|entry| match entry {
            TranscriberInput::Audio(audio) => (audio.at >= self.begins).then(|| entry.clone()),
            TranscriberInput::Command(command) => self.again(command).map(TranscriberInput::Command),
        });
        told.collect()
    }

    /// A command as it is given again, if it still matters.
    fn again(&self, command: &TranscribeCommand) -> Option<TranscribeCommand> {
        match *command {
            TranscribeCommand::Start { utterance, from } => {
                let known = self.utterances.get(&utterance).filter(|known| known.known)?;
                let from = from.max(self.begins).min(known.from.max(self.begins));
                Some(TranscribeCommand::Start { utterance, from })
            }
            TranscribeCommand::Finish {
                utterance, attempt, ..
            } => {
                let known = self.utterances.get(&utterance).filter(|known| known.known)?;
                let asked = known.finish.filter(|finish| !finish.answered)?;
                (asked.attempt == attempt).then(|| command.clone())
            }
            TranscribeCommand::Cancel { .. } => None,
        }
    }

    /// Where the audio begins that another stream would have to be told.
    fn needed_from(&self) -> AudioPos {
        let quiet = self.end.back(BEFORE_MS);
        let needed = self.utterances.values().map(|utterance| utterance.from).min();
        needed.filter(|_| !self.is_quiet()).unwrap_or(quiet)
    }

    /// An utterance that is answered matters only while it may go on.
    fn settle(&mut self, utterance: UtteranceId) {
        if self.latest != Some(utterance) {
            self.utterances.remove(&utterance);
        }
    }

    fn first(&self) -> Option<AudioPos> {
        self.journal.iter().find_map(|entry| match entry {
            TranscriberInput::Audio(audio) => Some(audio.at),
            TranscriberInput::Command(_) => None,
        })
    }

    /// Forgets what no stream will have to be told, and the oldest audio if there is too much.
    fn forget(&mut self) {
        let oldest = self.utterances.values().map(|utterance| utterance.from).min();
        let floor = oldest.unwrap_or(self.floor).min(self.floor);
        let mut index = 0;
        while let Some(entry) = self.journal.get(index) {
            let kept = match entry {
                TranscriberInput::Audio(audio) => {
                    if self.samples <= self.most && audio.at + samples(audio) > floor {
                        return;
                    }
                    self.samples -= samples(audio);
                    false
                }
                TranscriberInput::Command(
                    TranscribeCommand::Start { utterance, .. }
                    | TranscribeCommand::Finish { utterance, .. }
                    | TranscribeCommand::Cancel { utterance },
                ) => self.utterances.contains_key(utterance),
            };
            if kept {
                index += 1;
            } else {
                self.journal.remove(index);
            }
        }
    }
}

pub(super) fn samples(audio: &BusAudio) -> u64 {
    audio.pcm.len() as u64 / 2
}

#[cfg(test)]
mod tests;
