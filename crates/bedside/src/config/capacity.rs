//! `[capacity]`: how much of this machine sessions may take, and what each takes.

use bedside_engine::Coefficients;
use serde::Deserialize;

use super::reader::Reader;

/// Share of the processors that sessions may take: the rest is for what comes together by chance. With jobs of a tenth of
/// a second and few threads, waiting times grow out of proportion beyond it.
const UTILISATION: f64 = 0.7;

/// How sessions are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Capacity {
    /// Share of processors, model threads and free memory that sessions may take, above 0.
    pub(crate) utilisation: f64,
    /// Memory that sessions may take, MiB; if not set, their share of what is free.
    pub(crate) memory_mb: Option<u64>,
    /// What each session takes.
    pub(crate) coefficients: Coefficients,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    utilisation: Option<f64>,
    memory_mb: Option<u64>,
    relay_us: Option<u64>,
    detection_us: Option<u64>,
    end_of_turn_us: Option<u64>,
    transcription_us: Option<u64>,
    synthesis_us: Option<u64>,
    scan_us: Option<u64>,
    vendor_us: Option<u64>,
    session_kb: Option<u64>,
    transcription_kb: Option<u64>,
    scan_kb: Option<u64>,
}

impl Capacity {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let section = reader.section("capacity");
        let table: Table = section
            .and_then(super::section::Section::read)
            .unwrap_or_default();
        let utilisation = table.utilisation.unwrap_or(UTILISATION);
        if !(utilisation.is_finite() && utilisation > 0.0) {
            reader.refuse("capacity", &"utilisation: not a number above 0");
        }
        let usual = Coefficients::default();
        let bytes = |kb: Option<u64>, usual: u64| kb.map_or(usual, |kb| kb.saturating_mul(1 << 10));
        Self {
            utilisation,
            memory_mb: table.memory_mb,
            coefficients: Coefficients {
                relay_us: table.relay_us.unwrap_or(usual.relay_us),
                detection_us: table.detection_us.unwrap_or(usual.detection_us),
                end_of_turn_us: table.end_of_turn_us.unwrap_or(usual.end_of_turn_us),
                transcription_us: table.transcription_us.unwrap_or(usual.transcription_us),
                synthesis_us: table.synthesis_us.unwrap_or(usual.synthesis_us),
                scan_us: table.scan_us.unwrap_or(usual.scan_us),
                vendor_us: table.vendor_us.unwrap_or(usual.vendor_us),
                session_bytes: bytes(table.session_kb, usual.session_bytes),
                transcription_bytes: bytes(table.transcription_kb, usual.transcription_bytes),
                scan_bytes: bytes(table.scan_kb, usual.scan_bytes),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Config, Layers, example};
    use super::*;

    fn check(file: &str) -> Result<Capacity, String> {
        let layers = Layers {
            file: Some((PathBuf::from("bedside.toml"), file.parse().expect("TOML"))),
            ..Layers::default()
        };
        let checked = Config::check(&layers);
        checked
            .map(|config| config.capacity)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_is_not_set_is_as_usual_and_what_is_wrong_is_named() {
        let capacity = check("[capacity]\ndetection_us = 900\nsession_kb = 60\n").expect("valid");
        let usual = Coefficients::default();
        assert_eq!(capacity.coefficients.detection_us, 900);
        assert_eq!(capacity.coefficients.session_bytes, 60 * 1_024);
        assert_eq!(capacity.coefficients.synthesis_us, usual.synthesis_us);
        let said =
            check("[capacity]\nutilisation = 0.0\nrelay_us = -3\nrelais_us = 1\n").expect_err("faults");
        assert!(said.contains("bedside.toml, capacity.relay_us"), "{said}");
        assert!(said.contains("bedside.toml, capacity.relais_us"), "{said}");
        let said = check("[capacity]\nutilisation = 0.0\n").expect_err("a fault");
        assert!(
            said.contains("capacity: utilisation: not a number above 0"),
            "{said}"
        );
    }

    #[test]
    fn the_example_of_the_documentation_sets_every_coefficient_to_its_default() {
        let capacity = check(example(include_str!("../../../../docs/capacity.md"))).expect("valid");
        assert_eq!(capacity.coefficients, Coefficients::default());
        assert!((capacity.utilisation - UTILISATION).abs() < f64::EPSILON);
    }
}
