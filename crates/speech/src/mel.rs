//! Whisper's log-mel spectrogram: what the recogniser and the end-of-turn model listen to.
//!
//! Frames of 400 samples (25 ms) under a Hann window every 160 (10 ms), power spectrum, 80 triangular bands on the
//! Slaney mel scale up to 8 kHz, `log10` with a floor, then a range of 8 below the maximum mapped to about −1..1
//! (Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", and its published front end).

use std::f64::consts::PI;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Samples per second the spectrogram is made for.
pub const SAMPLE_RATE: usize = 16_000;
/// Samples from one frame to the next.
pub const HOP: usize = 160;
/// Bands per frame.
pub const BANDS: usize = 80;

const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;
const FLOOR: f32 = 1e-10;

/// Audio between a constant stretch and silence, neither of which costs more than one frame's work.
#[derive(Debug, Clone, Copy)]
pub struct Padded<'a> {
    /// Samples before the audio.
    pub before: usize,
    /// Their value.
    pub level: f32,
    /// The audio, −1..1.
    pub samples: &'a [f32],
    /// Zero samples after it.
    pub after: usize,
}

impl Padded<'_> {
    fn len(&self) -> usize {
        self.before + self.samples.len() + self.after
    }

    /// The sample at `at`; the signal is mirrored at both ends.
    fn sample(&self, at: isize) -> f32 {
        let last = self.len() as isize - 1;
        let at = at.unsigned_abs() as isize;
        let at = if at > last { (2 * last - at).max(0) } else { at } as usize;
        match at.checked_sub(self.before) {
            None => self.level,
            Some(at) => self.samples.get(at).copied().unwrap_or(0.0),
        }
    }
}

/// Computes spectrograms, keeping its buffers. Cloning shares the tables.
#[derive(Clone)]
pub struct LogMel {
    tables: Arc<Tables>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

struct Tables {
    window: Vec<f32>,
    bands: Vec<Band>,
    fft: Arc<dyn RealToComplex<f32>>,
}

/// One triangle: its first bin and the weights from there on.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

impl std::fmt::Debug for LogMel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogMel").finish_non_exhaustive()
    }
}

impl Default for LogMel {
    fn default() -> Self {
        Self::new()
    }
}

impl LogMel {
    /// Plans the transform and builds the tables.
    pub fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        Self {
            frame: vec![0.0; WINDOW],
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; BINS],
            tables: Arc::new(Tables {
                window: (0..WINDOW).map(hann).collect(),
                bands: slaney_bands(),
                fft,
            }),
        }
    }

    /// The spectrogram of 16 kHz audio, `[80, frames]` row-major, one frame per whole [`HOP`] of the padded length.
    pub fn spectrogram(&mut self, audio: &Padded<'_>) -> Vec<f32> {
        let frames = audio.len() / HOP;
        let mut energies = vec![0.0; BANDS * frames];
        let mut constant: Option<(f32, [f32; BANDS])> = None;
        for frame in 0..frames {
            let bands = match uniform(audio, frame) {
                Some(0.0) => [FLOOR.log10(); BANDS],
                Some(level) => match constant {
                    Some((known, bands)) if known.to_bits() == level.to_bits() => bands,
                    _ => constant.insert((level, self.frame(audio, frame))).1,
                },
                None => self.frame(audio, frame),
            };
            for (band, energy) in bands.into_iter().enumerate() {
                energies[band * frames + frame] = energy;
            }
        }
        let floor = energies.iter().copied().fold(f32::MIN, f32::max) - 8.0;
        for energy in &mut energies {
            *energy = (energy.max(floor) + 4.0) / 4.0;
        }
        energies
    }

    /// `log10` of the energy in each band of one frame.
    fn frame(&mut self, audio: &Padded<'_>, frame: usize) -> [f32; BANDS] {
        let start = (frame * HOP) as isize - (WINDOW / 2) as isize;
        let inside = usize::try_from(start - audio.before as isize)
            .ok()
            .and_then(|from| audio.samples.get(from..from + WINDOW));
        if let Some(samples) = inside {
            self.frame.copy_from_slice(samples);
        } else {
            for (i, slot) in self.frame.iter_mut().enumerate() {
                *slot = audio.sample(start + i as isize);
            }
        }
        for (sample, weight) in self.frame.iter_mut().zip(&self.tables.window) {
            *sample *= weight;
        }
        let done =
            self.tables
                .fft
                .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch);
        debug_assert!(done.is_ok(), "every buffer was made by the plan");
        for (power, value) in self.power.iter_mut().zip(&self.spectrum) {
            *power = value.norm_sqr();
        }
        std::array::from_fn(|band| {
            let Band { first, weights } = &self.tables.bands[band];
            let bins = &self.power[*first..*first + weights.len()];
            let energy: f32 = bins
                .iter()
                .zip(weights)
                .map(|(power, weight)| power * weight)
                .sum();
            energy.max(FLOOR).log10()
        })
    }
}

