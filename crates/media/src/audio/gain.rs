//! How loud audio is.

use super::pcm;

/// The level of a stretch of audio, in decibels relative to full scale (a magnitude of 32 768).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The loudest sample; −∞ for silence.
    pub peak_dbfs: f32,
    /// The root of the mean square: −3 dB for a sine at full scale; −∞ for silence.
    pub rms_dbfs: f32,
}

impl Level {
    /// Measures `samples`; nothing is as loud as silence.
    pub fn of(samples: &[i16]) -> Self {
        let peak = samples
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .unwrap_or(0);
        let energy: f64 = samples
            .iter()
            .map(|sample| f64::from(pcm::to_f32(*sample)).powi(2))
            .sum();
        let mean_square = energy / samples.len().max(1) as f64;
        Self {
            peak_dbfs: 20.0 * (f32::from(peak) / 32_768.0).log10(),
            rms_dbfs: 10.0 * (mean_square as f32).log10(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_wave_is_as_loud_as_its_peak() {
        let square: Vec<i16> = (0..320)
            .map(|n| if n % 2 == 0 { 16_384 } else { -16_384 })
            .collect();
        let level = Level::of(&square);
        assert!(
            (level.peak_dbfs + 6.02).abs() < 0.01 && (level.rms_dbfs + 6.02).abs() < 0.01,
            "{level:?}"
        );
    }

    #[test]
    fn the_loudest_negative_sample_is_full_scale() {
        assert!(Level::of(&[0, i16::MIN]).peak_dbfs.abs() < 1e-6);
    }

    #[test]
    fn silence_and_nothing_are_infinitely_quiet() {
        let silent = Level {
            peak_dbfs: f32::NEG_INFINITY,
            rms_dbfs: f32::NEG_INFINITY,
        };
        assert_eq!((Level::of(&[0; 8]), Level::of(&[])), (silent, silent));
    }
}
