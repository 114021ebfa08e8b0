//! Whatever a client sends: nothing panics, grows, or is not a number.

mod simulated;

use std::time::Duration;

use bedside_vitals::{CaptureTime, Face, FaceBox, FrameSample, Scan, ScanEvent, ScanSettings};
use proptest::prelude::*;
use simulated::Patient;

fn any_colour() -> impl Strategy<Value = f32> {
    prop_oneof![8 => 0.0_f32..=255.0, 1 => Just(0.0), 1 => Just(255.0)]
}

fn any_box() -> impl Strategy<Value = Option<FaceBox>> {
    prop::option::of(
        (any::<f32>(), any::<f32>(), any::<f32>(), any::<f32>()).prop_map(|(x, y, width, height)| FaceBox {
            x,
            y,
            width,
            height,
        }),
    )
}

fn any_face() -> impl Strategy<Value = Option<Face>> {
    let colours = prop::array::uniform3(prop::array::uniform3(any_colour()));
    let face = (
        colours,
        prop::option::weighted(0.02, any_box()),
        prop::option::weighted(0.1, any_box()),
    )
        .prop_map(|(colours, held, detected)| Face {
            colours,
            held: held.flatten(),
            detected: detected.flatten(),
        });
    prop::option::weighted(0.97, face)
}

fn sound(event: &ScanEvent) -> bool {
    match event {
        ScanEvent::Waveform(wave) => {
            !wave.samples.is_empty() && wave.samples.iter().all(|value| value.is_finite())
        }
        ScanEvent::Reading(reading) => {
            reading.heart_rate.is_ok() || (reading.hrv.is_err() && reading.respiratory_rate.is_err())
        }
        ScanEvent::Progress(progress) => progress
            .face
            .is_none_or(|face| (0.0..=1.0).contains(&face.motion) && (0.0..=1.0).contains(&face.brightness)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn frames_of_any_time_and_colour(
        frames in prop::collection::vec((0_u64..90_000, any_face(), prop::bool::weighted(0.05)), 1..900),
        leaps in prop::collection::vec((0_usize..900, any::<u64>()), 0..3),
        interval in 0_u64..11_000,
    ) {
        let mut scan = Scan::new(ScanSettings { interval: Duration::from_millis(interval) });
        let mut now = 0_u64;
        for (index, (gap, face, cut)) in frames.into_iter().enumerate() {
            now = now.saturating_add(gap);
            if let Some((_, leap)) = leaps.iter().find(|(at, _)| *at == index) {
                now = *leap;
            }
            let sides = if cut { [72, 72] } else { [640, 480] };
            scan.push(FrameSample { captured: CaptureTime::from_micros(now), sides, face });
            while let Some(event) = scan.poll_event() {
                prop_assert!(sound(&event), "{event:?}");
            }
        }
        prop_assert!((0.0..=1.0).contains(&scan.summary().coverage));
    }
}

#[test]
fn colours_that_are_not_numbers_are_no_face() {
    let mut frames = Patient::default().film(20.0, 30.0);
    for frame in frames.iter_mut().step_by(7) {
        frame.face = frame.face.map(|face| Face {
            colours: [[f32::NAN; 3]; 3],
            ..face
        });
    }
    assert!(simulated::rates(&frames).len() >= 13);
}

#[test]
fn frames_out_of_order_are_dropped() {
    let mut frames = Patient::default().film(20.0, 30.0);
    for index in (5..frames.len()).step_by(5) {
        frames.swap(index - 1, index);
    }
    assert!(simulated::rates(&frames).len() >= 13);
    let mut scan = Scan::new(ScanSettings::default());
    for frame in &frames {
        scan.push(*frame);
    }
    assert_eq!(scan.summary().frames, 600 - 119);
}

#[test]
fn events_nobody_asks_for_do_not_pile_up() {
    let mut scan = Scan::new(ScanSettings {
        interval: Duration::from_millis(100),
    });
    for frame in Patient::default().film(30.0, 30.0) {
        scan.push(frame);
    }
    let left = std::iter::from_fn(|| scan.poll_event()).count();
    assert!(left <= 16, "{left}");
}

#[test]
fn a_leap_of_the_clock_is_followed_by_one_report_an_interval() {
    for leap in [5_500_000, u64::from(u32::MAX) * 1_000_000, u64::MAX / 2] {
        let mut frames = Patient::default().film(20.0, 30.0);
        for frame in &mut frames[150..] {
            frame.captured = frame.captured.after(Duration::from_micros(leap));
        }
        let leapt = frames[150].captured;
        let told: Vec<CaptureTime> = simulated::events(&frames)
            .iter()
            .filter_map(|event| match event {
                ScanEvent::Progress(progress) if progress.at >= leapt => Some(progress.at),
                _ => None,
            })
            .collect();
        assert_eq!(told.first(), Some(&leapt), "{leap}");
        assert!((15..=16).contains(&told.len()), "{leap}: {} reports", told.len());
        for pair in told[1..].windows(2) {
            let apart = pair[1].since(pair[0]).as_secs_f64();
            assert!((apart - 1.0).abs() < 0.04, "{leap}: {apart}");
        }
    }
}
