//! Prints what a pulse wave tells: `wave_figures RATE_HZ < wave.csv`, a sample a line.
//!
//! The output is a line of comma-separated figures: beats, RMSSD and SDNN in milliseconds, and breaths a minute (or the
//! reason for its absence). The wave is filtered to 0.5–8 Hz first, or to what its rate can hold.

#![allow(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::io::{BufRead, stdin};

use bedside_vitals::filter::{Band, BandPass};
use bedside_vitals::spectrum::Analyzer;
use bedside_vitals::{beats, respiration, variability};

fn main() -> Result<(), Box<dyn Error>> {
    let rate_hz: f64 = std::env::args()
        .nth(1)
        .ok_or("say how many samples a second the wave has")?
        .parse()?;
    let mut wave = Vec::new();
    for line in stdin().lock().lines() {
        wave.push(line?.trim().parse::<f64>()?);
    }
    let level = respiration::baseline(&wave, rate_hz);
    BandPass::new(
        Band {
            low_hz: 0.5,
            high_hz: (0.4 * rate_hz).min(8.0),
        },
        rate_hz,
    )
    .apply(&mut wave);
    let beats = beats::detect(&wave, rate_hz);
    let hrv = variability::measure(&beats)?;
    let breath = respiration::measure(&beats, level, &mut Analyzer::new());
    let breath = breath.map_or_else(
        |reason| format!("{reason:?}"),
        |rate| format!("{:.3}", rate.per_min),
    );
    println!("{},{:.3},{:.3},{breath}", hrv.beats, hrv.rmssd_ms, hrv.sdnn_ms);
    Ok(())
}
