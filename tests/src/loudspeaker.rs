//! A client's loudspeaker: what comes is played at once, or after what came before it.

use std::time::{Duration, Instant};

use bedside_protocol::decode_audio;
use serde_json::Value;

use crate::RATE;

/// Samples beyond this are audible: −40 dB of full scale.
const AUDIBLE: u16 = 328;

/// Stretches of sound less than this apart are one: people pause between words.
const PAUSE: Duration = Duration::from_millis(50);

/// The samples that a `response.output_audio.delta` brings.
pub fn pcm(delta: &Value) -> Vec<i16> {
    let audio = decode_audio(delta["delta"].as_str().expect("audio")).expect("base64");
    let pairs = audio.as_chunks::<2>().0;
    pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

/// Whether a sample can be heard.
pub fn is_audible(sample: i16) -> bool {
    sample.unsigned_abs() > AUDIBLE
}

/// When something could be heard.
#[derive(Debug, Default)]
pub struct Loudspeaker {
    ends: Option<Instant>,
    /// Stretches of audible sound, in order.
    heard: Vec<(Instant, Instant)>,
    /// Every sample that was played.
    samples: Vec<i16>,
}

impl Loudspeaker {
    /// Plays all audio among `events`; what waits is thrown away where the server says so.
    pub fn play<'a>(events: impl IntoIterator<Item = &'a (Instant, Value)>) -> Self {
        let mut speaker = Self::default();
        for (at, event) in events {
            match event["type"].as_str() {
                Some("response.output_audio.delta") => speaker.take(*at, pcm(event)),
                Some("output_audio_buffer.cleared") => speaker.clear(*at),
                _ => {}
            }
        }
        speaker
    }

    /// When the first sound at or after `from` could be heard.
    pub fn first_after(&self, from: Instant) -> Option<Instant> {
        let (begin, _) = self.heard.iter().find(|(_, end)| *end > from)?;
        Some((*begin).max(from))
    }

    /// The longest silence from `from` to `until`, whoever was silent.
    pub fn longest_silence(&self, from: Instant, until: Instant) -> Duration {
        let mut quiet_since = from;
        let mut longest = Duration::ZERO;
        for &(begin, end) in &self.heard {
            if end <= from || begin >= until {
                continue;
            }
            longest = longest.max(begin.saturating_duration_since(quiet_since));
            quiet_since = end;
        }
        longest.max(until.saturating_duration_since(quiet_since))
    }

    /// When the last sound ends.
    pub fn last_sound(&self) -> Option<Instant> {
        self.heard.last().map(|(_, end)| *end)
    }

    /// Everything that was played, without the silence between pieces.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it plays on with what has come by now.
    pub fn ahead(&self) -> Duration {
        let left = |ends: Instant| ends.saturating_duration_since(Instant::now());
        self.ends.map_or(Duration::ZERO, left)
    }

    fn take(&mut self, at: Instant, samples: Vec<i16>) {
        let begin = self.ends.map_or(at, |ends| ends.max(at));
        for (index, chunk) in samples.chunks(RATE / 100).enumerate() {
            if chunk.iter().copied().any(is_audible) {
                let from = begin + Duration::from_millis(10) * index as u32;
                self.hear(from, from + Duration::from_millis(10));
            }
        }
        self.ends = Some(begin + Duration::from_secs_f64(samples.len() as f64 / RATE as f64));
        self.samples.extend(samples);
    }

    fn hear(&mut self, from: Instant, to: Instant) {
        match self.heard.last_mut() {
            Some((_, end)) if from <= *end + PAUSE => *end = to,
            _ => self.heard.push((from, to)),
        }
    }

    fn clear(&mut self, at: Instant) {
        self.ends = None;
        self.heard.retain(|(begin, _)| *begin < at);
        if let Some((_, end)) = self.heard.last_mut() {
            *end = (*end).min(at);
        }
    }
}
