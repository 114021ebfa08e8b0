//! The result of a scan for programs.

use bedside_vitals::absence::Absence;
use bedside_vitals::reading::{HeartRate, Hrv, Reading, RespiratoryRate, Stage};
use serde_json::{Value, json};

use super::record::{Record, seconds};

/// The summary and every reading. A figure that is absent is an object with the reason alone.
pub(crate) fn value(record: &Record) -> Value {
    let summary = &record.summary;
    json!({
        "elapsed_s": summary.elapsed.as_secs_f64(),
        "frames": summary.frames,
        "damaged_frames": record.damaged,
        "coverage": summary.coverage,
        "heart_rate": figure(summary.heart_rate, heart_rate),
        "respiratory_rate": figure(summary.respiratory_rate, respiratory_rate),
        "hrv": figure(summary.hrv, hrv),
        "readings": record.readings.iter().map(reading).collect::<Vec<_>>(),
    })
}

fn reading(reading: &Reading) -> Value {
    json!({
        "time_s": seconds(reading.at),
        "window_s": reading.window.as_secs_f64(),
        "stage": match reading.stage {
            Stage::Preliminary => "preliminary",
            Stage::Stable => "stable",
        },
        "heart_rate": figure(reading.heart_rate, heart_rate),
        "respiratory_rate": figure(reading.respiratory_rate, respiratory_rate),
        "hrv": figure(reading.hrv, hrv),
    })
}

fn figure<T>(figure: Result<T, Absence>, value: fn(T) -> Value) -> Value {
    figure.map_or_else(|absence| json!({ "absent": absence.code() }), value)
}

fn heart_rate(rate: HeartRate) -> Value {
    json!({ "bpm": rate.bpm, "quality": rate.quality, "snr_db": rate.snr_db })
}

fn respiratory_rate(rate: RespiratoryRate) -> Value {
    json!({ "per_min": rate.per_min, "quality": rate.quality })
}

fn hrv(hrv: Hrv) -> Value {
    json!({ "rmssd_ms": hrv.rmssd_ms, "sdnn_ms": hrv.sdnn_ms, "beats": hrv.beats, "quality": hrv.quality })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::record::examples;

    #[test]
    fn figures_are_objects_and_absent_ones_say_why() {
        let value = value(&examples::record());
        assert_eq!(value["heart_rate"]["bpm"], 72.4);
        assert_eq!(
            value["readings"][0]["heart_rate"],
            json!({ "absent": "not_peaked" })
        );
        assert_eq!(value["readings"][1]["hrv"]["beats"], 24);
    }
}