/// The one value a frame consists of, if it lies wholly in the padding.
fn uniform(audio: &Padded<'_>, frame: usize) -> Option<f32> {
    let (start, end) = (
        (frame * HOP) as isize - (WINDOW / 2) as isize,
        frame * HOP + WINDOW / 2,
    );
    if end <= audio.before {
        Some(audio.level)
    } else if start >= (audio.before + audio.samples.len()) as isize {
        let mirrored = 2 * audio.len() as isize - 2 - end as isize;
        (mirrored >= (audio.before + audio.samples.len()) as isize).then_some(0.0)
    } else {
        None
    }
}

fn hann(i: usize) -> f32 {
    (0.5 - 0.5 * (2.0 * PI * i as f64 / WINDOW as f64).cos()) as f32
}

/// Slaney's scale: linear to 1 kHz, logarithmic above; each triangle has unit area.
fn slaney_bands() -> Vec<Band> {
    let log_step = 6.4_f64.ln() / 27.0;
    let to_hertz = |mel: f64| {
        if mel < 15.0 {
            mel * 200.0 / 3.0
        } else {
            1000.0 * ((mel - 15.0) * log_step).exp()
        }
    };
    let nyquist = SAMPLE_RATE as f64 / 2.0;
    let top = 15.0 + (nyquist / 1000.0).ln() / log_step;
    let edge = |i: usize| to_hertz(top * i as f64 / (BANDS + 1) as f64);
    (0..BANDS)
        .map(|band| {
            let (low, middle, high) = (edge(band), edge(band + 1), edge(band + 2));
            let weight = |bin: usize| {
                let hertz = (bin * SAMPLE_RATE) as f64 / WINDOW as f64;
                let rise = (hertz - low) / (middle - low);
                let fall = (high - hertz) / (high - middle);
                (rise.min(fall).max(0.0) * 2.0 / (high - low)) as f32
            };
            let first = (0..BINS).find(|bin| weight(*bin) > 0.0).unwrap_or(0);
            let weights = (first..BINS)
                .map(weight)
                .take_while(|weight| *weight > 0.0)
                .collect();
            Band { first, weights }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.5 s of a chirp, the same in `numpy` as here.
    fn chirp() -> Vec<f32> {
        (0..8_000)
            .map(|i| {
                let t = f64::from(i) / 16_000.0;
                (0.4 * (2.0 * PI * (200.0 * t + 3_000.0 * t * t)).sin()) as f32
            })
            .collect()
    }

    #[test]
    fn agrees_with_the_published_front_end() {
        // Made with numpy by the definition above, in f64: lines of band, frame, value.
        let expected = include_str!("../tests/fixtures/mel_chirp.txt");
        let ours = LogMel::new().spectrogram(&Padded {
            before: 0,
            level: 0.0,
            samples: &chirp(),
            after: 0,
        });
        assert_eq!(ours.len(), BANDS * 50);
        let mut compared = 0;
        for line in expected.lines() {
            let fields: Vec<f32> = line
                .split(' ')
                .map(|field| field.parse().expect("a number"))
                .collect();
            let &[band, frame, value] = fields.as_slice() else {
                panic!("three fields in {line:?}")
            };
            let got = ours[band as usize * 50 + frame as usize];
            assert!(
                (got - value).abs() < 1e-3,
                "band {band} frame {frame}: {got} instead of {value}"
            );
            compared += 1;
        }
        assert_eq!(compared, 80);
    }

    #[test]
    fn padding_costs_nothing_and_changes_nothing() {
        let samples = chirp();
        let mut whole = vec![-0.01; 3_200];
        whole.extend(&samples);
        whole.resize(whole.len() + 4_800, 0.0);
        let padded = Padded {
            before: 3_200,
            level: -0.01,
            samples: &samples,
            after: 4_800,
        };
        let plain = Padded {
            before: 0,
            level: 0.0,
            samples: &whole,
            after: 0,
        };
        let mut mel = LogMel::new();
        assert_eq!(mel.spectrogram(&padded), mel.spectrogram(&plain));
    }

    #[test]
    fn nothing_in_nothing_out() {
        let nothing = Padded {
            before: 0,
            level: 0.0,
            samples: &[],
            after: 0,
        };
        assert!(LogMel::new().spectrogram(&nothing).is_empty());
    }
}
