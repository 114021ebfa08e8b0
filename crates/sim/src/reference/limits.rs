//! Invariant 4, and the bounds of everything that could grow or run away.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bedside_conversation::io::{AudioOut, Epoch, SpeakCommand};
use bedside_conversation::time::Time;

use super::Violations;
use super::ledger::Ledger;
use crate::vendors::synthesizer::PieceLabel;

/// Audio is never further ahead of playback.
const MAX_AHEAD: Duration = Duration::from_millis(400);

/// After detected speech, the last sample of an interrupted answer is sent within this.
const MAX_SILENCING: Duration = Duration::from_millis(60);

/// Probability at which speech detection speaks of speech.
const THRESHOLD: f32 = 0.5;

/// Probability below which it speaks of silence again.
const RELEASE: f32 = 0.35;

/// This much voice in one stretch is an interruption, whatever it turns out to be: no cough lasts as long.
const SURE_INTERRUPTION_WINDOWS: u32 = 16;

/// A client that has sent nothing for this long may have gone, with its patient in the middle of a sound.
const GONE: Duration = Duration::from_millis(200);

/// Windows of silence after which a stretch of voice is over.
const STRETCH_ENDS: u32 = 7;

/// One input may cause so many outputs and no more.
const MAX_OUTPUTS: usize = 600;

/// Audio accepted from the synthesiser and not sent yet.
const MAX_QUEUED: Duration = Duration::from_millis(2_000 + 120);

/// A stretch of the patient's voice.
#[derive(Debug, Default)]
struct Voice {
    loud: u32,
    quiet: u32,
    since: Option<Time>,
    /// When the detector last judged anything.
    judged: Time,
    /// The answer that was being spoken when the stretch began.
    over: Option<String>,
}

/// Watches sizes and times.
#[derive(Debug)]
pub struct Limits {
    interrupts: bool,
    /// The epoch the synthesiser speaks for.
    live: Option<Epoch>,
    /// The epoch whose audio may be sent: a synthesiser that failed is cancelled, and what it made is said to the end.
    sendable: Option<Epoch>,
    ended: BTreeSet<Epoch>,
    /// The item each epoch's audio was first sent for.
    items: BTreeMap<Epoch, String>,
    newest: Option<Epoch>,
    queued: Duration,
    voice: Voice,
    speaking: Option<String>,
    /// A voice was heard after the last audio: it may be held back until it is known what was said.
    held_back: bool,
    /// The client was told that the patient speaks, and not that the turn is over.
    in_turn: bool,
    /// Answers that were interrupted for good.
    dead: BTreeSet<String>,
    /// Answers with audio, and those of them whose audio nobody wants any more.
    audible: BTreeSet<String>,
    cut: BTreeSet<String>,
    outputs: usize,
    interruptions: u32,
    caught_up: u32,
}

impl Limits {
    /// Limits for a session whose client lets the patient interrupt, or not.
    pub fn new(interrupts: bool) -> Self {
        Self {
            interrupts,
            live: None,
            sendable: None,
            ended: BTreeSet::new(),
            items: BTreeMap::new(),
            newest: None,
            queued: Duration::ZERO,
            voice: Voice::default(),
            speaking: None,
            held_back: false,
            in_turn: false,
            dead: BTreeSet::new(),
            audible: BTreeSet::new(),
            cut: BTreeSet::new(),
            outputs: 0,
            interruptions: 0,
            caught_up: 0,
        }
    }

    /// Answers interrupted by a voice that could not be a cough.
    pub fn interruptions(&self) -> u32 {
        self.interruptions
    }

    /// Freezes after which there was something to catch up with.
    pub fn freezes(&self) -> u32 {
        self.caught_up
    }

    /// Whether the synthesiser speaks for the epoch.
    pub fn is_live(&self, epoch: Epoch) -> bool {
        self.live == Some(epoch)
    }

    /// An input begins.
    pub fn step(&mut self) {
        self.outputs = 0;
    }

    /// An output.
    pub fn output(&mut self, now: Time, violations: &mut Violations) {
        self.outputs += 1;
        violations.check(self.outputs != MAX_OUTPUTS, now, "outputs", || {
            format!("one input caused {MAX_OUTPUTS} outputs")
        });
    }

