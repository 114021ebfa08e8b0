//! Telling the client of vital signs.

use std::time::Duration;

use bedside_protocol::fhir::Period;
use bedside_protocol::{
    Guidance as WireGuidance, ScanCompleted, ScanFace, ScanProgress, ServerEventKind as Event, VitalsAbsent,
    VitalsFigures, VitalsStage, VitalsUpdated,
};

use crate::Conversation;
use crate::scan::life::Run;
use crate::scan::observation::{instant, observations};
use crate::scan::{Figures, Guidance, Progress, Reading, ScanSummary, Stage, Waveform};

impl Conversation {
    pub(crate) fn tell_scan_started(&mut self, scan_id: String) {
        self.tell(Event::VitalsScanStarted { scan_id });
    }

    pub(crate) fn tell_scan_progress(&mut self, scan_id: String, progress: Progress) {
        let face = progress.face.map_or_else(ScanFace::default, |face| ScanFace {
            found: true,
            bounds: face.bounds.map(|b| [b.x, b.y, b.width, b.height]),
            motion: Some(face.motion),
            brightness: Some(face.brightness),
        });
        self.tell(Event::VitalsScanProgress(ScanProgress {
            scan_id,
            capture_time_us: progress.at,
            elapsed_ms: millis(progress.elapsed),
            face,
            guidance: match progress.guidance {
                Guidance::Ok => WireGuidance::Ok,
                Guidance::MoveCloser => WireGuidance::MoveCloser,
                Guidance::HoldStill => WireGuidance::HoldStill,
                Guidance::MoreLight => WireGuidance::MoreLight,
                Guidance::FaceNotFound => WireGuidance::FaceNotFound,
            },
        }));
    }

    pub(crate) fn tell_waveform(&mut self, scan_id: String, waveform: Waveform) {
        self.tell(Event::VitalsWaveform {
            scan_id,
            capture_time_us: waveform.at,
            sample_rate: waveform.sample_rate,
            samples: waveform.samples,
        });
    }

    pub(crate) fn tell_vitals(&mut self, scan_id: String, reading: Reading) {
        self.tell(Event::VitalsUpdated(Box::new(VitalsUpdated {
            scan_id,
            capture_time_us: reading.at,
            stage: match reading.stage {
                Stage::Preliminary => VitalsStage::Preliminary,
                Stage::Stable => VitalsStage::Stable,
            },
            window_s: rounded(reading.window.as_secs_f64()),
            figures: reading.figures.into(),
            method: reading.method.to_owned(),
        })));
    }

    pub(crate) fn tell_scan_completed(&mut self, run: Run, summary: &ScanSummary) {
        let period = self.started_at.map(|started_at| Period {
            start: instant(started_at + run.started.as_millis()),
            end: instant(started_at + self.now.as_millis()),
        });
        self.tell(Event::VitalsScanCompleted(Box::new(ScanCompleted {
            scan_id: run.id,
            capture_time_us: run.captured,
            elapsed_ms: millis(summary.elapsed),
            frames: summary.frames,
            coverage: rounded(summary.coverage),
            figures: summary.figures.into(),
            method: summary.method.to_owned(),
            observations: observations(summary, period.as_ref()),
        })));
    }

    pub(crate) fn tell_scan_failed(&mut self, scan_id: String, captured: Option<u64>, reason: &'static str) {
        self.tell(Event::VitalsScanFailed {
            scan_id,
            capture_time_us: captured,
            reason: reason.to_owned(),
        });
    }
}

impl From<Figures> for VitalsFigures {
    fn from(figures: Figures) -> Self {
        let (heart_rate, respiratory_rate, hrv) = (figures.heart_rate, figures.respiratory_rate, figures.hrv);
        Self {
            heart_rate_bpm: heart_rate.ok().map(|v| rounded(v.bpm)),
            quality: heart_rate.ok().map(|v| rounded(v.quality)),
            snr_db: heart_rate.ok().map(|v| rounded(v.snr_db)),
            respiratory_rate_bpm: respiratory_rate.ok().map(|v| rounded(v.per_min)),
            respiratory_rate_quality: respiratory_rate.ok().map(|v| rounded(v.quality)),
            hrv_rmssd_ms: hrv.ok().map(|v| rounded(v.rmssd_ms)),
            hrv_sdnn_ms: hrv.ok().map(|v| rounded(v.sdnn_ms)),
            hrv_beats: hrv.ok().map(|v| v.beats),
            hrv_quality: hrv.ok().map(|v| rounded(v.quality)),
            absent: VitalsAbsent {
                heart_rate: heart_rate.err().map(str::to_owned),
                respiratory_rate: respiratory_rate.err().map(str::to_owned),
                hrv: hrv.err().map(str::to_owned),
            },
        }
    }
}

/// To two decimals: further ones are not measured.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}
