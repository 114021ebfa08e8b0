//! A session's configuration: as it is, as a client changes it, as the server shows it.

mod apply;
mod bedside;
mod config;
mod patch;
mod resource;
mod resume;
mod turn_detection;
mod vitals;

pub(crate) use apply::check_format;
pub use bedside::{BedsideConfig, BedsideInput, BedsideInputPatch, BedsidePatch, MediaMode};
pub use config::{
    AudioInputConfig, AudioOutputConfig, NoiseReduction, NoiseReductionType, SessionConfig, SessionType,
    Transcription,
};
pub use patch::{
    AudioInputPatch, AudioOutputPatch, AudioPatch, NoiseReductionPatch, SessionPatch, TranscriptionPatch,
    TurnDetectionPatch,
};
pub use resource::{
    RealtimeAudio, RealtimeSession, Session, SessionKind, TranscriptionAudio, TranscriptionSession,
    Truncation,
};
pub use resume::ResumeTicket;
pub use turn_detection::{Eagerness, SemanticVad, ServerVad, TurnDetection, TurnDetectionType};
pub use vitals::{VitalsConfig, VitalsPatch, VitalsRegion};
