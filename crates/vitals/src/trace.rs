//! Colour over time on a uniform grid, made from frames that come when they come.
//!
//! Capture times decide where a sample lies; no frame rate is ever assumed. Between two frames colour is taken to
//! change linearly: splines overshoot across missing frames. Beyond [`MAX_GAP`] nothing is known, and the trace begins
//! anew.

use std::collections::VecDeque;
use std::time::Duration;

use crate::region::FaceBox;
use crate::sample::{CaptureTime, Colours, Face};

/// Samples a second of the grid.
pub const GRID_HZ: f64 = 30.0;

/// The longest stretch without a frame that is bridged.
pub const MAX_GAP: Duration = Duration::from_secs(2);

/// Samples kept: a minute, the longest window anything is computed from.
pub const CAPACITY: usize = (60.0 * GRID_HZ) as usize;

/// By how much the level of a region may change when its box moves; beyond that it is not the same skin in the same light.
const MAX_GAIN: f32 = 2.0;

/// The newest minute of colour since the last gap, sampled at [`GRID_HZ`].
#[derive(Debug, Clone, Default)]
pub struct Trace {
    samples: VecDeque<Colours>,
    /// Where the grid begins, and how many of its points were passed since.
    origin: CaptureTime,
    passed: u64,
    last: Option<(CaptureTime, Colours)>,
    held: Option<FaceBox>,
    gain: [[f32; 3]; 3],
    /// The view changed since the last frame.
    turned: bool,
}

impl Trace {
    /// Takes the colours of a frame. A frame not later than the one before it is ignored.
    ///
    /// When the held box has moved, colours are scaled so that they go on where they were: the pulse is relative to the
    /// level, and a step would hide it. If the box leapt to another place altogether, or the level does not fit, this is
    /// another face or another light, and the trace begins anew.
    pub fn push(&mut self, captured: CaptureTime, face: &Face) {
        let Some((before, from)) = self.last else {
            return self.begin(captured, face);
        };
        if captured <= before {
            return;
        }
        if captured.since(before) > MAX_GAP {
            return self.begin(captured, face);
        }
        if face.held != self.held || self.turned {
            let gain = zip(&from, &face.colours, |old, new| old.max(1.0) / new.max(1.0));
            let fits = gain
                .iter()
                .flatten()
                .all(|gain| (1.0 / MAX_GAIN..=MAX_GAIN).contains(gain));
            let comparable = !self.turned;
            if !fits || (comparable && !overlap(self.held, face.held)) {
                return self.begin(captured, face);
            }
            self.gain = gain;
            self.held = face.held;
            self.turned = false;
        }
        let to = zip(&face.colours, &self.gain, |colour, gain| colour * gain);
        let span = captured.since(before).as_micros() as f64;
        loop {
            let since_origin = micros(self.passed);
            let offset = since_origin - before.since(self.origin).as_micros() as f64;
            if offset > span {
                break;
            }
            let weight = (offset / span) as f32;
            self.keep(zip(&from, &to, |old, new| old + (new - old) * weight));
        }
        self.last = Some((captured, to));
    }

    /// What follows shows the same face in another view. Its colours go on where they were, as when the box moves, but
    /// where the box is tells nothing.
    pub fn change_view(&mut self) {
        self.turned = true;
    }

    /// Grid samples kept.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Grid samples made since the trace began, those no longer kept included.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// When the grid sample lies that `before` others were made before.
    pub fn at(&self, before: u64) -> CaptureTime {
        self.origin
            .after(Duration::from_micros(micros(before).round() as u64))
    }

    /// The time that the samples kept stand for.
    pub fn span(&self) -> Duration {
        Duration::from_secs_f64(self.samples.len() as f64 / GRID_HZ)
    }

    /// The newest `count` samples of one region, oldest first.
    pub fn newest(&self, region: usize, count: usize) -> impl Iterator<Item = [f64; 3]> + '_ {
        let skip = self.samples.len().saturating_sub(count);
        self.samples
            .range(skip..)
            .map(move |colours| colours[region].map(f64::from))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.samples.clear();
        self.last = None;
        self.passed = 0;
    }

    fn begin(&mut self, captured: CaptureTime, face: &Face) {
        self.clear();
        self.origin = captured;
        self.held = face.held;
        self.gain = [[1.0; 3]; 3];
        self.turned = false;
        self.last = Some((captured, face.colours));
        self.keep(face.colours);
    }

    fn keep(&mut self, colours: Colours) {
        if self.samples.len() == CAPACITY {
            self.samples.pop_front();
        }
        self.samples.push_back(colours);
        self.passed += 1;
    }
}

