//! What the resampler does to sound, measured on every pair of rates: gain, images, aliases, delay, tail.
#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use std::f64::consts::TAU;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;

/// Peak of the test tones: −0.9 dBFS.
const PEAK: f64 = 29_500.0;

fn pairs() -> impl Iterator<Item = (SampleRate, SampleRate)> {
    let all = SampleRate::ALL;
    all.into_iter()
        .flat_map(move |from| all.into_iter().map(move |to| (from, to)))
        .filter(|(a, b)| a != b)
}

fn tone(hertz: f64, rate: SampleRate, samples: usize) -> Vec<i16> {
    let step = TAU * hertz / f64::from(rate.hz());
    (0..samples)
        .map(|n| (PEAK * (step * n as f64).sin()).round() as i16)
        .collect()
}

fn convert(from: SampleRate, to: SampleRate, input: &[i16]) -> Vec<i16> {
    let mut resampler = Resampler::new(from, to).unwrap();
    let mut output = Vec::new();
    resampler.process(input, &mut output).unwrap();
    resampler.finish(&mut output).unwrap();
    output
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// The part of a recording untouched by its sudden start and end.
fn middle(output: &[i16], rate: SampleRate) -> (usize, &[i16]) {
    let edge = rate.hz() as usize / 50;
    (edge, &output[edge..output.len() - edge])
}

struct Heard {
    gain_db: f64,
    late_us: f64,
    residue_db: f64,
}

/// Fits a sine of known frequency by least squares; the residue is everything else there is.
fn listen(output: &[i16], hertz: f64, rate: SampleRate) -> Heard {
    let (start, signal) = middle(output, rate);
    let step = TAU * hertz / f64::from(rate.hz());
    let basis = |n: usize| (step * (start + n) as f64).sin_cos();
    let (mut ss, mut sc, mut cc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, sample) in signal.iter().enumerate() {
        let ((s, c), y) = (basis(n), f64::from(*sample));
        (ss, sc, cc, ys, yc) = (ss + s * s, sc + s * c, cc + c * c, ys + y * s, yc + y * c);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = (
        (ys * cc - yc * sc) / determinant,
        (yc * ss - ys * sc) / determinant,
    );
    let residue: f64 = signal
        .iter()
        .enumerate()
        .map(|(n, sample)| {
            let (s, c) = basis(n);
            (f64::from(*sample) - a * s - b * c).powi(2)
        })
        .sum();
    Heard {
        gain_db: decibels(a.hypot(b) / PEAK),
        late_us: -b.atan2(a) / (TAU * hertz) * 1e6,
        residue_db: decibels((residue / signal.len() as f64).sqrt() / (PEAK / 2_f64.sqrt())),
    }
}

#[test]
fn speech_passes_flat_in_time_and_without_images() {
    for (from, to) in pairs() {
        let slower = f64::from(from.hz().min(to.hz()));
        let top = if slower < 16_000.0 { 3_400.0 } else { 7_000.0 };
        let (mut least, mut most, mut worst_late, mut worst_residue) =
            (0.0_f64, 0.0_f64, 0.0_f64, -200.0_f64);
        for step in 0..=34 {
            let hertz = 100.0 + (top - 100.0) * f64::from(step) / 34.0;
            let heard = listen(
                &convert(from, to, &tone(hertz, from, from.hz() as usize / 4)),
                hertz,
                to,
            );
            (least, most) = (least.min(heard.gain_db), most.max(heard.gain_db));
            worst_late = worst_late.max(heard.late_us.abs());
            worst_residue = worst_residue.max(heard.residue_db);
        }
        println!(
            "{from} to {to}: {least:.3} to {most:.3} dB up to {top} Hz, {worst_late:.2} us off, residue {worst_residue:.1} dB"
        );
        assert!(least > -1.0 && most < 1.0, "{from} to {to}: {least} to {most} dB");
        assert!(worst_late < 1.0, "{from} to {to}: {worst_late} us");
        assert!(worst_residue < -80.0, "{from} to {to}: {worst_residue} dB");
    }
}

#[test]
fn nothing_above_the_new_band_folds_back() {
    for (from, to) in pairs().filter(|(from, to)| from > to) {
        let (low, high) = (f64::from(to.hz()) / 2.0, f64::from(from.hz()) / 2.0);
        let mut worst = -200.0_f64;
        for step in 0..60 {
            // Dense at the edge of the band, where the filter has had least room to fall.
            let hertz = low + (high - low) * (f64::from(step) / 60.0).powi(2);
            let output = convert(from, to, &tone(hertz, from, from.hz() as usize / 4));
            let (_, signal) = middle(&output, to);
            let power = signal.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / signal.len() as f64;
            worst = worst.max(decibels(power.sqrt() / (PEAK / 2_f64.sqrt())));
        }
        println!("{from} to {to}: aliases {worst:.1} dB");
        assert!(worst < -80.0, "{from} to {to}: {worst} dB");
    }
}

#[test]
fn an_impulse_comes_out_at_its_own_time_within_ten_milliseconds() {
    for (from, to) in pairs() {
        let mut resampler = Resampler::new(from, to).unwrap();
        let at = from.hz() as usize / 10 + 7;
        let mut output: Vec<i16> = Vec::new();
        let mut most_held = 0.0_f64;
        for n in 0..from.hz() as usize / 4 {
            let sample = if n == at { i16::MAX } else { 0 };
            resampler.process(&[sample], &mut output).unwrap();
            let (taken, given) = ((n + 1) as f64, output.len() as f64);
            most_held = most_held.max(taken / f64::from(from.hz()) - given / f64::from(to.hz()));
        }
        let peak = (0..output.len())
            .max_by_key(|n| output[*n].unsigned_abs())
            .unwrap();
        let expected = (at as f64 * f64::from(to.hz()) / f64::from(from.hz())).round() as usize;
        println!("{from} to {to}: held back at most {:.2} ms", most_held * 1e3);
        assert_eq!(peak, expected, "{from} to {to}");
        assert!(most_held <= 0.010, "{from} to {to}: {most_held} s");
    }
}

#[test]
fn the_tail_is_brought_out_and_the_length_is_exact() {
    for (from, to) in pairs() {
        for samples in [1, 17, from.hz() as usize / 50, from.hz() as usize / 10 + 3] {
            let output = convert(from, to, &tone(1_000.0, from, samples));
            let exact = samples as f64 * f64::from(to.hz()) / f64::from(from.hz());
            assert!(
                (output.len() as f64 - exact).abs() <= 0.5 + 1e-9,
                "{from} to {to}: {samples}"
            );
        }
        let output = convert(from, to, &tone(1_000.0, from, from.hz() as usize / 10));
        let loudest = output[output.len() - to.hz() as usize / 500..]
            .iter()
            .map(|s| s.unsigned_abs())
            .max();
        assert!(
            f64::from(loudest.unwrap()) > PEAK * 0.9,
            "{from} to {to}: the last 2 ms are gone"
        );
    }
}

#[test]
fn chunking_and_reset_change_nothing() {
    for (from, to) in pairs() {
        let input = tone(440.0, from, 5_000);
        let whole = convert(from, to, &input);
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut output: Vec<i16> = Vec::new();
        resampler.process(&input[..777], &mut output).unwrap();
        resampler.reset().unwrap();
        for _ in 0..2 {
            output.clear();
            for (index, chunk) in input.chunks(1_234).enumerate() {
                let (head, rest) = chunk.split_at(index * 7 % chunk.len());
                resampler.process(head, &mut output).unwrap();
                resampler.process(rest, &mut output).unwrap();
            }
            resampler.finish(&mut output).unwrap();
            assert_eq!(output, whole, "{from} to {to}");
        }
    }
}
