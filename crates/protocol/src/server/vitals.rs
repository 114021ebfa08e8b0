//! What vital signs a scan of the patient's video gives. A figure that did not pass its quality gate is absent, with the
//! reason under `absent`; no figure is ever guessed.
//!
//! Capture times are the client's own, microseconds of the clock its video frames are stamped with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fhir::Observation;

/// How a scan goes, about once an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanProgress {
    /// The scan.
    pub scan_id: String,
    /// Capture time of the newest frame it tells of, µs.
    pub capture_time_us: u64,
    /// Time since the scan's first frame, on the capture clock, ms.
    pub elapsed_ms: u64,
    /// The face.
    pub face: ScanFace,
    /// What the patient can do better.
    pub guidance: Guidance,
}

/// The face in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ScanFace {
    /// Whether there is one.
    pub found: bool,
    /// Left, top, width and height in pixels of the picture captured at the event's time. Absent where the client sends
    /// the face alone, and where it is not found yet since pictures of another size came.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f32; 4]>,
    /// How much it moves, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<f32>,
    /// How bright it is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness: Option<f32>,
}

/// What the patient can do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// Nothing.
    Ok,
    /// The face is too small in the picture.
    MoveCloser,
    /// The face moves too much.
    HoldStill,
    /// The face is too dark.
    MoreLight,
    /// There is no face.
    FaceNotFound,
}

/// Whether a reading may still change much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VitalsStage {
    /// Rests on less than ten seconds.
    Preliminary,
    /// Rests on a whole window.
    Stable,
}

/// The vital signs of one window of video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VitalsUpdated {
    /// The scan.
    pub scan_id: String,
    /// Capture time of the newest frame it rests on, µs.
    pub capture_time_us: u64,
    /// Whether it may still change much.
    pub stage: VitalsStage,
    /// Length of video it rests on, s.
    pub window_s: f64,
    /// The figures that passed.
    #[serde(flatten)]
    pub figures: VitalsFigures,
    /// How they were obtained.
    pub method: String,
}

/// The figures that passed their gates, and why others are absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct VitalsFigures {
    /// Heart rate, beats/min.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heart_rate_bpm: Option<f64>,
    /// Quality of the heart rate, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
    /// Power of the pulse against everything else, dB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// Respiratory rate, breaths/min.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiratory_rate_bpm: Option<f64>,
    /// Quality of the respiratory rate, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiratory_rate_quality: Option<f64>,
    /// Root mean square of the differences of successive beat intervals, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hrv_rmssd_ms: Option<f64>,
    /// Standard deviation of the beat intervals, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hrv_sdnn_ms: Option<f64>,
    /// Beats the variability rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hrv_beats: Option<u32>,
    /// Quality of the variability, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hrv_quality: Option<f64>,
    /// Why a figure is absent.
    #[serde(default, skip_serializing_if = "VitalsAbsent::is_empty")]
    #[schemars(default)]
    pub absent: VitalsAbsent,
}

/// Why figures are absent, each as a code such as `not_peaked` or `too_short`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct VitalsAbsent {
    /// Heart rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heart_rate: Option<String>,
    /// Respiratory rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiratory_rate: Option<String>,
    /// Heart rate variability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hrv: Option<String>,
}

impl VitalsAbsent {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A scan is over, and at least one figure passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanCompleted {
    /// The scan.
    pub scan_id: String,
    /// Capture time of the newest frame it told of, µs; absent if it told of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_time_us: Option<u64>,
    /// From its first frame to its last, on the capture clock, ms.
    pub elapsed_ms: u64,
    /// Frames it saw.
    pub frames: u64,
    /// Readings that gave a heart rate, of those that were due; 0 to 1.
    pub coverage: f64,
    /// The figures of the scan as a whole.
    #[serde(flatten)]
    pub figures: VitalsFigures,
    /// How they were obtained.
    pub method: String,
    /// The same as FHIR R4 Observations, one a vital sign, absent ones with their reason.
    pub observations: Vec<Observation>,
}
