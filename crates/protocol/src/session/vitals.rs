//! `session.bedside.vitals`: whether and how vital signs are read from the patient's video.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InvalidField;
use crate::patch::Patch;

/// Least and greatest time between readings, ms.
const INTERVAL_MS: RangeInclusive<u32> = 200..=10_000;
/// Shortest and longest scan, ms: the first figures come after six seconds.
const DURATION_MS: RangeInclusive<u32> = 5_000..=600_000;

/// What the video shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VitalsRegion {
    /// A person; the server finds the face.
    #[default]
    Auto,
    /// The face and nothing else, cut out by the client; the server detects nothing.
    FaceCrop,
}

/// How vital signs are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VitalsConfig {
    /// Whether video is taken and vital signs are read from it.
    pub enabled: bool,
    /// What the video shows.
    pub region: VitalsRegion,
    /// Time between readings, ms.
    pub interval_ms: u32,
    /// How long a scan lasts, ms; `null` is until it is disabled.
    pub duration_ms: Option<u32>,
}

impl Default for VitalsConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            region: VitalsRegion::Auto,
            interval_ms: 1_000,
            duration_ms: None,
        }
    }
}

/// What a client changes of it. Absent fields stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct VitalsPatch {
    /// Whether vital signs are read. `true` begins a scan unless one is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What the video shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<VitalsRegion>,
    /// Time between readings, 200 to 10 000 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u32>,
    /// How long a scan lasts, 5 000 to 600 000 ms; `null` is until it is disabled.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<u32>")]
    pub duration_ms: Patch<u32>,
}

impl VitalsConfig {
    pub(super) fn apply(&mut self, patch: &VitalsPatch) -> Result<(), InvalidField> {
        self.enabled = patch.enabled.unwrap_or(self.enabled);
        self.region = patch.region.unwrap_or(self.region);
        if let Some(interval) = patch.interval_ms {
            self.interval_ms = in_range(interval, &INTERVAL_MS, "session.bedside.vitals.interval_ms")?;
        }
        match patch.duration_ms {
            Patch::Keep => {}
            Patch::Clear => self.duration_ms = None,
            Patch::Set(duration) => {
                let param = "session.bedside.vitals.duration_ms";
                self.duration_ms = Some(in_range(duration, &DURATION_MS, param)?);
            }
        }
        Ok(())
    }
}

fn in_range(ms: u32, range: &RangeInclusive<u32>, param: &str) -> Result<u32, InvalidField> {
    if range.contains(&ms) {
        Ok(ms)
    } else {
        let expected = format!("a value from {} to {}", range.start(), range.end());
        Err(InvalidField::invalid_value(param, &expected))
    }
}
