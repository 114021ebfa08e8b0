//! The result of a scan in words.

use std::fmt;

use bedside_vitals::absence::Absence;

use super::record::Record;

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.summary;
        line(f, "heart rate", summary.heart_rate, |rate| {
            format!(
                "{:.0} /min   quality {:.2}, pulse to noise {:.1} dB",
                rate.bpm, rate.quality, rate.snr_db
            )
        })?;
        line(f, "respiratory rate", summary.respiratory_rate, |rate| {
            format!("{:.1} /min   quality {:.2}", rate.per_min, rate.quality)
        })?;
        line(f, "variability", summary.hrv, |hrv| {
            format!(
                "RMSSD {:.0} ms, SDNN {:.0} ms   quality {:.2}, {} beats",
                hrv.rmssd_ms, hrv.sdnn_ms, hrv.quality, hrv.beats
            )
        })?;
        let given = self
            .readings
            .iter()
            .filter(|reading| reading.heart_rate.is_ok())
            .count();
        writeln!(
            f,
            "{:<17} {given} of {} readings gave a heart rate ({:.0} %)",
            "coverage",
            self.readings.len(),
            summary.coverage * 100.0
        )?;
        for (absence, count) in self.refusals() {
            writeln!(f, "{:<17} {count} x {absence}", "")?;
        }
        write!(
            f,
            "{:<17} {} frames, {:.1} s",
            "seen",
            summary.frames,
            summary.elapsed.as_secs_f64()
        )?;
        match self.damaged {
            0 => Ok(()),
            damaged => write!(f, "; {damaged} damaged frames left out"),
        }
    }
}

fn line<T>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    figure: Result<T, Absence>,
    words: impl FnOnce(T) -> String,
) -> fmt::Result {
    let words = figure.map_or_else(|absence| format!("not given: {absence}"), words);
    writeln!(f, "{name:<17} {words}")
}
