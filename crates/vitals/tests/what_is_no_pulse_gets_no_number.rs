//! Whatever changes without a heart behind it is refused.

mod simulated;

use std::f64::consts::TAU;

use bedside_vitals::FrameSample;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use simulated::{Patient, normal, rates, readings};

/// At most one window in a hundred of all `films` may give a number.
fn refused(films: impl IntoIterator<Item = Vec<FrameSample>>, what: &str) {
    let (mut given, mut due) = (Vec::new(), 0);
    for film in films {
        given.extend(rates(&film));
        due += readings(&film).len();
    }
    assert!(due > 80, "{what}: {due} windows");
    assert!(given.len() * 100 <= due, "{what}: of {due}: {given:?}");
}

#[test]
fn a_photograph_and_an_empty_room() {
    let of = |noise, seed| {
        Patient {
            blood: 0.0,
            noise,
            seed,
            ..Patient::default()
        }
        .film(60.0, 30.0)
    };
    refused((0..20).map(|seed| of(0.1, seed)), "still");
    refused((0..20).map(|seed| of(2.0, seed)), "noise");
    refused([of(0.0, 0), of(1e-4, 1)], "nothing at all");
}

#[test]
fn noise_alike_in_all_regions() {
    // Flicker of each channel of its own, as cheap sensors and compression make it.
    for correlated in [0.001, 0.005] {
        let films = (0..20).map(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let draws: Vec<[f64; 3]> = (0..1_800)
                .map(|_| std::array::from_fn(|_| 1.0 + correlated * normal(&mut rng)))
                .collect();
            let light = |t: f64, _| draws[(t * 30.0).round() as usize];
            Patient {
                blood: 0.0,
                light: &light,
                seed,
                ..Patient::default()
            }
            .film(60.0, 30.0)
        });
        refused(films, "noise alike in all regions");
    }
}

#[test]
fn lamps_on_the_mains_and_their_aliases() {
    // Lamps flicker at twice the frequency of the mains; against frames near a whole part of that they beat slowly.
    for (mains, frames) in [
        (50.0, 24.0),
        (50.0, 25.35),
        (50.0, 32.9),
        (60.0, 30.4),
        (60.0, 23.7),
        (60.0, 29.68),
    ] {
        for tint in [[1.0, 1.0, 1.0], [1.0, 0.9, 0.7], [0.8, 0.9, 1.0]] {
            let films = (0..6).map(|seed| {
                let depth = [0.002, 0.01, 0.05][seed as usize % 3];
                let lamp = |t: f64, _| tint.map(|part| 1.0 + depth * part * (TAU * 2.0 * mains * t).sin());
                let patient = Patient {
                    blood: 0.0,
                    light: &lamp,
                    seed,
                    ..Patient::default()
                };
                patient.film(40.0, frames)
            });
            refused(films, &format!("{mains} Hz at {frames} frames/s, tint {tint:?}"));
        }
    }
}

#[test]
fn a_photograph_shaken_by_hand() {
    // Edges slide in and out of each region in their own way.
    for depth in [0.002, 0.006, 0.03] {
        let films = (0..6_u32).map(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
            let slide: [[f64; 6]; 3] = std::array::from_fn(|_| std::array::from_fn(|_| normal(&mut rng)));
            let shake = |t: f64, region: usize| {
                let phase = TAU * (1.1 + 0.1 * f64::from(seed)) * t + 0.4 * (TAU * 0.1 * t).sin();
                let [across, along] = [phase.sin(), (phase + 0.8).sin()];
                std::array::from_fn(|channel| {
                    1.0 + depth * (slide[region][channel] * across + slide[region][3 + channel] * along)
                })
            };
            Patient {
                blood: 0.0,
                light: &shake,
                ..Patient::default()
            }
            .film(40.0, 30.0)
        });
        refused(films, &format!("shaken, {depth}"));
    }
}

#[test]
fn a_camera_that_hunts_for_its_exposure() {
    let hunt = |t: f64, _| [1.0 + 0.06 * f64::from(u8::from((t * 0.9).fract() < 0.5)); 3];
    let films = (0..3).map(|seed| {
        Patient {
            blood: 0.0,
            light: &hunt,
            seed,
            ..Patient::default()
        }
        .film(40.0, 30.0)
    });
    refused(films, "steps of exposure");
}

#[test]
fn a_pulse_in_the_dark() {
    let dark = |_, _| [0.08; 3];
    refused(
        [Patient {
            light: &dark,
            ..Patient::default()
        }
        .film(100.0, 30.0)],
        "darkness",
    );
}
