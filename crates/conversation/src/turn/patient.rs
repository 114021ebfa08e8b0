//! What is known of the patient's audio and the utterance in progress.

use std::collections::VecDeque;

use crate::io::UtteranceId;
use crate::metrics::TurnClock;
use crate::time::{AudioPos, Time};
use crate::turn::endpoint::Judgement;
use crate::turn::gate::{SpeechGate, Stretch};
use crate::turn::stable::StableText;

/// How many arrivals are remembered: 64 packets of 20 ms cover any silence a turn ends with.
const ARRIVALS: usize = 64;

/// The patient's side.
#[derive(Debug, Default)]
pub(crate) struct Patient {
    pub(crate) gate: SpeechGate,
    /// End of the audio received.
    pub(crate) received: AudioPos,
    /// First sample that is not committed or cleared.
    pub(crate) buffer_start: AudioPos,
    /// Speech in progress.
    pub(crate) utterance: Option<Utterance>,
    /// Turns that ended and whose text is awaited, oldest first.
    pub(crate) awaited: VecDeque<Awaited>,
    pub(crate) arrivals: Arrivals,
    utterances: u32,
}

/// Speech in progress.
#[derive(Debug)]
pub(crate) struct Utterance {
    pub(crate) id: UtteranceId,
    /// The item it will become.
    pub(crate) item_id: String,
    /// First sample, padding included.
    pub(crate) from: AudioPos,
    pub(crate) stretch: Stretch,
    /// Whether the client was told; not yet while it may be a false interruption.
    pub(crate) announced: bool,
    /// How far audio had come when it was last asked whether the client still sends.
    pub(crate) silent_since: Option<AudioPos>,
    pub(crate) attempt: u32,
    /// The end of the audio whose final text was asked for on a likely end of turn.
    pub(crate) likely_end: Option<AudioPos>,
    pub(crate) judgement: Judgement,
    /// Whether that text could not be had; it is asked for once more when the turn ends.
    pub(crate) preparation_failed: bool,
    /// The final text up to `likely_end`.
    pub(crate) text: Option<String>,
    pub(crate) stable: StableText,
    pub(crate) clock: TurnClock,
}

/// A turn that ended and whose text is awaited.
#[derive(Debug)]
pub(crate) struct Awaited {
    pub(crate) utterance: UtteranceId,
    pub(crate) attempt: u32,
    pub(crate) item_id: String,
    pub(crate) seconds: f64,
    pub(crate) since: Time,
    /// Whether an answer follows by itself.
    pub(crate) respond: bool,
    pub(crate) stable: StableText,
    pub(crate) clock: TurnClock,
}

impl Patient {
    /// Audio is complete up to `to`.
    pub(crate) fn received(&mut self, now: Time, to: AudioPos) {
        self.received = self.received.max(to);
        self.arrivals.push(to, now);
    }

    /// Whether the patient is speaking, as far as the client was told.
    pub(crate) fn is_speaking(&self) -> bool {
        self.utterance.as_ref().is_some_and(|u| u.announced)
    }

    /// Whether there is a sound over an answer that is not yet known to be speech.
    pub(crate) fn may_be_interrupting(&self) -> bool {
        self.utterance.as_ref().is_some_and(|u| !u.announced)
    }

    /// Numbers an utterance.
    pub(crate) fn next_utterance(&mut self) -> UtteranceId {
        self.utterances += 1;
        UtteranceId(self.utterances)
    }

    /// Silence since the last voiced sample of the utterance in progress, in milliseconds.
    pub(crate) fn silence_ms(&self) -> u64 {
        self.utterance.as_ref().map_or(0, |u| {
            AudioPos::from_samples(self.gate.position() - u.stretch.last_voiced).as_millis()
        })
    }
}

/// When audio arrived.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(VecDeque<(AudioPos, Time)>);

impl Arrivals {
    fn push(&mut self, to: AudioPos, now: Time) {
        if self.0.len() == ARRIVALS {
            self.0.pop_front();
        }
        self.0.push_back((to, now));
    }

    /// When the sample before `position` had arrived; `now` if that is not remembered.
    pub(crate) fn at(&self, position: AudioPos, now: Time) -> Time {
        self.0
            .iter()
            .find(|(to, _)| *to >= position)
            .map_or(now, |&(_, at)| at)
    }
}

impl Utterance {
    /// An utterance that begins at `from`, with the speech heard so far.
    pub(crate) fn new(id: UtteranceId, item_id: String, from: AudioPos, stretch: Stretch) -> Self {
        Self {
            id,
            item_id,
            from,
            stretch,
            announced: false,
            silent_since: None,
            attempt: 0,
            likely_end: None,
            judgement: Judgement::Pending,
            preparation_failed: false,
            text: None,
            stable: StableText::default(),
            clock: TurnClock::default(),
        }
    }

    /// Speech went on after a likely end: whatever was prepared for that end is void.
    pub(crate) fn resume(&mut self) {
        self.likely_end = None;
        self.judgement = Judgement::Pending;
        self.text = None;
        self.preparation_failed = false;
        self.clock = TurnClock::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_arrived_with_the_first_packet_that_covers_it() {
        let mut patient = Patient::default();
        for packet in 1..=100 {
            patient.received(Time::from_millis(packet * 20), AudioPos::from_millis(packet * 20));
        }
        let arrival = |ms| {
            patient
                .arrivals
                .at(AudioPos::from_millis(ms), Time::from_millis(9_999))
                .as_millis()
        };
        assert_eq!(arrival(1_990), 2_000);
        assert_eq!(arrival(1_980), 1_980);
        assert_eq!(arrival(2_001), 9_999);
    }
}
