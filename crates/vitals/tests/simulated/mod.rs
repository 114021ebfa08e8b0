//! Colours of a simulated face whose truth is known.

#![allow(dead_code, reason = "every test uses its part")]

use std::f64::consts::TAU;

use bedside_vitals::{
    CaptureTime, Colours, Face, FaceBox, FrameSample, Reading, Scan, ScanEvent, ScanSettings,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How much of red, green and blue blood takes, green being 1 (Wang et al. 2017).
const BLOOD: [f64; 3] = [0.43, 1.0, 0.69];

/// Colour of skin in daylight, by region.
const SKIN: [[f64; 3]; 3] = [[182.0, 128.0, 104.0], [190.0, 126.0, 108.0], [168.0, 113.0, 95.0]];

/// A patient before a camera. Functions are of seconds.
pub(crate) struct Patient<'a> {
    /// Beats since the start; its fraction is the phase.
    pub(crate) beats: &'a dyn Fn(f64) -> f64,
    /// The part of green that blood takes: 0.004 is usual, 0 is a photograph.
    pub(crate) blood: f64,
    /// Factors on the light, by region and channel.
    pub(crate) light: &'a dyn Fn(f64, usize) -> [f64; 3],
    /// Deviation of the noise of a mean, of 255.
    pub(crate) noise: f64,
    /// Seed of the noise.
    pub(crate) seed: u64,
}

impl Default for Patient<'_> {
    fn default() -> Self {
        Self {
            beats: &|t| 1.2 * t,
            blood: 0.004,
            light: &|_, _| [1.0; 3],
            noise: 0.06,
            seed: 1,
        }
    }
}

impl Patient<'_> {
    /// Frames captured at `times`.
    pub(crate) fn at(&self, times: impl IntoIterator<Item = f64>) -> Vec<FrameSample> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        times
            .into_iter()
            .map(|t| {
                let angle = TAU * (self.beats)(t);
                let blood = self.blood * (angle.cos() + 0.35 * (2.0 * angle - 0.9).cos()) / 1.2;
                let colours: Colours = std::array::from_fn(|region| {
                    let light = (self.light)(t, region);
                    std::array::from_fn(|channel| {
                        let level = SKIN[region][channel] * light[channel] * (1.0 - blood * BLOOD[channel]);
                        (level + self.noise * normal(&mut rng)).clamp(0.0, 255.0) as f32
                    })
                });
                FrameSample {
                    captured: micros(t),
                    sides: SIDES,
                    face: Some(Face {
                        colours,
                        held: Some(BOX),
                        detected: None,
                    }),
                }
            })
            .collect()
    }

    /// Frames of a steady camera.
    pub(crate) fn film(&self, seconds: f64, rate_hz: f64) -> Vec<FrameSample> {
        self.at((0..(seconds * rate_hz) as u32).map(|frame| f64::from(frame) / rate_hz))
    }
}

/// Width and height of the pictures.
pub(crate) const SIDES: [u32; 2] = [640, 480];

/// Where the face is.
pub(crate) const BOX: FaceBox = FaceBox {
    x: 200.0,
    y: 120.0,
    width: 160.0,
    height: 210.0,
};

/// `seconds` on the clock of the sender, which began some time ago.
pub(crate) fn micros(seconds: f64) -> CaptureTime {
    CaptureTime::from_micros(77_000_000 + (seconds * 1e6) as u64)
}

/// A draw from the standard normal distribution (Box and Muller).
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (first, second): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - first).ln()).sqrt() * (TAU * second).cos()
}

/// Everything a scan with the usual interval tells of `frames`.
pub(crate) fn events(frames: &[FrameSample]) -> Vec<ScanEvent> {
    let mut scan = Scan::new(ScanSettings::default());
    let mut events = Vec::new();
    for frame in frames {
        scan.push(*frame);
        events.extend(std::iter::from_fn(|| scan.poll_event()));
    }
    events
}

/// The readings of `frames`.
pub(crate) fn readings(frames: &[FrameSample]) -> Vec<Reading> {
    let only = |event| {
        if let ScanEvent::Reading(reading) = event {
            Some(reading)
        } else {
            None
        }
    };
    events(frames).into_iter().filter_map(only).collect()
}

/// Heart rates given in `frames`, with the seconds since the start of the simulation.
pub(crate) fn rates(frames: &[FrameSample]) -> Vec<(f64, f64)> {
    let given = |reading: Reading| {
        reading
            .heart_rate
            .ok()
            .map(|rate| (seconds(reading.at), rate.bpm))
    };
    readings(frames).into_iter().filter_map(given).collect()
}

/// Seconds since the start of the simulation.
pub(crate) fn seconds(at: CaptureTime) -> f64 {
    at.since(micros(0.0)).as_secs_f64()
}
