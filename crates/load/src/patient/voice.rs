//! A patient who speaks in turns and listens to the answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;

use super::player::{Player, first_audible};
use crate::chance::Chance;
use crate::figures::FigureName;
use crate::material::{FRAME, Material, Sound};
use crate::scenario::Voice as Manner;
use crate::tally::Tally;
use crate::wire::{self, Event};

/// An answer that has run dry for this long keeps nobody from speaking.
const PATIENCE: Duration = Duration::from_secs(2);

/// The first words come within this of the beginning, so that patients do not speak in chorus.
const FIRST_WORDS: Duration = Duration::from_secs(5);

/// An interruption comes within this of an answer's first sound.
const INTERRUPTION: Duration = Duration::from_secs(3);

/// Turns whose transcript may still come.
const MOST_AWAITED: usize = 8;

/// A microphone that never rests, what is said into it, and what is heard in return.
#[derive(Debug)]
pub(crate) struct Voice {
    manner: Manner,
    material: Arc<Material>,
    chance: Chance,
    start: Duration,
    sent: u64,
    speaking: Option<Speaking>,
    speaks_next: Duration,
    interrupts_at: Option<Duration>,
    player: Player,
    /// Counts responses; audio belongs to the newest.
    response: u64,
    responding: bool,
    silenced: bool,
    interruption: Option<Duration>,
    asked: Option<Asked>,
    uncommitted: Option<Duration>,
    committed: VecDeque<(String, Duration)>,
    leaving: bool,
}

/// An utterance under way.
#[derive(Debug)]
struct Speaking {
    utterance: usize,
    next_frame: usize,
    began: Duration,
    /// The newest response when it began: what it answers was asked before.
    response: u64,
}

/// An utterance that waits for its answer.
#[derive(Debug)]
struct Asked {
    ended: Duration,
    response: u64,
}

