//! The patient: speaks, thinks, coughs, agrees, interrupts, and sometimes says nothing for long.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use bedside_conversation::time::{AudioPos, Time};

use crate::rng::{Rng, Stream};

/// Samples in one window of speech detection (Silero's, at 16 kHz).
pub const WINDOW: u64 = 512;

/// The sound of listening.
pub const LISTENING: &str = "Mm-hm.";

/// How a patient behaves.
#[derive(Debug, Clone)]
pub struct PatientManners {
    /// How many times the patient takes the turn by themselves.
    pub turns: u32,
    /// Phrases in an utterance, with a pause for thought between them.
    pub phrases: RangeInclusive<u64>,
    /// Words in a phrase.
    pub words: RangeInclusive<u64>,
    /// The pause for thought, in milliseconds.
    pub thought_ms: RangeInclusive<u64>,
    /// Weights of what is done during an answer: nothing, a cough, a sound of listening, an interruption.
    pub reactions: [u64; 4],
    /// When it is done, from the start of the answer, in milliseconds.
    pub reaction_ms: RangeInclusive<u64>,
    /// Time from the end of an answer to the reply, in milliseconds.
    pub reply_ms: RangeInclusive<u64>,
    /// Probability of a long silence instead.
    pub silence: f64,
    /// The long silence, in milliseconds.
    pub silence_ms: RangeInclusive<u64>,
    /// How long the patient waits for an answer before trying again, in milliseconds.
    pub patience_ms: RangeInclusive<u64>,
    /// Probability that the detector is near its threshold in a window, whatever is really there.
    pub noise: f64,
}

/// What the patient hears and sees of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ear {
    /// A voice is speaking.
    pub voice: bool,
    /// Answers finished so far, spoken or written.
    pub answers: u32,
}

/// A word as it was really said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidWord {
    /// First sample.
    pub start: AudioPos,
    /// One past the last sample.
    pub end: AudioPos,
    /// The word: unique within the session, unless it is a sound of listening.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    Word,
    Hum,
    Cough,
    Pause,
}

#[derive(Debug, Clone, Copy)]
enum Waiting {
    /// For an answer, this long.
    ForAnswer { until: Time, seen: u32 },
    /// While listening; reacts at an instant, if at all.
    Listening { react: Option<(Time, Reaction)> },
    /// Before speaking again.
    Until(Time),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    Cough,
    Hum,
    Interrupt,
}

/// One patient.
#[derive(Debug)]
pub struct Patient {
    manners: PatientManners,
    rng: Rng,
    microphone: Rng,
    /// Sounds to make, and the windows left of each.
    plan: VecDeque<(Sound, u64)>,
    waiting: Waiting,
    turns_left: u32,
    said: Vec<SaidWord>,
    /// Whether the last word of `said` is still being said.
    open_word: bool,
    words: u32,
    real_interruptions: u32,
}

