//! Everything a scan said, kept until it is written.

use std::collections::BTreeMap;

use bedside_vitals::absence::Absence;
use bedside_vitals::reading::{Reading, Summary};
use bedside_vitals::sample::CaptureTime;
use bedside_vitals::scan::{ScanEvent, Waveform};

/// What a whole scan said. Times of its parts are the file's, from 0.
#[derive(Debug)]
pub(crate) struct Record {
    /// Every reading, given or not.
    pub(crate) readings: Vec<Reading>,
    /// The pulse wave in pieces; there are none where no heart rate was given.
    pub(crate) pulse: Vec<Waveform>,
    /// What it came to.
    pub(crate) summary: Summary,
    /// Frames that could not be decoded.
    pub(crate) damaged: u64,
}

/// Seconds from the beginning of the file.
pub(crate) fn seconds(at: CaptureTime) -> f64 {
    at.as_micros() as f64 / 1e6
}

impl Record {
    /// A record of nothing yet.
    pub(crate) fn new(summary: Summary) -> Self {
        Self {
            readings: Vec::new(),
            pulse: Vec::new(),
            summary,
            damaged: 0,
        }
    }

    /// Keeps what is written later.
    pub(crate) fn keep(&mut self, event: ScanEvent) {
        match event {
            ScanEvent::Reading(reading) => self.readings.push(reading),
            ScanEvent::Waveform(piece) => self.pulse.push(piece),
            ScanEvent::Progress(_) => {}
        }
    }

    /// Why readings have no heart rate, and how many of them, the commonest reason first.
    pub(crate) fn refusals(&self) -> Vec<(Absence, usize)> {
        let mut counts = BTreeMap::new();
        for absence in self
            .readings
            .iter()
            .filter_map(|reading| reading.heart_rate.err())
        {
            *counts.entry(absence).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

/// A scan of two readings, one of them given.
#[cfg(test)]
pub(super) mod examples {
    use std::time::Duration;

    use bedside_vitals::reading::{HeartRate, Hrv, RespiratoryRate, Stage};

    use super::*;

    pub(crate) fn record() -> Record {
        let heart_rate = Ok(HeartRate {
            bpm: 72.4,
            quality: 0.9,
            snr_db: 6.5,
        });
        let respiratory_rate = Ok(RespiratoryRate {
            per_min: 14.2,
            quality: 0.8,
        });
        let hrv = Ok(Hrv {
            rmssd_ms: 38.1,
            sdnn_ms: 45.2,
            beats: 24,
            quality: 0.7,
        });
        let refused = Reading {
            at: CaptureTime::from_micros(9_000_000),
            window: Duration::from_secs(8),
            stage: Stage::Preliminary,
            heart_rate: Err(Absence::NotPeaked),
            respiratory_rate: Err(Absence::TooShort),
            hrv: Err(Absence::TooShort),
        };
        let given = Reading {
            at: CaptureTime::from_micros(30_000_000),
            window: Duration::from_secs(10),
            stage: Stage::Stable,
            heart_rate,
            respiratory_rate,
            hrv,
        };
        let wave = |second: u64| Waveform {
            at: CaptureTime::from_micros(second * 1_000_000),
            sample_rate: 30.0,
            samples: (0..30_u16).map(|n| (f32::from(n) * 0.25).sin()).collect(),
        };
        Record {
            readings: vec![refused, given],
            pulse: (20..29).map(wave).collect(),
            summary: Summary {
                elapsed: Duration::from_secs(30),
                frames: 900,
                heart_rate,
                respiratory_rate,
                hrv,
                coverage: 0.5,
            },
            damaged: 0,
        }
    }
}
