//! The search finds what a server holds, in few runs, also if single runs cannot be trusted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first thing that is not there"
)]

use bedside_load::capacity::search::{Bounds, Ended, Found, Next, Outcome, Search};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Lets `server` answer a search, and returns what was found and how many runs with which number it took.
fn search(bounds: Bounds, mut server: impl FnMut(u64) -> Outcome) -> (Found, Vec<(u64, Outcome)>) {
    let mut search = Search::new(bounds);
    let mut runs = Vec::new();
    loop {
        match search.next() {
            Next::Try(sessions) => {
                assert!((1..=bounds.most).contains(&sessions), "{sessions} tried");
                let outcome = server(sessions);
                search.judged(sessions, outcome);
                runs.push((sessions, outcome));
                assert!(runs.len() <= bounds.trials as usize, "more runs than allowed");
            }
            Next::Done(found) => return (found, runs),
        }
    }
}

fn exact(capacity: u64) -> impl Fn(u64) -> Outcome {
    move |sessions| {
        if sessions <= capacity {
            Outcome::Kept
        } else {
            Outcome::Broken
        }
    }
}

/// A server that is full somewhere near `capacity`: the chance to break rises from 0 to 1 within `blur` of it. Anywhere,
/// a run breaks with the chance `hiccup` for reasons of its own.
fn noisy(capacity: u64, blur: f64, hiccup: f64, seed: u64) -> impl FnMut(u64) -> Outcome {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    move |sessions| {
        let distance = (sessions as f64 - capacity as f64) / capacity as f64;
        let full = (0.5 + distance / (2.0 * blur)).clamp(0.0, 1.0);
        let breaks = full + (1.0 - full) * hiccup;
        if rng.random::<f64>() < breaks {
            Outcome::Broken
        } else {
            Outcome::Kept
        }
    }
}

fn count(runs: &[(u64, Outcome)], run: (u64, Outcome)) -> usize {
    runs.iter().filter(|&&it| it == run).count()
}

proptest! {
    #[test]
    fn of_an_exact_server_it_is_found_to_the_resolution(
        capacity in 0_u64..9_000,
        first in 1_u64..500,
        resolution in 0.0..0.2_f64,
    ) {
        let bounds = Bounds { first, most: 10_000, resolution, trials: 60 };
        let (found, runs) = search(bounds, exact(capacity));
        let broken = found.broken.unwrap();
        prop_assert_eq!(found.ended, Ended::Resolved);
        prop_assert!(found.confirmed);
        prop_assert!(found.sessions <= capacity && capacity < broken);
        let gap = (broken - found.sessions) as f64;
        prop_assert!(gap <= (broken as f64 * resolution).max(1.0), "{} to {broken}", found.sessions);
        prop_assert_eq!(count(&runs, (broken, Outcome::Broken)), 2);
        prop_assert_eq!(count(&runs, (found.sessions, Outcome::Kept)), if found.sessions == 0 { 0 } else { 2 });
    }

    #[test]
    fn no_answer_rests_on_a_single_run(
        capacity in 1_u64..2_000,
        blur in 0.01..0.5_f64,
        hiccup in 0.0..0.4_f64,
        trials in 0_u32..40,
        seed: u64,
    ) {
        let bounds = Bounds { trials, ..Bounds::default() };
        let (found, runs) = search(bounds, noisy(capacity, blur, hiccup, seed));
        if found.confirmed && found.sessions > 0 {
            prop_assert!(count(&runs, (found.sessions, Outcome::Kept)) >= 2);
        }
        if let Some(broken) = found.broken {
            prop_assert!(found.sessions < broken);
            prop_assert!(count(&runs, (broken, Outcome::Broken)) >= 2);
        }
        if found.ended == Ended::Resolved {
            prop_assert!(found.confirmed && found.broken.is_some());
        }
    }

    #[test]
    fn a_generator_at_its_end_is_no_capacity(
        capacity in 1_u64..5_000,
        generator in 1_u64..5_000,
        most in 1_u64..5_000,
    ) {
        let bounds = Bounds { most, trials: 60, ..Bounds::default() };
        let server = exact(capacity);
        let (found, _) = search(bounds, |sessions| {
            if sessions > generator { Outcome::Invalid } else { server(sessions) }
        });
        prop_assert!(found.sessions <= capacity.min(generator).min(most));
        match found.ended {
            Ended::GeneratorLimited { at } => prop_assert!(generator < at && found.broken.is_none_or(|it| it > at)),
            Ended::Resolved => prop_assert!(capacity < generator),
            Ended::MostTried => prop_assert_eq!(found.sessions, most),
            Ended::TrialsSpent => prop_assert!(false, "60 runs were not enough"),
        }
    }
}

#[test]
fn noise_does_not_decide() {
    let mut off = 0;
    let mut most_runs = 0;
    for seed in 0..1_000 {
        let capacity = 5 + seed * 3;
        let bounds = Bounds::default();
        let (found, runs) = search(bounds, noisy(capacity, 0.05, 0.05, seed));
        most_runs = most_runs.max(runs.len());
        let error = found.sessions.abs_diff(capacity);
        if error as f64 > (0.1 * capacity as f64).max(1.0) {
            off += 1;
        }
    }
    assert!(off <= 50, "{off} of 1000 answers were off by more than a tenth");
    assert!(most_runs < 40, "{most_runs} runs");
}

#[test]
fn one_bad_run_costs_two_more_and_changes_nothing() {
    let (expected, straight) = search(Bounds::default(), exact(700));
    for bad in 0..straight.len() {
        for outcome in [Outcome::Broken, Outcome::Invalid] {
            let mut run = 0;
            let (found, runs) = search(Bounds::default(), |sessions| {
                run += 1;
                if run == bad + 1 {
                    outcome
                } else {
                    exact(700)(sessions)
                }
            });
            assert_eq!(found, expected, "run {bad} was {outcome:?}");
            assert!(runs.len() <= straight.len() + 2);
        }
    }
}
