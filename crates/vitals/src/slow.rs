//! What takes more than a window to see: the variability of the heart rate, and breath.

use std::time::Duration;

use crate::absence::Absence;
use crate::beats::{self, Beat};
use crate::filter::Band;
use crate::pulse::{Pulse, fuse};
use crate::reading::{Hrv, RespiratoryRate};
use crate::region::Region;
use crate::respiration;
use crate::sample::CaptureTime;
use crate::spectrum::Analyzer;
use crate::trace::{GRID_HZ, Trace};
use crate::variability;

/// The least that is looked at.
const SHORTEST: Duration = Duration::from_secs(20);

/// How long figures of up to a minute stay as they are: they change slowly, and cost six times a heart rate.
const LASTING: Duration = Duration::from_secs(3);

/// The figures of the newest minute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slow {
    pub respiratory_rate: Result<RespiratoryRate, Absence>,
    pub hrv: Result<Hrv, Absence>,
}

/// Slow figures, and when they were found.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowFigures {
    found: Option<(CaptureTime, Slow)>,
}

impl SlowFigures {
    /// The figures of the whole `trace` at `now`.
    pub(crate) fn at(
        &mut self,
        now: CaptureTime,
        trace: &Trace,
        band: Band,
        analyzer: &mut Analyzer,
    ) -> Slow {
        if let Some((at, slow)) = self.found
            && now.since(at) < LASTING
        {
            return slow;
        }
        let slow = Slow::find(trace, band, analyzer);
        self.found = Some((now, slow));
        slow
    }

    pub(crate) fn forget(&mut self) {
        self.found = None;
    }
}

impl Slow {
    fn find(trace: &Trace, band: Band, analyzer: &mut Analyzer) -> Self {
        if trace.span() < SHORTEST {
            return Self {
                respiratory_rate: Err(Absence::TooShort),
                hrv: Err(Absence::TooShort),
            };
        }
        let pulse = Pulse::extract(trace, trace.len(), band, analyzer);
        let beats_of = |wave: &[f64]| -> Vec<Beat> { beats::detect(wave, GRID_HZ) };
        let fused = beats_of(&pulse.fused);
        let [forehead, cheeks] = [true, false].map(|wanted| {
            beats_of(&fuse(&pulse.signals, |region| {
                (Region::ALL[region] == Region::Forehead) == wanted
            }))
        });
        let noise = variability::noise(&fused, [&forehead, &cheeks]);
        let level = respiration::baseline(&green(trace), GRID_HZ);
        Self {
            respiratory_rate: noise.and_then(|_| respiration::measure(&fused, level, analyzer)),
            hrv: noise.and_then(|noise| variability::measure_clean(&fused, noise)),
        }
    }
}

/// The mean green of all regions: of all channels the one with most blood and least noise.
fn green(trace: &Trace) -> Vec<f64> {
    let mut sums = vec![0.0; trace.len()];
    for region in 0..Region::ALL.len() {
        for (sum, colour) in sums.iter_mut().zip(trace.newest(region, trace.len())) {
            *sum += colour[1];
        }
    }
    sums
}
