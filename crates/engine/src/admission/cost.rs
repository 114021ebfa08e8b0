//! What a session takes of a node.

use std::ops::{Add, Sub};

use super::demand::{Demand, Place};

/// What sessions take of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Processor time for every second of the session, µs.
    pub processor_us: u64,
    /// Of that, on the threads that run models, µs.
    pub models_us: u64,
    /// Memory, bytes.
    pub memory: u64,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            processor_us: self.processor_us.saturating_add(other.processor_us),
            models_us: self.models_us.saturating_add(other.models_us),
            memory: self.memory.saturating_add(other.memory),
        }
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            processor_us: self.processor_us.saturating_sub(other.processor_us),
            models_us: self.models_us.saturating_sub(other.models_us),
            memory: self.memory.saturating_sub(other.memory),
        }
    }
}

/// What each part of a session takes: processor time in µs for every second of the session, on the average of a
/// consultation (the patient speaks for 5 s of every 12.5 s, the answer lasts as long), and memory in bytes.
///
/// Only what must be on time counts. Partial transcripts do not: they take what is left, and are shed when nothing is.
///
/// The defaults are of two cores at 2.5 GHz with AVX-512 VNNI and the release build; the settings of `[capacity]` replace
/// them on other machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coefficients {
    /// Every session: reading, deciding, pacing and writing 50 frames a second both ways.
    pub relay_us: u64,
    /// Speech detection on this machine: 31.25 windows a second.
    pub detection_us: u64,
    /// End of turn on this machine: a run for each pause.
    pub end_of_turn_us: u64,
    /// Final transcripts made on this machine.
    pub transcription_us: u64,
    /// Speech made on this machine.
    pub synthesis_us: u64,
    /// A scan of video on this machine while it runs: 30 JPEG pictures of 640×480 a second.
    pub scan_us: u64,
    /// Each stage that a vendor serves: its stream, its encryption, its messages.
    pub vendor_us: u64,
    /// Every session.
    pub session_bytes: u64,
    /// What a transcriber on this machine keeps of the patient's audio.
    pub transcription_bytes: u64,
    /// A scan while it runs.
    pub scan_bytes: u64,
}

impl Default for Coefficients {
    /// Rounded up from `bedside load relay` (`relay_us`) and `consultation` with vendors (`vendor_us`, `session_bytes`),
    /// `make eval-detection` (`detection_us`), `cargo bench --bench scanner` (`scan_us`), and for the other models from the
    /// time a run takes ([models](../../../../docs/models.md)).
    fn default() -> Self {
        Self {
            relay_us: 1_000,
            detection_us: 500,
            end_of_turn_us: 12_000,
            transcription_us: 25_000,
            synthesis_us: 40_000,
            scan_us: 39_000,
            vendor_us: 250,
            session_bytes: 640 << 10,
            transcription_bytes: 1 << 20,
            scan_bytes: 1 << 20,
        }
    }
}

impl Coefficients {
    /// What a session of this demand takes.
    pub fn cost(&self, demand: &Demand) -> Cost {
        let here = |place: Place, us: u64| if place == Place::Here { us } else { 0 };
        let models_us = here(demand.detection, self.detection_us)
            + here(demand.end_of_turn, self.end_of_turn_us)
            + here(demand.transcription, self.transcription_us)
            + here(demand.synthesis, self.synthesis_us)
            + here(demand.scan, self.scan_us);
        let vendors = demand.places().filter(|place| *place == Place::Vendor).count() as u64;
        Cost {
            processor_us: self.relay_us + models_us + vendors * self.vendor_us,
            models_us,
            memory: self.session_bytes
                + here(demand.transcription, self.transcription_bytes)
                + here(demand.scan, self.scan_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vendors_do_takes_no_model_time_and_nobody_takes_nothing() {
        let coefficients = Coefficients::default();
        let idle = coefficients.cost(&Demand::default());
        assert_eq!((idle.processor_us, idle.models_us), (coefficients.relay_us, 0));
        let heard_elsewhere = Demand {
            detection: Place::Here,
            transcription: Place::Vendor,
            synthesis: Place::Vendor,
            ..Demand::default()
        };
        let cost = coefficients.cost(&heard_elsewhere);
        assert_eq!(cost.models_us, coefficients.detection_us);
        assert_eq!(
            cost.processor_us,
            coefficients.relay_us + coefficients.detection_us + 2 * coefficients.vendor_us
        );
        assert_eq!(cost.memory, coefficients.session_bytes);
    }
}
