//! From numbers to places, and round numbers to write beside them.

use std::ops::Range;

/// A scale along one side of a panel.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    values: Range<f64>,
    places: Range<f32>,
}

impl Axis {
    /// `values` lie along `places`, px; either may run downwards in places.
    pub(super) fn new(values: Range<f64>, places: Range<f32>) -> Self {
        Self { values, places }
    }

    /// The place of a value; beyond the ends for a value beyond them.
    pub(super) fn place(&self, value: f64) -> f32 {
        let part = (value - self.values.start) / (self.values.end - self.values.start);
        self.places.start + (self.places.end - self.places.start) * part as f32
    }

    /// The places of both ends.
    pub(super) fn ends(&self) -> [f32; 2] {
        [self.places.start, self.places.end]
    }

    /// Round values within the axis, as near to `wanted` of them as 1, 2 and 5 times powers of ten allow.
    pub(super) fn ticks(&self, wanted: f64) -> impl Iterator<Item = f64> {
        let rough = (self.values.end - self.values.start) / wanted;
        let power = 10_f64.powf(rough.log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0].into_iter();
        let factor = factors.fold(1.0, |best: f64, factor| {
            let off = |factor: f64| (factor * power / rough).ln().abs();
            if off(factor) < off(best) { factor } else { best }
        });
        let step = factor * power;
        let first = (self.values.start / step - 1e-9).ceil() as i64;
        let last = (self.values.end / step + 1e-9).floor() as i64;
        (first..=last).map(move |index| index as f64 * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let ticks = |values: Range<f64>| Axis::new(values, 0.0..100.0).ticks(6.0).collect::<Vec<_>>();
        assert_eq!(ticks(0.0..60.0), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(ticks(57.3..84.0), [60.0, 65.0, 70.0, 75.0, 80.0]);
        assert_eq!(ticks(0.0..11.5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    }

    #[test]
    fn an_axis_may_run_upwards() {
        let axis = Axis::new(0.0..10.0, 200.0..100.0);
        for (value, place) in [(0.0, 200.0), (2.5, 175.0), (10.0, 100.0)] {
            assert!((axis.place(value) - place).abs() < 1e-3);
        }
    }
}