    /// The detector judged a window; called before the core knows.
    pub fn window(&mut self, now: Time, probability: f32) {
        let voice = &mut self.voice;
        let voiced = probability >= if voice.since.is_some() { RELEASE } else { THRESHOLD };
        voice.judged = now;
        if !voiced {
            voice.quiet += 1;
            if voice.since.is_none() || voice.quiet >= STRETCH_ENDS {
                *voice = Voice::default();
            }
            return;
        }
        voice.quiet = 0;
        voice.loud += 1;
        if voice.since.is_none() && voice.loud >= 2 {
            voice.since = Some(now);
            self.held_back = true;
            // In the middle of a turn the client alone can have wished to be answered: the standard interrupts at the
            // start of speech.
            voice.over = self.speaking.clone().filter(|_| !self.in_turn);
        }
        let sure = self.interrupts && voice.loud == SURE_INTERRUPTION_WINDOWS;
        if let Some(answer) = voice.over.clone().filter(|_| sure) {
            self.interruptions += u32::from(self.dead.insert(answer));
        }
    }

    /// The client was told that the patient's turn began, or is over.
    pub fn turn(&mut self, begun: bool) {
        self.in_turn = begun;
    }

    /// The client's answer ended, however.
    pub fn answer_over(&mut self, response_id: &str, cancelled: bool) {
        if cancelled {
            self.cut.insert(response_id.to_owned());
        }
        self.sendable = None;
        if self.speaking.as_deref() == Some(response_id) {
            self.speaking = None;
        }
    }

    /// The client was told to drop what it had not played.
    pub fn cleared(&mut self) {
        self.cut.append(&mut self.audible);
    }

    /// The synthesiser was told something.
    pub fn speak(&mut self, now: Time, command: &SpeakCommand, violations: &mut Violations) {
        match command {
            SpeakCommand::Open { epoch, .. } => {
                let newer = self.newest.is_none_or(|newest| *epoch > newest);
                violations.check(newer, now, "epoch", || {
                    format!("{epoch:?} opened after {:?}", self.newest)
                });
                self.ended.extend(self.live);
                self.newest = Some(*epoch);
                self.live = Some(*epoch);
                self.sendable = Some(*epoch);
                self.queued = Duration::ZERO;
            }
            SpeakCommand::Cancel { epoch } => {
                self.ended.insert(*epoch);
                if self.live == Some(*epoch) {
                    self.live = None;
                    self.queued = Duration::ZERO;
                }
            }
            SpeakCommand::Segment { epoch, .. } | SpeakCommand::Finish { epoch } => {
                let ok = self.newest.is_some_and(|newest| *epoch <= newest) && !self.ended.contains(epoch);
                violations.check(ok, now, "epoch", || {
                    format!("{command:?}, but the epoch is not open")
                });
            }
        }
    }

    /// The synthesiser's audio is handed to the core.
    pub fn synthesised(&mut self, now: Time, epoch: Epoch, duration: Duration, violations: &mut Violations) {
        if self.live == Some(epoch) {
            self.queued += duration;
            violations.check(self.queued <= MAX_QUEUED, now, "queue", || {
                format!("{:?} of audio wait", self.queued)
            });
        }
    }

    /// The connection took audio.
    pub fn taken(&mut self, now: Time, audio: &AudioOut, ahead: Duration, violations: &mut Violations) {
        violations.check(ahead <= MAX_AHEAD, now, "pace", || {
            format!("{ahead:?} ahead of playback")
        });
        let response = &audio.response_id;
        violations.check(!self.cut.contains(response), now, "interruption", || {
            format!("{response} was cut, and its audio still goes out")
        });
    }

