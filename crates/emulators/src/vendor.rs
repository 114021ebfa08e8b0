//! The vendors that are emulated.

use serde::{Deserialize, Serialize};

/// A vendor, or one of a vendor's services, as the control API names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Vendor {
    /// Deepgram's `/v1/listen`.
    Deepgram,
    /// Deepgram's `/v2/listen`.
    Flux,
    /// Cartesia's speech.
    Cartesia,
    /// CAIRE's vital signs.
    Caire,
    /// Bedrock's models.
    Bedrock,
    /// A server of OpenAI's chat completions.
    #[serde(rename = "openai")]
    OpenAi,
    /// Gemini.
    Gemini,
    /// `SageMaker` endpoints.
    #[serde(rename = "sagemaker")]
    SageMaker,
    /// Bedrock's knowledge bases.
    BedrockKb,
    /// AWS Secrets Manager.
    Secrets,
    /// The service that reads device displays.
    Device,
}
