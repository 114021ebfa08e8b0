use std::path::PathBuf;

use bedside_inference::store::{ModelStore, RecogniserFiles, Size, StoreError, VoiceFiles};

/// The files of the local models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFiles {
    /// Silero's ONNX file.
    pub speech_detection: PathBuf,
    /// Smart Turn's converted ONNX file.
    pub end_of_turn: PathBuf,
    /// The converted recogniser.
    pub recogniser: RecogniserFiles,
    /// The voice.
    pub voice: VoiceFiles,
    /// What the voice is called.
    pub voice_name: String,
    /// `BlazeFace`'s ONNX file; without it there are no vital signs from video.
    pub face_detection: Option<PathBuf>,
}

impl LocalFiles {
    /// The files of a store in which every asset needed is ready.
    pub fn from_store(store: &ModelStore, size: Size) -> Result<Self, StoreError> {
        Ok(Self {
            speech_detection: store.speech_detection()?,
            end_of_turn: store.end_of_turn()?,
            recogniser: store.recogniser(size)?,
            voice: store.voice()?,
            voice_name: "joe".into(),
            face_detection: Some(store.face_detection()?),
        })
    }
}
