//! The client's microphone: the patient's sound in packets.

use std::time::Duration;

use bedside_conversation::time::{AudioPos, Time};

use crate::patient::{Ear, Patient, PatientManners, SaidWord, WINDOW};
use crate::scenario::ClientManners;

/// A packet of sound, with what speech detection will make of the windows that end in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// End of the packet.
    pub to: AudioPos,
    /// End and probability of every window completed by it.
    pub windows: Vec<(AudioPos, f32)>,
    /// Whether the patient says a word in it.
    pub has_words: bool,
}

/// Captures the patient.
#[derive(Debug)]
pub struct Microphone {
    patient: Patient,
    packet: u64,
    interval: Duration,
    captured: AudioPos,
    window: AudioPos,
    /// When the patient last fell silent, or began to speak.
    turned: AudioPos,
    speaking: bool,
}

impl Microphone {
    /// The microphone of a client.
    pub fn new(patient: PatientManners, client: &ClientManners, seed: u64) -> Self {
        Self {
            patient: Patient::new(patient, seed),
            packet: AudioPos::from_millis(client.packet_ms).samples(),
            interval: Duration::from_micros(client.packet_ms * 1_000_000 / client.capture_rate),
            captured: AudioPos::START,
            window: AudioPos::START,
            turned: AudioPos::START,
            speaking: false,
        }
    }

    /// Time between packets.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The next packet.
    pub fn capture(&mut self, now: Time, ear: Ear) -> Packet {
        self.captured = self.captured + self.packet;
        let mut windows = Vec::new();
        while self.window + WINDOW <= self.captured {
            let probability = self.patient.window(self.window, now, ear);
            self.window = self.window + WINDOW;
            windows.push((self.window, probability));
            if self.speaking != self.patient.is_speaking() {
                self.speaking = !self.speaking;
                self.turned = self.window;
            }
        }
        let since = self
            .captured
            .back(AudioPos::from_samples(self.packet).as_millis());
        let has_words = self.said().last().is_some_and(|word| word.end > since);
        Packet {
            to: self.captured,
            windows,
            has_words,
        }
    }

    /// Everything said so far.
    pub fn said(&self) -> &[SaidWord] {
        self.patient.said()
    }

    /// Whether the patient has begun to speak and not finished.
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// Whether the patient had finished speaking at `at`.
    pub fn has_finished(&self, at: AudioPos) -> bool {
        self.speaking == (self.turned >= at)
    }
}
