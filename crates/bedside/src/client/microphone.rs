//! A microphone that plays recordings: one frame every 20 ms, silence between recordings.

use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::pcm;
use bytes::Bytes;
use tokio::time::{Interval, MissedTickBehavior, interval};

const FRAME: Duration = Duration::from_millis(20);

/// Gives audio as fast as time passes, and catches up after a stall.
#[derive(Debug)]
pub(crate) struct Microphone {
    frame: usize,
    clip: Vec<i16>,
    position: usize,
    clock: Interval,
}

impl Microphone {
    /// A silent microphone.
    pub(crate) fn new(rate: SampleRate) -> Self {
        let mut clock = interval(FRAME);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        Self {
            frame: rate.samples_in(FRAME),
            clip: Vec::new(),
            position: 0,
            clock,
        }
    }

    /// Plays `clip` next, in place of whatever is left of the one before.
    pub(crate) fn play(&mut self, clip: Vec<i16>) {
        (self.clip, self.position) = (clip, 0);
    }

    /// Whether the clip is over.
    pub(crate) fn is_silent(&self) -> bool {
        self.position >= self.clip.len()
    }

    /// The next frame, PCM16 little-endian, when its time has come. Cancel-safe.
    pub(crate) async fn frame(&mut self) -> Bytes {
        self.clock.tick().await;
        let start = self.position.min(self.clip.len());
        let end = (start + self.frame).min(self.clip.len());
        self.position = end;
        let mut samples = self.clip[start..end].to_vec();
        samples.resize(self.frame, 0);
        pcm::to_le(&samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clip_takes_its_own_time_and_silence_follows() {
        let mut microphone = Microphone::new(SampleRate::HZ_8000);
        microphone.play(vec![1; 400]);
        let began = tokio::time::Instant::now();
        let mut frames = Vec::new();
        for _ in 0..4 {
            frames.push(pcm::from_le(&microphone.frame().await).expect("whole samples"));
        }
        assert_eq!(began.elapsed(), 3 * FRAME);
        assert!(microphone.is_silent());
        let voiced: Vec<_> = frames
            .iter()
            .map(|frame| frame.iter().filter(|s| **s == 1).count())
            .collect();
        assert_eq!(voiced, [160, 160, 80, 0]);
        assert!(frames.iter().all(|frame| frame.len() == 160));
    }
}
