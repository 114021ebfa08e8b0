//! The synthesiser: audio whose bytes say which words they are.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::time::Duration;

use bedside_conversation::io::{
    Epoch, FaultKind, Input, SegmentIndex, SpeakCommand, StageFault, SynthesisEvent, WordMark,
};
use bedside_conversation::time::Time;
use bytes::Bytes;

use super::{CHAIN, Delivery, Fate, VendorManners, choose, fault};
use crate::rng::{Rng, Stream};

/// Characters spoken a second, in tenths: conversational English.
const CHARS_PER_10_S: RangeInclusive<u64> = 140..=170;

/// A segment as it is spoken, whether or not anyone listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The segment's text.
    pub text: String,
    /// When each word is spoken.
    pub words: Vec<WordMark>,
    /// Length of the audio.
    pub length: Duration,
}

/// What a piece of audio says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceLabel {
    /// The epoch it was made for.
    pub epoch: Epoch,
    /// The segment it speaks.
    pub segment: SegmentIndex,
    /// Where it starts in the segment's audio.
    pub offset: Duration,
}

impl PieceLabel {
    fn write(self) -> Bytes {
        let mut data = Vec::with_capacity(16);
        data.extend(self.epoch.0.to_le_bytes());
        data.extend(self.segment.to_le_bytes());
        data.extend((self.offset.as_micros() as u64).to_le_bytes());
        Bytes::from(data)
    }

    /// Reads the label of a piece; `None` if it was not made by the simulated synthesiser.
    pub fn read(data: &[u8]) -> Option<Self> {
        let (epoch, rest) = data.split_first_chunk()?;
        let (segment, rest) = rest.split_first_chunk()?;
        let offset = u64::from_le_bytes(rest.try_into().ok()?);
        Some(Self {
            epoch: Epoch(u32::from_le_bytes(*epoch)),
            segment: u32::from_le_bytes(*segment),
            offset: Duration::from_micros(offset),
        })
    }
}

#[derive(Debug, Default)]
struct Channel {
    waiting: VecDeque<Delivery>,
    /// When the synthesiser has finished what it was given.
    busy_until: Time,
    /// It stalled or failed: nothing more comes.
    dead: bool,
    provider: &'static str,
}

/// The synthesiser, with one channel of finished audio per epoch.
#[derive(Debug)]
pub struct Synthesizer {
    manners: VendorManners,
    /// Computing time per second of audio, in milliseconds.
    factor_ms: RangeInclusive<u64>,
    rng: Rng,
    channels: BTreeMap<Epoch, Channel>,
    spoken: BTreeMap<(Epoch, SegmentIndex), Spoken>,
}

impl Synthesizer {
    /// A synthesiser that needs so many milliseconds for a second of audio.
    pub fn new(manners: VendorManners, factor_ms: RangeInclusive<u64>, seed: u64) -> Self {
        Self {
            manners,
            factor_ms,
            rng: Rng::new(seed, Stream::Synthesizer),
            channels: BTreeMap::new(),
            spoken: BTreeMap::new(),
        }
    }

    /// Takes a command.
    pub fn command(&mut self, now: Time, command: &SpeakCommand) {
        match command {
            SpeakCommand::Open { epoch, avoid, .. } => {
                self.channels.insert(
                    *epoch,
                    Channel {
                        busy_until: now,
                        provider: choose(avoid),
                        ..Channel::default()
                    },
                );
            }
            SpeakCommand::Segment { epoch, segment, text } => self.speak(now, *epoch, *segment, text),
            SpeakCommand::Finish { .. } => {}
            SpeakCommand::Cancel { epoch } => {
                if !self.rng.chance(self.manners.late) {
                    self.channels.remove(epoch);
                }
            }
        }
    }

    /// When the next finished piece is there to be taken.
    pub fn next_ready(&self) -> Option<Time> {
        self.channels
            .values()
            .filter_map(|channel| channel.waiting.front())
            .map(|(at, _)| *at)
            .min()
    }

    /// Takes a piece that is finished at `now`, of the oldest epoch that has one.
    pub fn take(&mut self, now: Time) -> Option<Input> {
        let channel = self
            .channels
            .values_mut()
            .find(|channel| channel.waiting.front().is_some_and(|(at, _)| *at <= now))?;
        channel.waiting.pop_front().map(|(_, input)| input)
    }

    /// Every segment ever given, as it sounds.
    pub fn spoken(&self) -> &BTreeMap<(Epoch, SegmentIndex), Spoken> {
        &self.spoken
    }