impl Patient {
    /// A patient who begins to speak soon.
    pub fn new(manners: PatientManners, seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Patient);
        let first = Time::ZERO + rng.millis(300..=3_000);
        Self {
            turns_left: manners.turns,
            manners,
            rng,
            microphone: Rng::new(seed, Stream::Microphone),
            plan: VecDeque::new(),
            waiting: Waiting::Until(first),
            said: Vec::new(),
            open_word: false,
            words: 0,
            real_interruptions: 0,
        }
    }

    /// The window of sound that starts at `at`, captured at `now`: its probability of being speech.
    pub fn window(&mut self, at: AudioPos, now: Time, ear: Ear) -> f32 {
        if self.plan.is_empty() {
            self.decide(now, ear);
        }
        let sound = self.sound(at, now, ear);
        self.probability(sound)
    }

    /// Every word said so far, in order.
    pub fn said(&self) -> &[SaidWord] {
        &self.said
    }

    /// Whether a word, hum or cough, or a pause between two, is being made.
    pub fn is_speaking(&self) -> bool {
        !self.plan.is_empty()
    }

    /// Whether everything the patient came to say is said.
    pub fn is_done(&self) -> bool {
        self.turns_left == 0 && self.plan.is_empty()
    }

    /// How many times an answer was interrupted with words.
    pub fn interruptions(&self) -> u32 {
        self.real_interruptions
    }

    fn decide(&mut self, now: Time, ear: Ear) {
        match self.waiting {
            Waiting::Until(at) if ear.voice && now < at => self.listen(now),
            Waiting::ForAnswer { .. } if ear.voice => self.listen(now),
            Waiting::Until(at) if now >= at && self.turns_left > 0 => {
                self.turns_left -= 1;
                self.speak();
            }
            Waiting::ForAnswer { until, seen } if ear.answers > seen || now >= until => self.rest(now),
            Waiting::Listening {
                react: Some((at, reaction)),
            } if ear.voice && now >= at => self.react(reaction),
            Waiting::Listening { .. } if !ear.voice => self.rest(now),
            _ => {}
        }
    }

    fn listen(&mut self, now: Time) {
        let reaction = match self.rng.weighted(&self.manners.reactions) {
            0 => None,
            1 => Some(Reaction::Cough),
            2 => Some(Reaction::Hum),
            _ => Some(Reaction::Interrupt),
        };
        let at = now + self.rng.millis(self.manners.reaction_ms.clone());
        self.waiting = Waiting::Listening {
            react: reaction.map(|reaction| (at, reaction)),
        };
    }

    fn rest(&mut self, now: Time) {
        let pause: Duration = if self.rng.chance(self.manners.silence) {
            self.rng.millis(self.manners.silence_ms.clone())
        } else {
            self.rng.millis(self.manners.reply_ms.clone())
        };
        self.waiting = Waiting::Until(now + pause);
    }

    fn react(&mut self, reaction: Reaction) {
        match reaction {
            Reaction::Cough => self.plan.push_back((Sound::Cough, self.rng.between(3..=12))),
            Reaction::Hum => self.plan.push_back((Sound::Hum, self.rng.between(6..=14))),
            Reaction::Interrupt => {
                self.real_interruptions += 1;
                self.speak();
            }
        }
        self.waiting = Waiting::Listening { react: None };
    }

    fn speak(&mut self) {
        let phrases = self.rng.between(self.manners.phrases.clone());
        for phrase in 0..phrases {
            if phrase > 0 {
                let pause = self.rng.millis(self.manners.thought_ms.clone()).as_millis() as u64;
                self.plan.push_back((Sound::Pause, pause / 32 + 1));
            }
            for _ in 0..self.rng.between(self.manners.words.clone()) {
                self.plan.push_back((Sound::Word, self.rng.between(5..=14)));
                if self.rng.chance(0.3) {
                    self.plan.push_back((Sound::Pause, self.rng.between(1..=2)));
                }
            }
        }
    }

    fn sound(&mut self, at: AudioPos, now: Time, ear: Ear) -> Sound {
        let Some((sound, left)) = self.plan.front_mut() else {
            return Sound::Pause;
        };
        let sound = *sound;
        let ends = *left == 1;
        *left -= 1;
        self.utter(sound, at, ends);
        if ends {
            self.plan.pop_front();
            if self.plan.is_empty() && sound == Sound::Word {
                let until = now + self.rng.millis(self.manners.patience_ms.clone());
                self.waiting = Waiting::ForAnswer {
                    until,
                    seen: ear.answers,
                };
            }
        }
        sound
    }

    /// Keeps the account of words: a word starts with its first window and grows with every one.
    fn utter(&mut self, sound: Sound, at: AudioPos, ends: bool) {
        if !matches!(sound, Sound::Word | Sound::Hum) {
            return;
        }
        match self.said.last_mut() {
            Some(word) if self.open_word => word.end = at + WINDOW,
            _ => {
                let text = if sound == Sound::Hum {
                    LISTENING.to_owned()
                } else {
                    self.next_word()
                };
                self.said.push(SaidWord {
                    start: at,
                    end: at + WINDOW,
                    text,
                });
            }
        }
        self.open_word = !ends;
    }

    fn next_word(&mut self) -> String {
        self.words += 1;
        format!("p{}", self.words)
    }

    fn probability(&mut self, sound: Sound) -> f32 {
        let rng = &mut self.microphone;
        let p = if rng.chance(self.manners.noise) {
            rng.fraction(0.3..=0.65)
        } else {
            match sound {
                Sound::Word | Sound::Hum => rng.fraction(0.7..=1.0),
                Sound::Cough => rng.fraction(0.4..=0.95),
                Sound::Pause => rng.fraction(0.0..=0.2),
            }
        };
        p as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn says_unique_words_that_follow_one_another() {
        let mut patient = Patient::new(Scenario::consultation(5).patient, 5);
        let mut at = AudioPos::START;
        for window in 0..20_000_u64 {
            let ear = Ear {
                voice: window % 300 > 150,
                answers: (window / 300) as u32,
            };
            patient.window(at, Time::from_millis(window * 32), ear);
            at = at + WINDOW;
        }
        let said = patient.said();
        assert!(said.len() > 20, "{} words", said.len());
        assert!(said.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let mut words: Vec<_> = said.iter().map(|w| &w.text).filter(|w| *w != LISTENING).collect();
        let count = words.len();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
