//! A scan's summary as FHIR R4 Observations.

use bedside_protocol::fhir::{
    CodeableConcept, DATA_ABSENT_REASON, LOINC, OBSERVATION_CATEGORY, Observation, ObservationComponent,
    ObservationStatus, Period, Quantity,
};

use super::{AbsenceCode, ScanSummary};
use crate::wire::vitals::rounded;

/// Below this a summary does not rest on a whole window.
const WHOLE_WINDOW_S: f64 = 10.0;

/// One Observation a vital sign, those that could not be measured with the reason instead of a figure.
pub(crate) fn observations(summary: &ScanSummary, period: Option<&Period>) -> Vec<Observation> {
    let figures = &summary.figures;
    let heart_rate = figures.heart_rate.map(|v| (v.bpm, v.quality));
    let respiratory_rate = figures.respiratory_rate.map(|v| (v.per_min, v.quality));
    let sdnn = figures.hrv.map(|v| (v.sdnn_ms, v.quality));
    let rmssd = figures.hrv.map(|v| (v.rmssd_ms, v.quality));
    let loinc = |code, display| CodeableConcept::coded(LOINC, code, display);
    let make = |code, figure, unit, ucum| observation(summary, period, code, figure, unit, ucum);
    vec![
        make(loinc("8867-4", "Heart rate"), heart_rate, "beats/minute", "/min"),
        make(
            loinc("9279-1", "Respiratory rate"),
            respiratory_rate,
            "breaths/minute",
            "/min",
        ),
        make(
            loinc(
                "80404-7",
                "R-R interval.standard deviation (Heart rate variability)",
            ),
            sdnn,
            "ms",
            "ms",
        ),
        // LOINC has no code for it.
        make(
            CodeableConcept::text(
                "Root mean square of successive differences of beat intervals (heart rate variability)",
            ),
            rmssd,
            "ms",
            "ms",
        ),
    ]
}

fn observation(
    summary: &ScanSummary,
    period: Option<&Period>,
    code: CodeableConcept,
    figure: Result<(f64, f64), AbsenceCode>,
    unit: &str,
    ucum: &str,
) -> Observation {
    let quality = |quality| ObservationComponent {
        code: CodeableConcept::text("Quality of the measurement, 0 to 1"),
        value_quantity: Quantity::ucum(rounded(quality), "1", "1"),
    };
    Observation {
        status: if summary.elapsed.as_secs_f64() < WHOLE_WINDOW_S {
            ObservationStatus::Preliminary
        } else {
            ObservationStatus::Final
        },
        category: vec![CodeableConcept::coded(
            OBSERVATION_CATEGORY,
            "vital-signs",
            "Vital Signs",
        )],
        code,
        effective_period: period.cloned(),
        value_quantity: figure
            .ok()
            .map(|(value, _)| Quantity::ucum(rounded(value), unit, ucum)),
        data_absent_reason: figure.err().map(|reason| {
            let unknown = CodeableConcept::coded(DATA_ABSENT_REASON, "unknown", "Unknown");
            CodeableConcept {
                text: Some(reason.to_owned()),
                ..unknown
            }
        }),
        method: CodeableConcept::text(summary.method),
        component: figure.ok().map(|(_, q)| quality(q)).into_iter().collect(),
    }
}

/// An instant in milliseconds since the Unix epoch as FHIR writes it: RFC 3339, in UTC.
pub(crate) fn instant(unix_ms: u64) -> String {
    const DAY: u64 = 86_400;
    let (seconds, ms) = (unix_ms / 1_000, unix_ms % 1_000);
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute, second) = (seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day, `days` after 1 January 1970 in the Gregorian calendar. Years are counted from March, so that the
/// leap day comes last, and in eras of 400 years, which are all of one length.
fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097;
    // 1 March 0000 lies this many days before the epoch.
    let days = days + 719_468;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scan::{Figures, HeartRate};

    fn summary(seconds: u64) -> ScanSummary {
        ScanSummary {
            elapsed: Duration::from_secs(seconds),
            frames: 30 * seconds,
            figures: Figures {
                heart_rate: Ok(HeartRate {
                    bpm: 71.804_9,
                    quality: 0.831,
                    snr_db: 4.0,
                }),
                respiratory_rate: Err("too_short"),
                hrv: Err("uncertain_beats"),
            },
            coverage: 0.9,
            method: "test",
        }
    }

    #[test]
    fn an_observation_has_a_figure_or_the_reason_why_not() {
        let observations = observations(&summary(30), None);
        let coded = |n: usize| {
            observations[n]
                .code
                .coding
                .first()
                .map(|coding| coding.code.as_str())
        };
        assert_eq!(
            [coded(0), coded(1), coded(2), coded(3)],
            [Some("8867-4"), Some("9279-1"), Some("80404-7"), None]
        );
        let heart_rate = observations[0].value_quantity.as_ref().unwrap();
        assert_eq!((heart_rate.value, heart_rate.code.as_str()), (71.8, "/min"));
        assert_eq!(
            observations[0].component[0].value_quantity,
            Quantity::ucum(0.83, "1", "1")
        );
        for observation in &observations {
            assert_eq!(
                observation.value_quantity.is_some(),
                observation.data_absent_reason.is_none()
            );
            assert_eq!(observation.status, ObservationStatus::Final);
        }
        let reason = observations[2].data_absent_reason.as_ref().unwrap();
        assert_eq!(
            (reason.coding[0].code.as_str(), reason.text.as_deref()),
            ("unknown", Some("uncertain_beats"))
        );
    }

    #[test]
    fn less_than_a_window_is_preliminary() {
        let statuses = observations(&summary(9), None).into_iter().map(|o| o.status);
        assert!(statuses.eq([ObservationStatus::Preliminary; 4]));
    }

    #[test]
    fn instants_are_written_as_fhir_wants_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(instant(ms), text);
        }
    }
}
