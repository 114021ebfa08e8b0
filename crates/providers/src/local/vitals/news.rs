//! The words of the estimator in the words of the core.

use bedside_conversation::scan as core;
use bedside_vitals::{
    Absence, FaceState, Guidance, HeartRate, Hrv, Progress, Reading, RespiratoryRate, ScanEvent, Stage,
    Summary, Waveform,
};

/// How figures are obtained: two projections of colour that must agree.
const METHOD: &str = "chrom+pos";

pub(super) fn event(event: ScanEvent) -> core::ScanNews {
    match event {
        ScanEvent::Progress(progress) => core::ScanNews::Progress(self::progress(&progress)),
        ScanEvent::Waveform(Waveform {
            at,
            sample_rate,
            samples,
        }) => core::ScanNews::Waveform(core::Waveform {
            at: at.as_micros(),
            sample_rate,
            samples,
        }),
        ScanEvent::Reading(reading) => core::ScanNews::Reading(self::reading(&reading)),
    }
}

pub(super) fn summary(summary: &Summary) -> core::ScanSummary {
    core::ScanSummary {
        elapsed: summary.elapsed,
        frames: summary.frames,
        figures: figures(summary.heart_rate, summary.respiratory_rate, summary.hrv),
        coverage: summary.coverage,
        method: METHOD,
    }
}

fn progress(progress: &Progress) -> core::Progress {
    core::Progress {
        at: progress.at.as_micros(),
        elapsed: progress.elapsed,
        face: progress.face.map(face),
        guidance: match progress.guidance {
            Guidance::Ok => core::Guidance::Ok,
            Guidance::MoveCloser => core::Guidance::MoveCloser,
            Guidance::HoldStill => core::Guidance::HoldStill,
            Guidance::MoreLight => core::Guidance::MoreLight,
            Guidance::FaceNotFound => core::Guidance::FaceNotFound,
        },
    }
}

fn face(face: FaceState) -> core::FaceState {
    core::FaceState {
        bounds: face.bounds.map(|bounds| core::FaceBounds {
            x: bounds.x,
            y: bounds.y,
            width: bounds.width,
            height: bounds.height,
        }),
        motion: face.motion,
        brightness: face.brightness,
    }
}

fn reading(reading: &Reading) -> core::Reading {
    core::Reading {
        at: reading.at.as_micros(),
        window: reading.window,
        stage: match reading.stage {
            Stage::Preliminary => core::Stage::Preliminary,
            Stage::Stable => core::Stage::Stable,
        },
        figures: figures(reading.heart_rate, reading.respiratory_rate, reading.hrv),
        method: METHOD,
    }
}

fn figures(
    heart_rate: Result<HeartRate, Absence>,
    respiratory_rate: Result<RespiratoryRate, Absence>,
    hrv: Result<Hrv, Absence>,
) -> core::Figures {
    core::Figures {
        heart_rate: heart_rate.map_err(Absence::code).map(|figure| core::HeartRate {
            bpm: figure.bpm,
            quality: figure.quality,
            snr_db: figure.snr_db,
        }),
        respiratory_rate: respiratory_rate
            .map_err(Absence::code)
            .map(|figure| core::RespiratoryRate {
                per_min: figure.per_min,
                quality: figure.quality,
            }),
        hrv: hrv.map_err(Absence::code).map(|figure| core::Hrv {
            rmssd_ms: figure.rmssd_ms,
            sdnn_ms: figure.sdnn_ms,
            beats: figure.beats,
            quality: figure.quality,
        }),
    }
}
