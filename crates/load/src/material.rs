//! What patients say and show, made ready to be sent: each frame once, shared by all sessions.

mod face;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_media::audio::wav::Wav;
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use face::{Face, SIDE};

use crate::error::LoadError;
use crate::patient::player::is_audible;
use crate::scenario::{Media, Scenario};
use crate::wire;

/// Length of a frame of audio.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// Something a patient says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// Mono samples.
    pub samples: Vec<i16>,
    /// Samples a second.
    pub rate_hz: u32,
}

/// Everything that patients of a scenario say and show.
#[derive(Debug)]
pub struct Material {
    pub(crate) utterances: Vec<Utterance>,
    pub(crate) silence: Sound,
    pub(crate) face: Option<Face>,
}

/// Something said, from its first audible sample to its last one.
#[derive(Debug)]
pub(crate) struct Utterance {
    pub(crate) frames: Vec<Sound>,
    /// The end of its last audible sample, since the beginning of its first frame.
    pub(crate) length: Duration,
}

/// A frame of audio.
#[derive(Debug, Clone)]
pub(crate) enum Sound {
    /// The whole message.
    Text(Utf8Bytes),
    /// The samples, before which a header belongs.
    Pcm(Bytes),
}

impl Clip {
    /// Reads every WAV file of a folder, in the order of their names.
    pub fn read_folder(folder: &Path) -> Result<Vec<Self>, LoadError> {
        let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut paths: Vec<_> = listed
            .map_err(|error| fault(folder, &error))?
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("wav"))
            })
            .collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, LoadError> {
        let file = File::open(path).map_err(|error| fault(path, &error))?;
        let Wav { samples, rate_hz } =
            Wav::read(BufReader::new(file)).map_err(|error| fault(path, &error))?;
        Ok(Self { samples, rate_hz })
    }

    /// The samples at another rate, without the silence at both ends.
    fn spoken_at(&self, rate_hz: u32) -> Result<Vec<i16>, LoadError> {
        let mut samples = Vec::new();
        if self.rate_hz == rate_hz {
            samples.extend(&self.samples);
        } else {
            let rate = |hz| SampleRate::try_from(hz).map_err(|_| RATE);
            let resampling = Resampler::new(rate(self.rate_hz)?, rate(rate_hz)?).and_then(|mut resampler| {
                resampler.process(&self.samples, &mut samples)?;
                resampler.finish(&mut samples)
            });
            resampling.map_err(|_| RATE)?;
        }
        let last = samples.iter().rposition(|sample| is_audible(*sample));
        samples.truncate(last.map_or(0, |last| last + 1));
        let first = samples.iter().position(|sample| is_audible(*sample));
        samples.drain(..first.unwrap_or(0));
        Ok(samples)
    }
}

impl Material {
    /// Prepares what `scenario` needs. `clips` are what its patients say; it may be empty if none of them speaks.
    pub fn prepare(scenario: &Scenario, clips: &[Clip]) -> Result<Self, LoadError> {
        let media = scenario.voice.media;
        let mut utterances = Vec::new();
        if scenario.has_voice() {
            for clip in clips {
                utterances.extend(Utterance::prepare(clip, media)?);
            }
            if utterances.is_empty() {
                return Err(LoadError::NothingToSay);
            }
        }
        Ok(Self {
            utterances,
            silence: Sound::prepare(&vec![0; samples_of_frame(media)], media),
            face: scenario.has_camera().then(Face::paint),
        })
    }
}

impl Utterance {
    fn prepare(clip: &Clip, media: Media) -> Result<Option<Self>, LoadError> {
        let samples = clip.spoken_at(rate(media))?;
        let frame = |chunk: &[i16]| {
            let mut chunk = chunk.to_vec();
            chunk.resize(samples_of_frame(media), 0);
            Sound::prepare(&chunk, media)
        };
        let frames: Vec<Sound> = samples.chunks(samples_of_frame(media)).map(frame).collect();
        let length = Duration::from_secs_f64(samples.len() as f64 / f64::from(rate(media)));
        Ok((!frames.is_empty()).then_some(Self { frames, length }))
    }
}

impl Sound {
    fn prepare(samples: &[i16], media: Media) -> Self {
        match media {
            Media::Json => Self::Text(wire::append(samples).into()),
            Media::Binary => Self::Pcm(wire::le_bytes(samples).into()),
        }
    }
}

const RATE: LoadError = LoadError::Field {
    field: "material",
    reason: "WAV files of a usual rate, 8000 to 48000 Hz",
};

const fn rate(media: Media) -> u32 {
    match media {
        Media::Json => wire::JSON_RATE,
        Media::Binary => wire::BINARY_RATE,
    }
}

const fn samples_of_frame(media: Media) -> usize {
    rate(media) as usize / 50
}

fn fault(path: &Path, error: &dyn std::error::Error) -> LoadError {
    LoadError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_around_speech_is_no_part_of_it() {
        let mut samples = vec![0_i16; 24_000];
        samples[6_000..15_000].fill(5_000);
        let clip = Clip {
            samples,
            rate_hz: 24_000,
        };
        let utterance = Utterance::prepare(&clip, Media::Json).unwrap().unwrap();
        assert_eq!(utterance.length, Duration::from_millis(375));
        assert_eq!(utterance.frames.len(), 19);
        let Sound::Text(text) = &utterance.frames[0] else {
            panic!("events are text")
        };
        assert_eq!(
            text.len(),
            r#"{"type":"input_audio_buffer.append","audio":""}"#.len() + 1_280
        );
    }

    #[test]
    fn other_rates_are_brought_to_that_of_the_wire() {
        let clip = Clip {
            samples: vec![5_000; 48_000],
            rate_hz: 48_000,
        };
        let utterance = Utterance::prepare(&clip, Media::Binary).unwrap().unwrap();
        assert!(utterance.length.abs_diff(Duration::from_secs(1)) < Duration::from_millis(5));
        let Sound::Pcm(pcm) = &utterance.frames[3] else {
            panic!("samples are bytes")
        };
        assert_eq!(pcm.len(), 640);
    }

    #[test]
    fn nothing_to_say_is_found_out_before_the_run() {
        let text = "name='a'\nsessions=1\nduration_s=1\narrival={kind='burst'}\nkinds={voice=1}";
        let scenario = Scenario::parse(text).unwrap();
        let silent = Clip {
            samples: vec![0; 800],
            rate_hz: 8_000,
        };
        let prepared = Material::prepare(&scenario, &[silent]);
        assert!(matches!(prepared, Err(LoadError::NothingToSay)));
    }
}