/// How long `samples` of the grid last; exact where they fill whole seconds.
fn micros(samples: u64) -> f64 {
    samples as f64 * 1e6 / GRID_HZ
}

/// Whether two boxes share some area, as far as they are known.
fn overlap(left: Option<FaceBox>, right: Option<FaceBox>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            let ((left_x, left_y), (right_x, right_y)) = (left.centre(), right.centre());
            2.0 * (left_x - right_x).abs() < left.width + right.width
                && 2.0 * (left_y - right_y).abs() < left.height + right.height
        }
        _ => true,
    }
}

fn zip(left: &Colours, right: &Colours, with: impl Fn(f32, f32) -> f32) -> Colours {
    std::array::from_fn(|region| {
        std::array::from_fn(|channel| with(left[region][channel], right[region][channel]))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> CaptureTime {
        CaptureTime::from_micros(millis * 1_000)
    }

    fn face(level: f32) -> Face {
        Face {
            colours: [[level; 3]; 3],
            held: None,
            detected: None,
        }
    }

    #[test]
    fn colour_changes_linearly_between_frames() {
        let mut trace = Trace::default();
        trace.push(at(0), &face(100.0));
        trace.push(at(200), &face(106.0));
        assert_eq!(trace.len(), 7);
        let levels: Vec<f64> = trace.newest(0, 7).map(|colour| colour[1]).collect();
        for (index, level) in levels.iter().enumerate() {
            assert!((level - (100.0 + index as f64)).abs() < 1e-4, "{levels:?}");
        }
    }

    #[test]
    fn a_gap_of_two_seconds_is_bridged_and_a_longer_one_is_not() {
        let mut trace = Trace::default();
        trace.push(at(0), &face(100.0));
        trace.push(at(2_000), &face(101.0));
        assert_eq!(trace.len(), 61);
        trace.push(at(4_001), &face(102.0));
        assert_eq!((trace.len(), trace.at(0)), (1, at(4_001)));
    }

    #[test]
    fn a_frame_out_of_order_is_ignored() {
        let mut trace = Trace::default();
        trace.push(at(100), &face(100.0));
        trace.push(at(100), &face(50.0));
        trace.push(at(40), &face(50.0));
        assert_eq!(trace.len(), 1);
    }

    #[test]
    fn a_box_that_moves_makes_no_step() {
        let mut trace = Trace::default();
        let held = |x| {
            Some(FaceBox {
                x,
                y: 0.0,
                width: 80.0,
                height: 100.0,
            })
        };
        for frame in 0..30_u64 {
            let (level, held) = if frame < 15 {
                (100.0, held(0.0))
            } else {
                (140.0, held(20.0))
            };
            trace.push(at(frame * 40), &Face { held, ..face(level) });
        }
        assert!(
            trace
                .newest(2, 999)
                .all(|colour| (colour[0] - 100.0).abs() < 1e-3)
        );
    }

    #[test]
    fn another_face_and_another_light_begin_anew() {
        let held = |x| {
            Some(FaceBox {
                x,
                y: 0.0,
                width: 80.0,
                height: 100.0,
            })
        };
        for (level, x) in [(100.0, 90.0), (210.0, 20.0), (40.0, 20.0)] {
            let mut trace = Trace::default();
            trace.push(
                at(0),
                &Face {
                    held: held(0.0),
                    ..face(100.0)
                },
            );
            trace.push(
                at(100),
                &Face {
                    held: held(0.0),
                    ..face(100.0)
                },
            );
            trace.push(
                at(200),
                &Face {
                    held: held(x),
                    ..face(level)
                },
            );
            assert_eq!(trace.len(), 1, "{level} {x}");
        }
    }

    proptest! {
        #[test]
        fn the_grid_spans_the_frames_whatever_their_times(gaps in prop::collection::vec(1_u64..2_000_000, 1..80)) {
            let mut trace = Trace::default();
            let mut now = 7_u64;
            trace.push(CaptureTime::from_micros(now), &face(1.0));
            for gap in gaps {
                now += gap;
                trace.push(CaptureTime::from_micros(now), &face(1.0));
                let behind = CaptureTime::from_micros(now).since(trace.at(trace.passed() - 1)).as_micros();
                prop_assert!(behind < 33_335 && trace.len() <= CAPACITY);
                prop_assert!(trace.newest(1, 9_999).all(|colour| (colour[2] - 1.0).abs() < 1e-5));
            }
        }
    }
}
