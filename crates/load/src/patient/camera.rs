//! A patient who looks into a camera.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::figures::FigureName;
use crate::material::{Face, Material, SIDE};
use crate::scenario::Scan;
use crate::tally::Tally;
use crate::wire;

/// A camera, and what the server reads in its pictures.
#[derive(Debug)]
pub(crate) struct Camera {
    scan: Scan,
    material: Arc<Material>,
    start: Duration,
    sent: u64,
    seen: bool,
}

impl Camera {
    /// The first picture is taken at `start`.
    pub(crate) const fn new(scan: Scan, material: Arc<Material>, start: Duration) -> Self {
        Self {
            scan,
            material,
            start,
            sent: 0,
            seen: false,
        }
    }

    /// When the next picture must be sent.
    pub(crate) fn next_due(&self) -> Duration {
        self.start + Duration::from_secs_f64(self.sent as f64 / self.scan.fps)
    }

    /// The next picture.
    pub(crate) fn send(&mut self) -> Bytes {
        let taken = self.next_due();
        let pixels = self.material.face.as_ref();
        let pixels = pixels.map_or(&[][..], |face: &Face| {
            face.at(taken - self.start, self.scan.heart_bpm)
        });
        let message = wire::picture_message(self.sent, taken, [SIDE, SIDE], pixels);
        self.sent += 1;
        message
    }

    /// Passes over pictures that nobody could be shown.
    pub(crate) fn skip_to(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.start).as_secs_f64() * self.scan.fps;
        self.sent = self.sent.max(passed.ceil() as u64);
    }

    /// Takes a heart rate.
    pub(crate) fn see(&mut self, now: Duration, heart_bpm: f64, tally: &mut Tally) {
        if !self.seen {
            self.seen = true;
            let took = now.saturating_sub(self.start);
            tally.time(FigureName::HeartRateFirst, self.start, took);
        }
        let error = (heart_bpm - self.scan.heart_bpm).abs();
        tally.value(FigureName::HeartRateError, now, error);
    }

    /// Counts a rate that never came.
    pub(crate) fn end(&self, tally: &mut Tally) {
        tally.drop("heart_rates_missing", u64::from(!self.seen && self.sent > 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn pictures_are_paced_and_rates_are_compared_with_the_truth() {
        let text = "name='a'\nsessions=1\nduration_s=1\narrival={kind='burst'}\nkinds={scan=1}";
        let scenario = Scenario::parse(text).unwrap();
        let material = Arc::new(Material::prepare(&scenario, &[]).unwrap());
        let start = Duration::from_secs(2);
        let mut camera = Camera::new(scenario.scan, material, start);
        let first = camera.send();
        assert_eq!(first.len(), 16 + 72 * 72 * 3);
        assert_eq!(camera.next_due(), start + Duration::from_secs_f64(1.0 / 30.0));
        camera.skip_to(start + Duration::from_millis(990));
        assert_eq!(camera.next_due(), start + Duration::from_secs(1));
        let mut tally = Tally::default();
        camera.see(Duration::from_secs(8), 73.5, &mut tally);
        camera.see(Duration::from_secs(9), 72.0, &mut tally);
        let figures = tally.figures();
        let first = &figures[&FigureName::HeartRateFirst];
        assert_eq!(first.count, 1);
        assert!((first.max / 6_000.0 - 1.0).abs() < 0.002, "{}", first.max);
        assert!((figures[&FigureName::HeartRateError].max - 1.5).abs() < 0.01);
    }
}
