//! Vital signs from the patient's video: what a provider is told and what it answers, as plain data.
//!
//! A scan begins with [`ScanCommand::Start`]. The provider answers with [`ScanNews`], about once an interval, on the
//! clock the video's frames are stamped with. [`ScanCommand::Stop`] is answered by [`ScanNews::Finished`], after which
//! nothing of that scan follows; a fault ends it as well. A figure is there or absent with a reason; which gate it had to
//! pass is the provider's affair.

use std::time::Duration;

pub(crate) mod function;
mod known;
pub(crate) mod life;
pub(crate) mod observation;

pub use function::START_SCAN;

/// One scan. Rises by one; news of a scan that is over are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanId(pub u32);

/// What the provider of vital signs is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanCommand {
    /// Read vital signs from the video that comes from now on.
    Start {
        /// The scan.
        scan: ScanId,
        /// How.
        params: ScanParams,
    },
    /// Give the summary.
    Stop {
        /// The scan.
        scan: ScanId,
    },
}

/// How vital signs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanParams {
    /// What the video shows.
    pub region: ScanRegion,
    /// Time between readings.
    pub interval: Duration,
}

/// What the video shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanRegion {
    /// A person whose face must be found.
    Auto,
    /// The face and nothing else.
    FaceCrop,
}

/// What a scan tells.
#[derive(Debug, Clone, PartialEq)]
pub enum ScanNews {
    /// How it goes, also while no face is in the picture.
    Progress(Progress),
    /// More of the pulse wave.
    Waveform(Waveform),
    /// The vital signs of the last window.
    Reading(Reading),
    /// The whole of it; the last news.
    Finished(ScanSummary),
}

/// How a scan goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Capture time of the newest frame, µs.
    pub at: u64,
    /// Since the first frame, on the capture clock.
    pub elapsed: Duration,
    /// The face, if there is one.
    pub face: Option<FaceState>,
    /// What the patient can do better.
    pub guidance: Guidance,
}

/// The face in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceState {
    /// Where it is, unless the video shows nothing else.
    pub bounds: Option<FaceBounds>,
    /// How much it moves, 0 to 1.
    pub motion: f32,
    /// How bright it is, 0 to 1.
    pub brightness: f32,
}

/// A rectangle in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceBounds {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// What the patient can do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// More of the pulse wave.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// Capture time of the first sample, µs.
    pub at: u64,
    /// Samples per second.
    pub sample_rate: f32,
    /// The samples since the last piece, normalised.
    pub samples: Vec<f32>,
}

/// Why a figure is absent, as a code in `snake_case` such as `not_peaked`.
pub type AbsenceCode = &'static str;

/// The vital signs of the last window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Capture time of the newest frame, µs.
    pub at: u64,
    /// Length of video it rests on.
    pub window: Duration,
    /// Whether it may still change much.
    pub stage: Stage,
    /// The figures.
    pub figures: Figures,
    /// How they were obtained.
    pub method: &'static str,
}

/// Whether a reading may still change much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rests on less than ten seconds.
    Preliminary,
    /// Rests on a whole window.
    Stable,
}

/// Vital signs, each there or absent with a reason.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Heart rate.
    pub heart_rate: Result<HeartRate, AbsenceCode>,
    /// Respiratory rate.
    pub respiratory_rate: Result<RespiratoryRate, AbsenceCode>,
    /// Heart rate variability.
    pub hrv: Result<Hrv, AbsenceCode>,
}

impl Figures {
    /// These figures if any of them passed; else why there is no heart rate.
    pub(crate) fn passed(self) -> Result<Self, &'static str> {
        match self.heart_rate {
            Err(reason) if self.respiratory_rate.is_err() && self.hrv.is_err() => Err(reason),
            _ => Ok(self),
        }
    }
}

/// Heart rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeartRate {
    /// Beats per minute.
    pub bpm: f64,
    /// Quality, 0 to 1.
    pub quality: f64,
    /// Power of the pulse against everything else, dB.
    pub snr_db: f64,
}

/// Respiratory rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RespiratoryRate {
    /// Breaths per minute.
    pub per_min: f64,
    /// Quality, 0 to 1.
    pub quality: f64,
}

/// Heart rate variability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hrv {
    /// Root mean square of the differences of successive beat intervals, ms.
    pub rmssd_ms: f64,
    /// Standard deviation of the beat intervals, ms.
    pub sdnn_ms: f64,
    /// Beats it rests on.
    pub beats: u32,
    /// Quality, 0 to 1.
    pub quality: f64,
}

/// A scan as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanSummary {
    /// From the first frame to the last, on the capture clock.
    pub elapsed: Duration,
    /// Frames seen.
    pub frames: u64,
    /// The figures of the whole scan; where one is absent, with the commonest reason.
    pub figures: Figures,
    /// Readings that gave a heart rate, of those that were due; 0 to 1.
    pub coverage: f64,
    /// How the figures were obtained.
    pub method: &'static str,
}
