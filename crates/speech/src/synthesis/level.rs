//! The level of what is spoken, and its edges.

use std::time::Duration;

use crate::text::normalise::Break;

/// Brings the voice to about −20 dBFS in speech.
const GAIN: f32 = 1.0;

/// Above this the signal is bent, so that it never reaches full scale.
const KNEE: f32 = 0.8;

/// Converts samples to PCM16 at speaking level. What would exceed full scale is rounded off, not clipped.
pub(super) fn to_pcm(samples: &[f32]) -> Vec<i16> {
    samples
        .iter()
        .map(|sample| (limited(sample * GAIN) * 32_767.0) as i16)
        .collect()
}

/// Straight up to the knee, then bent with continuous slope towards ±1.
fn limited(sample: f32) -> f32 {
    let size = sample.abs();
    if size <= KNEE {
        return sample;
    }
    let over = (size - KNEE) / (1.0 - KNEE);
    (KNEE + (1.0 - KNEE) * over.tanh()).copysign(sample)
}

/// Fades in from silence over these samples.
pub(super) fn fade_in(samples: &mut [f32]) {
    let count = samples.len() as f32;
    for (index, sample) in samples.iter_mut().enumerate() {
        *sample *= index as f32 / count;
    }
}

/// Fades out to silence over these samples.
pub(super) fn fade_out(samples: &mut [f32]) {
    let count = samples.len() as f32;
    for (index, sample) in samples.iter_mut().rev().enumerate() {
        *sample *= index as f32 / count;
    }
}

/// The silence after a clause that ends in a break, at normal speed.
pub(super) fn pause(after: Break) -> Duration {
    Duration::from_millis(match after {
        Break::None => 30,
        Break::Comma => 140,
        Break::Colon => 220,
        Break::Stop | Break::Exclamation => 320,
        Break::Question => 350,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_samples_are_untouched_and_loud_ones_never_clip() {
        assert_eq!(to_pcm(&[0.0, 0.5 / GAIN, -0.5 / GAIN]), [0, 16_383, -16_383]);
        let loud = to_pcm(&[0.9, 1.0, 1.5, 10.0, -10.0].map(|sample| sample / GAIN));
        assert!(loud[..3].windows(2).all(|pair| pair[0] < pair[1]), "{loud:?}");
        assert!(loud.iter().all(|&sample| sample > i16::MIN));
    }

    #[test]
    fn edges_fade_to_silence() {
        let mut samples = [1.0; 8];
        fade_in(&mut samples[..4]);
        fade_out(&mut samples[4..]);
        let faded = samples.map(|sample| (sample * 100.0_f32).round() as i32);
        assert_eq!(faded, [0, 25, 50, 75, 75, 50, 25, 0]);
    }
}
