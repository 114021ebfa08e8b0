//! What a voice's JSON file says.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::SynthesisError;

/// How a voice varies and how fast it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Scales {
    /// Variation of the sound, 0 (none) to 1.
    pub noise_scale: f32,
    /// Length of every phoneme, relative to the voice's own: above 1 is slower.
    pub length_scale: f32,
    /// Variation of the phonemes' lengths, 0 (none) to 1.
    #[serde(rename = "noise_w")]
    pub noise_width: f32,
}

/// A Piper voice's configuration; what it says beyond this is not needed.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct VoiceConfig {
    pub(super) audio: Audio,
    pub(super) inference: Scales,
    phoneme_id_map: HashMap<String, Vec<i32>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Audio {
    pub(super) sample_rate: u32,
}

impl VoiceConfig {
    pub(super) fn load(path: &Path) -> Result<Self, SynthesisError> {
        let text = std::fs::read_to_string(path).map_err(|source| SynthesisError::File {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_str(&text).map_err(|source| SynthesisError::Config {
            path: path.to_owned(),
            source,
        })
    }

    /// The symbols the voice knows, by code point.
    pub(super) fn symbols(&self) -> HashMap<char, i32> {
        let single = |key: &String| {
            let mut characters = key.chars();
            characters.next().filter(|_| characters.next().is_none())
        };
        let entries = self.phoneme_id_map.iter();
        entries
            .filter_map(|(key, ids)| Some((single(key)?, *ids.first()?)))
            .collect()
    }
}
