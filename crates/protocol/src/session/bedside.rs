//! `session.bedside`: what Bedside adds to a session for clients that ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resume::ResumeTicket;
use super::vitals::{VitalsConfig, VitalsPatch};
use crate::patch::is_default;

/// How media travels in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaMode {
    /// Base64 in JSON both ways, as standard clients do.
    #[default]
    Json,
    /// Binary messages both ways.
    Binary,
    /// Binary messages from the client, JSON from the server.
    BinaryIn,
    /// JSON from the client, binary messages from the server.
    BinaryOut,
}

impl MediaMode {
    /// Whether the client may send binary messages.
    pub const fn binary_in(self) -> bool {
        matches!(self, Self::Binary | Self::BinaryIn)
    }

    /// Whether the server sends binary messages.
    pub const fn binary_out(self) -> bool {
        matches!(self, Self::Binary | Self::BinaryOut)
    }
}

/// The extension as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BedsideConfig {
    /// How media travels.
    pub media: MediaMode,
    /// How patient audio is cleaned.
    pub input: BedsideInput,
    /// How vital signs are read.
    pub vitals: VitalsConfig,
    /// Name of the consultation protocol; fixed by the connection.
    pub protocol: String,
    /// How to go on with the session after its connection was lost, if that is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<ResumeTicket>,
}

/// How patient audio is cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BedsideInput {
    /// Remove the server's own voice.
    pub echo_cancellation: bool,
    /// Reduce noise.
    pub noise_suppression: bool,
    /// Level the voice.
    pub gain_control: bool,
}

/// What a client changes of the extension. Absent fields stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct BedsidePatch {
    /// How media travels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaMode>,
    /// How patient audio is cleaned.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub input: BedsideInputPatch,
    /// How vital signs are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vitals: Option<VitalsPatch>,
}

/// What a client changes of the cleaning of audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct BedsideInputPatch {
    /// Remove the server's own voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_cancellation: Option<bool>,
    /// Reduce noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_suppression: Option<bool>,
    /// Level the voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain_control: Option<bool>,
}
