//! Who speaks in the place of a vendor's voice: a real one, or a tone for each word.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::sync::Arc;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_speech::synthesis::{Synthesiser, clauses};
use parking_lot::Mutex;

/// Pieces of speech that are remembered. Then all are forgotten.
const REMEMBERED: usize = 64;

/// Loudness of a tone.
const AMPLITUDE: f64 = 7_000.0;

/// Someone who speaks. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub(crate) enum Voice {
    /// A voice on this machine.
    Local(Arc<LocalVoice>),
    /// Tones.
    #[default]
    Tones,
}

/// A voice on this machine. What it said before is not computed again: tests say the same few things.
#[derive(Debug)]
pub(crate) struct LocalVoice {
    synthesiser: Synthesiser,
    said: Mutex<HashMap<(String, u32, u32), Spoken>>,
}

impl LocalVoice {
    fn speak(&self, piece: &str, speed: f32, hz: u32) -> Result<Spoken, Speechless> {
        let key = (piece.to_owned(), speed.to_bits(), hz);
        if let Some(spoken) = self.said.lock().get(&key) {
            return Ok(spoken.clone());
        }
        let spoken = synthesise(&self.synthesiser, piece, speed, hz)?;
        let mut said = self.said.lock();
        if said.len() == REMEMBERED {
            said.clear();
        }
        said.insert(key, spoken.clone());
        Ok(spoken)
    }
}

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Spoken {
    /// PCM at the rate that was asked for.
    pub(crate) pcm: Vec<i16>,
    /// Its words.
    pub(crate) words: Vec<SpokenWord>,
}

/// A word and when it is spoken, in seconds from the start of its piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpokenWord {
    pub(crate) text: String,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

/// The voice failed.
#[derive(Debug, thiserror::Error)]
#[error("the voice failed")]
pub(crate) struct Speechless;

impl Voice {
    /// A voice on this machine.
    pub(crate) fn local(synthesiser: Synthesiser) -> Self {
        let said = Mutex::default();
        Self::Local(Arc::new(LocalVoice { synthesiser, said }))
    }

    /// Cuts a text into what is spoken at a time.
    pub(crate) fn pieces(&self, text: &str) -> Vec<String> {
        match self {
            Self::Local(_) => clauses(text)
                .into_iter()
                .filter_map(|clause| text.get(clause))
                .map(str::to_owned)
                .collect(),
            Self::Tones => vec![text.to_owned()],
        }
    }

    /// Speaks a piece at `speed` times the voice's own and `hz` samples per second.
    pub(crate) async fn speak(&self, piece: String, speed: f32, hz: u32) -> Result<Spoken, Speechless> {
        match self {
            Self::Tones => Ok(tones(&piece, speed, hz)),
            Self::Local(voice) => {
                let voice = voice.clone();
                tokio::task::spawn_blocking(move || voice.speak(&piece, speed, hz))
                    .await
                    .map_err(|_| Speechless)?
            }
        }
    }
}

fn synthesise(synthesiser: &Synthesiser, piece: &str, speed: f32, hz: u32) -> Result<Spoken, Speechless> {
    let speech = synthesiser.synthesise(piece, speed).map_err(|_| Speechless)?;
    let words = speech.words.iter().map(|word| SpokenWord {
        text: piece.get(word.text.clone()).unwrap_or_default().to_owned(),
        start: word.start.as_secs_f64(),
        end: word.end.as_secs_f64(),
    });
    Ok(Spoken {
        words: words.collect(),
        pcm: resample(speech.pcm, speech.rate, hz).ok_or(Speechless)?,
    })
}

/// `None` if the resampler does not know one of the rates.
fn resample(pcm: Vec<i16>, from: u32, to: u32) -> Option<Vec<i16>> {
    if from == to {
        return Some(pcm);
    }
    let (from, to) = (SampleRate::try_from(from).ok()?, SampleRate::try_from(to).ok()?);
    let mut resampler = Resampler::new(from, to).ok()?;
    let mut output = Vec::new();
    resampler.process(&pcm, &mut output).ok()?;
    resampler.finish(&mut output).ok()?;
    Some(output)
}

/// A swell of its own pitch for each word, 60 ms a letter, and a pause after it.
fn tones(text: &str, speed: f32, hz: u32) -> Spoken {
    let mut spoken = Spoken::default();
    let rate = f64::from(hz);
    for word in text.split_whitespace() {
        let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
        if letters == 0 {
            continue;
        }
        let seconds = (0.06 * letters as f64).clamp(0.12, 0.6) / f64::from(speed);
        let pitch = 140.0 + f64::from(word.bytes().fold(0_u8, u8::wrapping_add));
        let start = spoken.pcm.len();
        let length = (seconds * rate) as usize;
        spoken.pcm.extend((0..length).map(|index| {
            let swell = (TAU / 2.0 * index as f64 / length as f64).sin();
            let wave = (TAU * pitch * index as f64 / rate).sin();
            (AMPLITUDE * swell * wave) as i16
        }));
        spoken.words.push(SpokenWord {
            text: word.to_owned(),
            start: start as f64 / rate,
            end: spoken.pcm.len() as f64 / rate,
        });
        let pause = if word.ends_with(['.', '?', '!']) {
            0.25
        } else {
            0.06
        };
        let length = spoken.pcm.len() + (pause * rate) as usize;
        spoken.pcm.resize(length, 0);
    }
    spoken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tone_sounds_while_its_word_is_spoken_and_not_after() {
        let spoken = Voice::Tones.speak("Does it hurt?".into(), 1.0, 24_000).await;
        let Spoken { pcm, words } = spoken.expect("tones do not fail");
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["Does", "it", "hurt?"]);
        for word in &words {
            let at = |seconds: f64| (seconds * 24_000.0).round() as usize;
            let sound = &pcm[at(word.start)..at(word.end)];
            assert!(sound.iter().any(|sample| sample.abs() > 5_000), "{word:?}");
            assert!(
                pcm[at(word.end)..at(word.end + 0.05)]
                    .iter()
                    .all(|sample| *sample == 0)
            );
        }
    }

    #[tokio::test]
    async fn a_faster_voice_takes_less_time() {
        let length = async |speed| {
            let spoken = Voice::Tones.speak("Take a breath.".into(), speed, 16_000).await;
            spoken
                .expect("tones do not fail")
                .words
                .last()
                .map(|word| word.end)
        };
        assert!(length(1.5).await < length(1.0).await);
    }
}
