//! What the server says.

mod encode;
mod event;
mod extension;
mod part;
mod rate_limit;
mod response;
mod transcription;
mod usage;
mod vitals;

pub use encode::encode_audio_delta;
pub use event::{ServerEvent, ServerEventKind};
pub use extension::{Escalation, ProviderChanged, Stage, TurnMetrics, TurnProviders};
pub use part::{PartAddress, ResponsePart};
pub use rate_limit::{RateLimit, RateLimitName};
pub use response::{Response, ResponseAudio, ResponseError, ResponseStatus, StatusDetails, StatusReason};
pub use transcription::{TranscriptionFault, TranscriptionUsage};
pub use usage::{
    CachedTokensDetails, InputTokenDetails, OutputTokenDetails, ProviderSpending, Spending, Usage,
};
pub use vitals::{
    Guidance, ScanCompleted, ScanFace, ScanProgress, VitalsAbsent, VitalsFigures, VitalsStage, VitalsUpdated,
};
