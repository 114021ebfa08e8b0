//! Clips of speech, and sessions made of them.

use std::fs::File;
use std::path::Path;

use bedside_inference::store::ModelStore;
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_media::audio::wav::Wav;
use bedside_speech::synthesis::{Synthesiser, Voice, clauses};

use crate::Fault;
use crate::noise::Noise;

/// The patient speaks for this share of a session.
const SPOKEN: f64 = 0.4;

/// Level of a patient far from the microphone, dB of full scale.
const FAR: f32 = -45.0;

/// What our own voice says.
const SENTENCES: [&str; 6] = [
    "The pain started two days ago and it is getting worse.",
    "It hurts when I breathe, and when I lie on my left side.",
    "No. Yes, sometimes, in the morning.",
    "I take metformin, five hundred milligrams, twice a day, and something for my blood pressure.",
    "Well, my sister had the same thing, and she said that I should see somebody about it soon.",
    "She is hoarse.",
];

/// Clips of speech, 16 kHz.
pub(crate) struct Material(Vec<(String, Vec<i16>)>);

impl Material {
    /// All WAV files of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, Fault> {
        let mut clips = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("wav"))
            {
                let wav = Wav::read(File::open(&path)?)?;
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                clips.push((name, at_16_khz(wav.rate_hz, &wav.samples)?));
            }
        }
        clips.sort();
        Ok(Self(clips))
    }

    /// Sentences of our own voice.
    pub(crate) fn speak(store: &ModelStore) -> Result<Self, Fault> {
        let files = store.voice()?;
        let voice = Synthesiser::new(Voice::load(&files.model, &files.config)?);
        let mut clips = Vec::new();
        for sentence in SENTENCES {
            let mut samples = Vec::new();
            for clause in clauses(sentence) {
                samples.extend(voice.synthesise(&sentence[clause], 1.0)?.pcm);
            }
            clips.push((sentence.to_owned(), at_16_khz(voice.rate(), &samples)?));
        }
        Ok(Self(clips))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A session for each clip: the clip with as much quiet around it as there is in a consultation, under noise.
    pub(crate) fn sessions(&self, noise: Noise) -> Vec<Vec<i16>> {
        let session = |index: usize| {
            let clip = &self.0[index].1;
            let quiet = (clip.len() as f64 * (1.0 / SPOKEN - 1.0)) as usize;
            let scale = if noise == Noise::FarInARoom {
                10.0_f32.powf(FAR / 20.0) * 32_768.0 / rms(clip)
            } else {
                1.0
            };
            let mut session = vec![0.0; clip.len() + quiet];
            for (slot, sample) in session[quiet / 3..].iter_mut().zip(clip) {
                *slot = f32::from(*sample) * scale;
            }
            let other = &self.0[(index + 1) % self.0.len()].1;
            noise.add(&mut session, rms(clip) * scale, other, index as u64);
            session.into_iter().map(|sample| sample as i16).collect()
        };
        (0..self.0.len()).map(session).collect()
    }
}

fn rms(samples: &[i16]) -> f32 {
    let squares: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (squares / samples.len().max(1) as f64).sqrt() as f32
}

fn at_16_khz(rate_hz: u32, samples: &[i16]) -> Result<Vec<i16>, Fault> {
    let mut resampler = Resampler::new(SampleRate::try_from(rate_hz)?, SampleRate::HZ_16000)?;
    let mut out = Vec::new();
    resampler.process(samples, &mut out)?;
    resampler.finish(&mut out)?;
    Ok(out)
}
