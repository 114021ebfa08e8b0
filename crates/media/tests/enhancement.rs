//! What enhancement is for: an echo goes away, steady noise sinks, a quiet voice becomes audible.
#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use std::f32::consts::TAU;

use bedside_media::audio::enhance::{BLOCK_SAMPLES, EnhanceSettings, Enhancer};
use bedside_media::audio::gain::Level;

const SECOND: usize = 16_000;

/// White noise, the same in every run (a linear congruential generator, constants of Knuth's MMIX).
fn noise(samples: usize, peak: f32, seed: u64) -> Vec<i16> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1_u64 << 23) as f32) - 1.0
    };
    (0..samples).map(|_| (peak * next()) as i16).collect()
}

/// Something like speech: harmonics of a gliding voice in syllables of 150 ms with pauses of 100 ms.
fn voice(samples: usize, peak: f32) -> Vec<i16> {
    let mut phase = 0.0_f32;
    (0..samples)
        .map(|n| {
            let seconds = n as f32 / SECOND as f32;
            phase = (phase + TAU * (140.0 + 30.0 * (TAU * 0.7 * seconds).sin()) / SECOND as f32) % TAU;
            let harmonics: f32 = (1..=18).map(|k| (phase * k as f32).sin() / k as f32).sum();
            let syllable = (seconds * 4.0).fract() < 0.6;
            if syllable {
                (peak * 0.5 * harmonics) as i16
            } else {
                0
            }
        })
        .collect()
}

fn enhance(settings: EnhanceSettings, far: &[i16], near: &[i16]) -> Vec<i16> {
    let mut enhancer = Enhancer::new(settings);
    let mut out = Vec::with_capacity(near.len());
    let (far, near) = (
        far.as_chunks::<BLOCK_SAMPLES>().0,
        near.as_chunks::<BLOCK_SAMPLES>().0,
    );
    for (far, near) in far.iter().zip(near) {
        let mut block = *near;
        enhancer.render(far).unwrap();
        enhancer.capture(&mut block).unwrap();
        out.extend_from_slice(&block);
    }
    out
}

#[test]
fn a_delayed_echo_is_cancelled() {
    let far = voice(10 * SECOND, 12_000.0);
    let delay = SECOND * 60 / 1_000;
    let room = noise(far.len(), 8.0, 1);
    let near: Vec<i16> = (0..far.len())
        .map(|n| room[n] + n.checked_sub(delay).map_or(0, |m| far[m] / 3))
        .collect();
    let settings = EnhanceSettings {
        echo_cancellation: true,
        ..EnhanceSettings::default()
    };
    let out = enhance(settings, &far, &near);
    let settled = 3 * SECOND..;
    let (before, after) = (
        Level::of(&near[settled.clone()]).rms_dbfs,
        Level::of(&out[settled]).rms_dbfs,
    );
    println!("echo return loss enhancement: {:.1} dB", before - after);
    assert!(before - after >= 15.0, "{before} to {after} dBFS");
}

#[test]
fn without_an_echo_the_patient_is_left_alone() {
    let near = voice(6 * SECOND, 12_000.0);
    let settings = EnhanceSettings {
        echo_cancellation: true,
        ..EnhanceSettings::default()
    };
    let out = enhance(settings, &vec![0; near.len()], &near);
    let settled = SECOND..;
    let (before, after) = (
        Level::of(&near[settled.clone()]).rms_dbfs,
        Level::of(&out[settled]).rms_dbfs,
    );
    println!("voice with a silent far end: {:.1} dB", after - before);
    assert!((before - after).abs() < 3.0, "{before} to {after} dBFS");
}

#[test]
fn steady_noise_sinks_and_the_voice_stays() {
    let hum = noise(8 * SECOND, 600.0, 7);
    let settings = EnhanceSettings {
        noise_suppression: true,
        ..EnhanceSettings::default()
    };
    let out = enhance(settings, &vec![0; hum.len()], &hum);
    let settled = 2 * SECOND..;
    let sunk = Level::of(&hum[settled.clone()]).rms_dbfs - Level::of(&out[settled.clone()]).rms_dbfs;

    let speech: Vec<i16> = voice(hum.len(), 12_000.0)
        .iter()
        .zip(&hum)
        .map(|(v, h)| v + h)
        .collect();
    let out = enhance(settings, &vec![0; hum.len()], &speech);
    let voice_lost = Level::of(&speech[settled.clone()]).rms_dbfs - Level::of(&out[settled]).rms_dbfs;
    println!("noise lowered by {sunk:.1} dB, voice by {voice_lost:.1} dB");
    assert!(sunk >= 8.0, "noise lowered by {sunk} dB");
    assert!(voice_lost < 3.0, "voice lowered by {voice_lost} dB");
}

#[test]
fn a_quiet_voice_is_raised() {
    let near = voice(12 * SECOND, 1_000.0);
    let settings = EnhanceSettings {
        gain_control: true,
        ..EnhanceSettings::default()
    };
    let out = enhance(settings, &vec![0; near.len()], &near);
    let settled = 8 * SECOND..;
    let raised = Level::of(&out[settled.clone()]).rms_dbfs - Level::of(&near[settled]).rms_dbfs;
    println!("quiet voice raised by {raised:.1} dB");
    assert!(raised > 6.0, "{raised} dB");
}

#[test]
fn with_no_stage_chosen_nothing_changes_but_the_lowest_frequencies() {
    let near = voice(2 * SECOND, 9_000.0);
    let out = enhance(EnhanceSettings::default(), &vec![0; near.len()], &near);
    assert!((Level::of(&near).rms_dbfs - Level::of(&out).rms_dbfs).abs() < 1.0);
}