/// Audio of an answer as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pcm<'a> {
    Base64(&'a str),
    Bytes(&'a [u8]),
}

impl Voice {
    /// A microphone that is open from `start` on.
    pub(crate) fn new(manner: Manner, material: Arc<Material>, mut chance: Chance, start: Duration) -> Self {
        let speaks_next = start + chance.up_to(FIRST_WORDS);
        Self {
            manner,
            material,
            chance,
            start,
            sent: 0,
            speaking: None,
            speaks_next,
            interrupts_at: None,
            player: Player::default(),
            response: 0,
            responding: false,
            silenced: false,
            interruption: None,
            asked: None,
            uncommitted: None,
            committed: VecDeque::new(),
            leaving: false,
        }
    }

    /// When the next frame must be sent: when its last sample was taken.
    pub(crate) fn next_due(&self) -> Duration {
        self.taken(self.sent + 1)
    }

    /// The next frame: of an utterance, or of silence.
    pub(crate) fn send(&mut self, tally: &mut Tally) -> Message {
        let begins = self.taken(self.sent);
        if self.speaking.is_none() && self.begins_to_speak(begins, tally) {
            self.speaking = Some(Speaking {
                utterance: self.chance.index(self.material.utterances.len()),
                next_frame: 0,
                began: begins,
                response: self.response,
            });
        }
        let sound = self.sound(tally);
        let message = match sound {
            Sound::Text(text) => Message::Text(text),
            Sound::Pcm(pcm) => Message::Binary(wire::audio_message(self.sent, begins, &pcm)),
        };
        self.sent += 1;
        message
    }

    /// Passes over frames that nobody could be sent. What was being said is broken off.
    pub(crate) fn skip_to(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.start).as_nanos() / FRAME.as_nanos();
        self.sent = self.sent.max(passed as u64);
        self.speaking = None;
        self.asked = None;
        self.interruption = None;
        self.interrupts_at = None;
        self.responding = false;
        self.player.stop(now);
    }

    /// Says nothing new.
    pub(crate) const fn leave(&mut self) {
        self.leaving = true;
    }

    /// Whether nothing is said and no answer is awaited.
    pub(crate) fn is_settled(&self) -> bool {
        self.speaking.is_none() && self.asked.is_none() && self.committed.is_empty()
    }

    /// Counts what never came.
    pub(crate) fn end(&mut self, tally: &mut Tally) {
        tally.drop("answers_missing", u64::from(self.asked.take().is_some()));
        tally.drop("transcripts_missing", self.committed.len() as u64);
        self.committed.clear();
    }

    /// Takes audio of the newest response.
    pub(crate) fn hear(&mut self, now: Duration, pcm: Pcm<'_>, rate_hz: u32, tally: &mut Tally) {
        if self.silenced {
            tally.drop("audio_after_interruption", 1);
            return;
        }
        let length = Duration::from_secs_f64((pcm.len() / 2) as f64 / f64::from(rate_hz));
        let played = self.player.play(now, length);
        if let Some(gap) = played.gap {
            tally.time(FigureName::AudioGap, now, gap);
        }
        if let Some(jitter) = played.jitter {
            tally.time(FigureName::Jitter, now, jitter);
        }
        let answered = self
            .asked
            .as_ref()
            .filter(|asked| self.response > asked.response)
            .map(|asked| asked.ended);
        if let Some(asked) = answered
            && let Some(first) = pcm.first_audible()
        {
            let heard = played.begins + Duration::from_secs_f64(first as f64 / f64::from(rate_hz));
            tally.time(FigureName::VoiceToVoice, asked, heard.saturating_sub(asked));
            self.asked = None;
            if self.chance.happens(self.manner.interruptions) {
                self.interrupts_at = Some(heard + self.chance.up_to(INTERRUPTION));
            }
        }
        let gap = self
            .chance
            .waiting(Duration::from_secs_f64(self.manner.gap_ms / 1e3));
        self.speaks_next = self.speaks_next.max(self.player.ends() + gap);
    }

    /// Takes an event that is not audio.
    pub(crate) fn note(&mut self, now: Duration, event: &Event<'_>, tally: &mut Tally) {
        match &*event.kind {
            "response.created" => {
                self.response += 1;
                self.responding = true;
                self.silenced = false;
                self.player.begin();
            }
            "response.done" => {
                self.responding = false;
                let status = event
                    .response
                    .as_ref()
                    .and_then(|response| response.status.as_deref());
                match status {
                    Some("cancelled") => self.fall_silent(now, tally),
                    Some("failed") => tally.error("response_failed"),
                    _ => {}
                }
            }
            "output_audio_buffer.cleared" => self.fall_silent(now, tally),
            "input_audio_buffer.committed" => {
                if let (Some(ended), Some(item)) = (self.uncommitted.take(), &event.item_id) {
                    if self.committed.len() == MOST_AWAITED {
                        self.committed.pop_front();
                        tally.drop("transcripts_missing", 1);
                    }
                    self.committed.push_back((item.clone().into_owned(), ended));
                }
            }
            "conversation.item.input_audio_transcription.completed" => {
                if let Some(ended) = self.transcribed(event) {
                    tally.time(FigureName::Transcript, ended, now.saturating_sub(ended));
                }
            }
            "conversation.item.input_audio_transcription.failed" => {
                self.transcribed(event);
                tally.error("transcription_failed");
            }
            _ => {}
        }
    }

    fn transcribed(&mut self, event: &Event<'_>) -> Option<Duration> {
        let item = event.item_id.as_deref()?;
        let place = self.committed.iter().position(|(id, _)| id == item)?;
        self.committed.remove(place).map(|(_, ended)| ended)
    }

    fn fall_silent(&mut self, now: Duration, tally: &mut Tally) {
        if let Some(began) = self.interruption.take() {
            let last = self.player.ends().min(now);
            tally.time(
                FigureName::InterruptionToSilence,
                began,
                last.saturating_sub(began),
            );
        }
        self.silenced = true;
        self.player.stop(now);
        self.interrupts_at = None;
    }

    /// Whether the patient begins to speak with the frame that begins at `now`.
    fn begins_to_speak(&mut self, now: Duration, tally: &mut Tally) -> bool {
        if self.leaving {
            return false;
        }
        let playing = self.responding && now < self.player.ends();
        if let Some(at) = self.interrupts_at
            && now >= at
        {
            self.interrupts_at = None;
            if playing {
                tally.drop("interruptions_ignored", u64::from(self.interruption.is_some()));
                self.interruption = Some(now);
                return true;
            }
        }
        let listening = now < self.player.ends() || (self.responding && now < self.player.ends() + PATIENCE);
        now >= self.speaks_next && !listening
    }

    /// The sound of the next frame. The last one of an utterance makes it a question.
    fn sound(&mut self, tally: &mut Tally) -> Sound {
        let Some(speaking) = &mut self.speaking else {
            return self.material.silence.clone();
        };
        let utterance = &self.material.utterances[speaking.utterance];
        let sound = utterance.frames[speaking.next_frame].clone();
        speaking.next_frame += 1;
        if speaking.next_frame == utterance.frames.len() {
            let ended = speaking.began + utterance.length;
            let asked = Asked {
                ended,
                response: speaking.response,
            };
            let pause = if self.chance.happens(self.manner.pauses) {
                self.chance.up_to(Duration::from_secs_f64(self.manner.pause_s))
            } else {
                Duration::ZERO
            };
            let listening = utterance
                .length
                .mul_f64((1.0 - self.manner.talk_share) / self.manner.talk_share)
                .max(Duration::from_secs_f64(self.manner.listen_s));
            self.speaks_next = ended + listening + pause;
            self.uncommitted = Some(ended);
            self.speaking = None;
            tally.drop("answers_missing", u64::from(self.asked.is_some()));
            self.asked = Some(asked);
        }
        sound
    }

    fn taken(&self, frames: u64) -> Duration {
        self.start + FRAME * frames as u32
    }
}

impl Pcm<'_> {
    fn len(self) -> usize {
        match self {
            Self::Base64(text) => wire::decoded_len(text),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    fn first_audible(self) -> Option<usize> {
        match self {
            Self::Base64(text) => first_audible(&wire::decode(text)),
            Self::Bytes(bytes) => first_audible(bytes),
        }
    }
}
