//! Invariant 8: the same seed gives the same outputs at the same times, however often the core is woken.

use std::time::Duration;

use bedside_sim::{Scenario, Watch, World};

#[test]
fn a_seed_replays_bit_for_bit() {
    for seed in 0..60 {
        let scenario = Scenario::consultation(seed);
        let play = |watch| World::play(&scenario, watch).hash;
        assert_eq!(play(Watch::default()), play(Watch::default()), "seed {seed}");
    }
}

#[test]
fn seeds_differ() {
    let hash = |seed| World::play(&Scenario::consultation(seed), Watch::default()).hash;
    assert_ne!(hash(1), hash(2));
}

#[test]
fn waking_the_core_more_often_changes_nothing() {
    for seed in 0..60 {
        let scenario = Scenario::consultation(seed);
        let rarely = World::play(&scenario, Watch::default());
        for every in [1_000, 7_300] {
            let watch = Watch {
                extra_ticks: Some(Duration::from_micros(every)),
                ..Watch::default()
            };
            let often = World::play(&scenario, watch);
            assert_eq!(rarely.hash, often.hash, "seed {seed}, woken every {every} µs");
        }
    }
}