    fn speak(&mut self, now: Time, epoch: Epoch, segment: SegmentIndex, text: &str) {
        let spoken = self.pronounce(text);
        let latency = self.rng.millis(self.manners.latency_ms.clone());
        let factor = self.rng.between(self.factor_ms.clone()) as f64 / 1_000.0;
        let mut fate = self.manners.fate(&mut self.rng);
        let piece = Duration::from_millis(*self.rng.pick(&[20, 40, 60, 100, 120]));
        let Some(channel) = self.channels.get_mut(&epoch).filter(|channel| !channel.dead) else {
            return;
        };
        let begin = channel.busy_until.max(now) + latency;
        let mut noticed_after = Duration::ZERO;
        if self.manners.first_fails && channel.provider == CHAIN[0] {
            fate = Fate::Fails(FaultKind::Timeout);
            noticed_after = Duration::from_millis(1_200);
        }
        // A call that does not end well breaks off in the middle.
        let length = if fate == Fate::Serves {
            spoken.length
        } else {
            spoken.length / 2
        };
        let mut offset = Duration::ZERO;
        while offset < length {
            let duration = piece.min(length.saturating_sub(offset));
            let data = PieceLabel {
                epoch,
                segment,
                offset,
            }
            .write();
            offset += duration;
            let event = Ok(SynthesisEvent::Audio {
                segment,
                data,
                duration,
            });
            channel
                .waiting
                .push_back((begin + offset.mul_f64(factor), Input::Synthesis { epoch, event }));
        }
        let end = begin + length.mul_f64(factor);
        channel.busy_until = end;
        channel.dead = fate != Fate::Serves;
        let last: Option<Result<SynthesisEvent, StageFault>> = match fate {
            Fate::Serves => Some(Ok(SynthesisEvent::SegmentDone {
                segment,
                words: spoken.words.clone(),
                busy: latency,
                provider: channel.provider,
            })),
            Fate::Fails(kind) => Some(Err(fault(channel.provider, kind))),
            Fate::Stalls => None,
        };
        channel
            .waiting
            .extend(last.map(|event| (end + noticed_after, Input::Synthesis { epoch, event })));
        self.spoken.insert((epoch, segment), spoken);
    }

    fn pronounce(&mut self, text: &str) -> Spoken {
        let rate = self.rng.between(CHARS_PER_10_S) as f64 / 10.0;
        let mut at = self.rng.millis(0..=60);
        let mut words = Vec::new();
        let mut from = 0;
        for token in text.split_inclusive(char::is_whitespace) {
            let word = token.trim_end();
            if !word.is_empty() {
                let end = at + Duration::from_micros(((token.len() as f64) / rate * 1e6) as u64);
                words.push(WordMark {
                    text: from..from + word.len(),
                    start: at,
                    end,
                });
                at = end;
            }
            from += token.len();
        }
        Spoken {
            text: text.to_owned(),
            words,
            length: at + self.rng.millis(40..=250),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_labelled_short_gapless_and_followed_by_the_words() {
        let epoch = Epoch(3);
        let mut synthesizer = Synthesizer::new(VendorManners::reliable(50..=80), 100..=100, 1);
        synthesizer.command(
            Time::ZERO,
            &SpeakCommand::Open {
                epoch,
                voice: String::new(),
                speed: 1.0,
                avoid: Vec::new(),
            },
        );
        let text = "Take two tablets. ".to_owned();
        synthesizer.command(
            Time::ZERO,
            &SpeakCommand::Segment {
                epoch,
                segment: 0,
                text,
            },
        );
        let mut at = Duration::ZERO;
        let mut marked = 0;
        while let Some(ready) = synthesizer.next_ready() {
            match synthesizer.take(ready) {
                Some(Input::Synthesis {
                    event: Ok(SynthesisEvent::Audio { data, duration, .. }),
                    ..
                }) => {
                    assert_eq!(
                        PieceLabel::read(&data),
                        Some(PieceLabel {
                            epoch,
                            segment: 0,
                            offset: at
                        })
                    );
                    assert!(duration <= Duration::from_millis(120));
                    at += duration;
                }
                Some(Input::Synthesis {
                    event: Ok(SynthesisEvent::SegmentDone { words, .. }),
                    ..
                }) => {
                    marked = words.len();
                    assert!(words.last().unwrap().end <= at);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(marked, 3);
        assert_eq!(at, synthesizer.spoken()[&(epoch, 0)].length);
    }
}