    /// Audio was sent.
    pub fn audio(&mut self, now: Time, audio: &AudioOut, label: PieceLabel, violations: &mut Violations) {
        let response = &audio.response_id;
        violations.check(self.sendable == Some(audio.epoch), now, "epoch", || {
            format!("audio of {:?} while {:?} may be sent", audio.epoch, self.sendable)
        });
        // What was made before a synthesiser failed may still be sent, but only for the item it was made for.
        let item = self
            .items
            .entry(label.epoch)
            .or_insert_with(|| audio.item_id.clone());
        violations.check(*item == audio.item_id, now, "epoch", || {
            format!("audio made for {item} is sent for {}", audio.item_id)
        });
        violations.check(!self.dead.contains(response), now, "interruption", || {
            format!("{response} was interrupted, and goes on")
        });
        if let (Some(since), Some(over)) = (self.voice.since, &self.voice.over) {
            let here = now.since(self.voice.judged) < GONE;
            let late = self.interrupts && here && over == response && now.since(since) > MAX_SILENCING;
            violations.check(!late, now, "silencing", || {
                format!("audio of {response} {:?} after detected speech", now.since(since))
            });
        }
        self.queued = self.queued.saturating_sub(audio.duration);
        self.audible.insert(response.clone());
        self.held_back = false;
        self.speaking = Some(response.clone());
    }

    /// A second after a freeze: playback must have caught up, if there is audio to send.
    pub fn caught_up(&mut self, now: Time, ledger: &Ledger, has_audio: bool, violations: &mut Violations) {
        /// The sender lets the buffer drain to 300 ms before it fills it again; 50 ms less is the delay allowed.
        const REFILLED: Duration = Duration::from_millis(250);
        let speaks = self.live.is_some() && self.queued > Duration::from_millis(400) && has_audio;
        if speaks && !self.held_back && self.voice.since.is_none() && self.voice.loud == 0 {
            let ahead = ledger.ahead(now);
            self.caught_up += 1;
            violations.check(ahead >= REFILLED, now, "freeze", || {
                format!("only {ahead:?} ahead a second later")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn speaking() -> (Limits, Violations) {
        let mut limits = Limits::new(true);
        let mut found = Violations::default();
        let open = SpeakCommand::Open {
            epoch: Epoch(1),
            voice: String::new(),
            speed: 1.0,
            avoid: Vec::new(),
        };
        limits.speak(Time::ZERO, &open, &mut found);
        send(&mut limits, 0, Epoch(1), &mut found);
        (limits, found)
    }

    fn send(limits: &mut Limits, at: u64, epoch: Epoch, found: &mut Violations) {
        let audio = AudioOut {
            epoch,
            response_id: "response".into(),
            item_id: "item".into(),
            output_index: 0,
            content_index: 0,
            data: Bytes::new(),
            presentation_us: 0,
            duration: Duration::from_millis(20),
        };
        let label = PieceLabel {
            epoch,
            segment: 0,
            offset: Duration::ZERO,
        };
        limits.audio(Time::from_millis(at), &audio, label, found);
    }

    fn rules(found: Violations) -> Vec<&'static str> {
        found
            .into_vec()
            .into_iter()
            .map(|violation| violation.rule)
            .collect()
    }

    #[test]
    fn an_answer_is_silent_60_ms_after_detected_speech() {
        let (mut limits, mut found) = speaking();
        limits.window(Time::from_millis(32), 0.9);
        limits.window(Time::from_millis(64), 0.9);
        send(&mut limits, 124, Epoch(1), &mut found);
        send(&mut limits, 125, Epoch(1), &mut found);
        assert_eq!(rules(found), ["silencing"]);
    }

    #[test]
    fn after_a_click_it_goes_on_and_after_a_sentence_it_does_not() {
        let (mut limits, mut found) = speaking();
        for (window, probability) in [0.9, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
            .into_iter()
            .enumerate()
        {
            limits.window(Time::from_millis(window as u64 * 32), probability);
        }
        send(&mut limits, 400, Epoch(1), &mut found);
        for window in 20..40 {
            limits.window(Time::from_millis(window * 32), 0.9);
        }
        for window in 40..60 {
            limits.window(Time::from_millis(window * 32), 0.1);
        }
        send(&mut limits, 2_000, Epoch(1), &mut found);
        assert_eq!(rules(found), ["interruption"]);
    }

    #[test]
    fn audio_of_an_ended_epoch_is_stale() {
        let (mut limits, mut found) = speaking();
        limits.answer_over("response", false);
        send(&mut limits, 1, Epoch(1), &mut found);
        assert_eq!(rules(found), ["epoch"]);
    }
}
