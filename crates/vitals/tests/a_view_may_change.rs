//! A camera whose picture is cut to the face in the middle of a scan goes on being read, and nobody is told to hold still
//! for it.

mod simulated;

use bedside_vitals::scan::Progress;
use bedside_vitals::{Face, FaceBox, FrameSample, Guidance, ScanEvent};
use simulated::{BOX, Patient, SIDES, events, rates, seconds};

/// Where the face is in a cut.
const IN_CUT: FaceBox = FaceBox {
    x: 21.0,
    y: 10.0,
    width: 31.0,
    height: 53.0,
};

/// The frames in view of `cut`, a number of times, where it says so of a frame's time; 0 is the whole picture. Each view
/// has the face elsewhere, and its skin at another level.
fn seen(frames: Vec<FrameSample>, cut: impl Fn(f64) -> u32) -> Vec<FrameSample> {
    let place = |frame: FrameSample| {
        let number = cut(seconds(frame.captured));
        let (sides, bounds) = if number == 0 {
            (SIDES, BOX)
        } else {
            let side = 72 + 4 * (number % 2);
            let x = IN_CUT.x + 6.0 * (number % 3) as f32;
            ([side, side], FaceBox { x, ..IN_CUT })
        };
        let gain = 1.0 + 0.07 * (number % 4) as f32;
        let colours = |face: Face| face.colours.map(|region| region.map(|channel| channel * gain));
        FrameSample {
            sides,
            face: frame.face.map(|face| Face {
                colours: colours(face),
                held: Some(bounds),
                detected: Some(bounds),
            }),
            ..frame
        }
    };
    frames.into_iter().map(place).collect()
}

fn progress(frames: &[FrameSample]) -> Vec<Progress> {
    let only = |event| match event {
        ScanEvent::Progress(progress) => Some(progress),
        _ => None,
    };
    events(frames).into_iter().filter_map(only).collect()
}

#[test]
fn the_first_rate_comes_as_soon_as_without_and_all_are_right() {
    for (switch, every) in [(1.2, 1e9), (2.4, 1e9), (3.1, 4.0), (2.0, 1.3)] {
        let cut = |t: f64| {
            if t < switch {
                0
            } else {
                1 + ((t - switch) / every) as u32
            }
        };
        let rates = rates(&seen(Patient::default().film(30.0, 30.0), cut));
        assert!(rates[0].0 < 6.1, "{switch} {every}: {rates:?}");
        assert_eq!(rates.len(), 24, "{switch} {every}: {rates:?}");
        assert!(
            rates.iter().all(|(_, bpm)| (bpm - 72.0).abs() < 1.5),
            "{switch} {every}: {rates:?}"
        );
    }
}

#[test]
fn a_change_of_view_is_no_motion() {
    let frames = seen(Patient::default().film(20.0, 30.0), |t| (t / 1.3) as u32);
    for progress in progress(&frames) {
        assert_eq!(progress.guidance, Guidance::Ok, "{progress:?}");
        let bounds = progress.face.and_then(|face| face.bounds);
        assert!(
            bounds.is_some_and(|bounds| bounds == BOX || bounds.width == IN_CUT.width),
            "{bounds:?}"
        );
    }
}

#[test]
fn a_face_that_was_not_found_since_has_no_place_and_is_then_lost() {
    let mut frames = seen(Patient::default().film(20.0, 30.0), |t| u32::from(t >= 9.7));
    for frame in &mut frames[291..] {
        frame.face = None;
    }
    let told = progress(&frames);
    let after: Vec<_> = told
        .iter()
        .filter(|progress| seconds(progress.at) > 9.7)
        .collect();
    let face = after[0].face.expect("it was there a third of a second before");
    assert_eq!((face.bounds, after[0].guidance), (None, Guidance::Ok));
    assert!(
        after[1].face.is_none() && seconds(after[1].at) < 10.6,
        "{after:?}"
    );
}

#[test]
fn a_photograph_that_is_cut_gets_no_rate() {
    for seed in 0..5 {
        let photograph = Patient {
            blood: 0.0,
            seed,
            ..Patient::default()
        };
        let frames = seen(photograph.film(40.0, 30.0), |t| (t / 2.0) as u32);
        assert_eq!(rates(&frames), [], "{seed}");
    }
}
