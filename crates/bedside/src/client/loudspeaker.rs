//! A loudspeaker that keeps what it played.

use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use tokio::time::Instant;

/// Plays audio as it comes, in order, each piece as soon as the one before has ended.
#[derive(Debug)]
pub(crate) struct Loudspeaker {
    rate: SampleRate,
    samples: Vec<i16>,
    ends: Instant,
}

impl Loudspeaker {
    /// A silent loudspeaker.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            samples: Vec::new(),
            ends: Instant::now(),
        }
    }

    /// Plays `samples` after all that came before.
    pub(crate) fn play(&mut self, samples: &[i16]) {
        self.ends = self.ends.max(Instant::now()) + self.rate.duration_of(samples.len());
        self.samples.extend(samples);
    }

    /// Drops what has not been played.
    pub(crate) fn clear(&mut self) {
        let unplayed = self.rate.samples_in(self.unplayed());
        self.samples.truncate(self.samples.len().saturating_sub(unplayed));
        self.ends = Instant::now();
    }

    /// Whether all has been played.
    pub(crate) fn is_silent(&self) -> bool {
        self.unplayed().is_zero()
    }

    /// Everything that was played, without the silence between.
    pub(crate) fn played(&self) -> &[i16] {
        &self.samples
    }

    fn unplayed(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_not_played_is_dropped() {
        let mut loudspeaker = Loudspeaker::new(SampleRate::HZ_8000);
        loudspeaker.play(&[1; 800]);
        loudspeaker.play(&[2; 800]);
        tokio::time::advance(Duration::from_millis(150)).await;
        assert!(!loudspeaker.is_silent());
        loudspeaker.clear();
        assert!(loudspeaker.is_silent());
        assert_eq!(loudspeaker.played().len(), 1_200);
    }
}
