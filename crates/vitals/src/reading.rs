//! What a scan says: vital signs with their quality, or why they are absent.

use std::time::Duration;

use crate::absence::Absence;
use crate::sample::CaptureTime;

/// How much was seen for a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// 6 to 10 seconds: a first impression.
    Preliminary,
    /// 10 seconds or more.
    Stable,
}

/// How fast the heart beats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeartRate {
    /// Beats a minute.
    pub bpm: f64,
    /// 0.5 at the thresholds of the gate, 1 at best.
    pub quality: f64,
    /// Power of the pulse and its second harmonic over the rest of the band, in decibels.
    pub snr_db: f64,
}

/// How fast the patient breathes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RespiratoryRate {
    /// Breaths a minute.
    pub per_min: f64,
    /// 0–1.
    pub quality: f64,
}

/// How much the time between beats varies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hrv {
    /// Root of the mean squared difference of intervals that follow each other, in milliseconds.
    pub rmssd_ms: f64,
    /// Standard deviation of the intervals, in milliseconds.
    pub sdnn_ms: f64,
    /// Beats the figures are made of.
    pub beats: u32,
    /// 0–1.
    pub quality: f64,
}

/// The vital signs at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When the newest frame it is made of was captured.
    pub at: CaptureTime,
    /// The stretch of time the heart rate was found in.
    pub window: Duration,
    /// How much was seen.
    pub stage: Stage,
    /// The heart rate.
    pub heart_rate: Result<HeartRate, Absence>,
    /// The respiratory rate.
    pub respiratory_rate: Result<RespiratoryRate, Absence>,
    /// The variability of the heart rate.
    pub hrv: Result<Hrv, Absence>,
}

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// From the first frame to the newest, on the clock of the newest.
    pub elapsed: Duration,
    /// Frames taken.
    pub frames: u64,
    /// The median of the stable readings of the last minute, if a third of those due were given.
    pub heart_rate: Result<HeartRate, Absence>,
    /// The newest of the last minute.
    pub respiratory_rate: Result<RespiratoryRate, Absence>,
    /// The newest of the last minute.
    pub hrv: Result<Hrv, Absence>,
    /// Heart rates given over readings due, of the whole scan, 0–1.
    pub coverage: f64,
}
