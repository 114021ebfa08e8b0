//! When frames are taken, and which of them arrive.

use crate::chance::Chance;
use crate::scene::Camera;

/// The times, s, of the frames that arrive; they rise.
pub(crate) fn times(camera: &Camera, seconds: f64, chance: &mut Chance) -> Vec<f64> {
    let mut times: Vec<f64> = Vec::new();
    let mut index = 0_u32;
    loop {
        let due = f64::from(index) / camera.fps;
        if due >= seconds {
            return times;
        }
        // Both are drawn for every frame, so that one disturbance does not change the other.
        let early = chance.within(-1.0..1.0) * camera.jitter_s;
        let lost = chance.within(0.0..1.0) < camera.loss;
        let in_gap = camera.gap.as_ref().is_some_and(|gap| gap.contains(&due));
        let earliest = times.last().map_or(0.0, |last| last + 0.001);
        if !lost && !in_gap {
            times.push((due + early).max(earliest));
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Stream;

    fn taken(camera: &Camera) -> Vec<f64> {
        times(camera, 60.0, &mut Chance::new(2, Stream::Timing))
    }

    #[test]
    fn a_good_camera_takes_them_evenly() {
        let times = taken(&Camera::default());
        assert_eq!(times.len(), 1_800);
        assert!(
            times
                .windows(2)
                .all(|pair| (pair[1] - pair[0] - 1.0 / 30.0).abs() < 1e-9)
        );
    }

    #[test]
    fn a_bad_one_loses_some_and_is_late_but_never_goes_back() {
        let times = taken(&Camera {
            jitter_s: 0.04,
            loss: 0.5,
            gap: Some(20.0..21.5),
            ..Camera::default()
        });
        assert!((800..960).contains(&times.len()), "{}", times.len());
        assert!(times.windows(2).all(|pair| pair[1] > pair[0]));
        assert!(!times.iter().any(|t| (20.05..21.4).contains(t)));
    }
}
