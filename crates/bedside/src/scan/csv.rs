//! The readings of a scan as a table.

use bedside_vitals::absence::Absence;
use bedside_vitals::reading::{Reading, Stage};

use super::record::{Record, seconds};

const COLUMNS: &str = "time_s,window_s,stage,\
                       heart_rate_bpm,heart_rate_quality,heart_rate_snr_db,heart_rate_absence,\
                       respiratory_rate_per_min,respiratory_rate_quality,respiratory_rate_absence,\
                       rmssd_ms,sdnn_ms,hrv_quality,hrv_beats,hrv_absence\n";

/// A line of names, then a line for each reading. Nothing in it needs quotes.
pub(crate) fn table(record: &Record) -> String {
    let rows = record.readings.iter().map(row);
    std::iter::once(COLUMNS.to_owned()).chain(rows).collect()
}

fn row(reading: &Reading) -> String {
    let stage = match reading.stage {
        Stage::Preliminary => "preliminary",
        Stage::Stable => "stable",
    };
    let rate = cells(reading.heart_rate, |rate| {
        [rate.bpm, rate.quality, rate.snr_db].map(|value| format!("{value:.3}"))
    });
    let breath = cells(reading.respiratory_rate, |rate| {
        [rate.per_min, rate.quality].map(|value| format!("{value:.3}"))
    });
    let hrv = cells(reading.hrv, |hrv| {
        let [rmssd, sdnn, quality] =
            [hrv.rmssd_ms, hrv.sdnn_ms, hrv.quality].map(|value| format!("{value:.3}"));
        [rmssd, sdnn, quality, hrv.beats.to_string()]
    });
    let (at, window) = (seconds(reading.at), reading.window.as_secs_f64());
    format!("{at:.3},{window:.3},{stage},{rate},{breath},{hrv}\n")
}

/// A figure's cells and an empty one, or empty ones and why there is no figure.
fn cells<T, const N: usize>(figure: Result<T, Absence>, cells: impl FnOnce(T) -> [String; N]) -> String {
    match figure {
        Ok(figure) => format!("{},", cells(figure).join(",")),
        Err(absence) => format!("{}{}", ",".repeat(N), absence.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::record::examples;

    #[test]
    fn every_row_has_a_cell_for_every_name() {
        let table = table(&examples::record());
        let cells: Vec<_> = table.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(cells, [15; 3]);
        let rows: Vec<_> = table.lines().collect();
        assert_eq!(
            rows[1],
            "9.000,8.000,preliminary,,,,not_peaked,,,too_short,,,,,too_short"
        );
        assert_eq!(
            rows[2],
            "30.000,10.000,stable,72.400,0.900,6.500,,14.200,0.800,,38.100,45.200,0.700,24,"
        );
    }
}
