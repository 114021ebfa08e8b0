//! What else the microphone hears.

use std::f32::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const RATE: f32 = 16_000.0;

/// Level of a quiet room, or of one whose noise the browser has suppressed: −72 dB of full scale.
const QUIET: f32 = 8.2;

/// A kind of noise and how loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noise {
    None,
    QuietRoom,
    Room,
    FarInARoom,
    LoudRoom,
    Hiss,
    LoudHiss,
    Hum,
    Breath,
    Knocks,
    Music,
    Voices,
}

impl Noise {
    pub(crate) const ALL: [Self; 12] = [
        Self::None,
        Self::QuietRoom,
        Self::Room,
        Self::FarInARoom,
        Self::LoudRoom,
        Self::Hiss,
        Self::LoudHiss,
        Self::Hum,
        Self::Breath,
        Self::Knocks,
        Self::Music,
        Self::Voices,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "as recorded, nothing between",
            Self::QuietRoom => "room noise at −72 dB of full scale",
            Self::Room => "room noise at 25 dB",
            Self::FarInARoom => "the same, speech at −45 dB of full scale",
            Self::LoudRoom => "room noise at 5 dB",
            Self::Hiss => "white noise at 20 dB",
            Self::LoudHiss => "white noise at 5 dB",
            Self::Hum => "hum at 10 dB, room noise at 25 dB",
            Self::Breath => "breath at 15 dB, room noise at 30 dB",
            Self::Knocks => "knocks, room noise at 25 dB",
            Self::Music => "music at 15 dB",
            Self::Voices => "another voice at 20 dB, room noise at 30 dB",
        }
    }

    /// Adds the noise to a session whose speech has a level of `speech`; `other` is somebody else's.
    pub(crate) fn add(self, session: &mut [f32], speech: f32, other: &[i16], seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let n = session.len();
        let parts: Vec<(Vec<f32>, f32)> = match self {
            Self::None => Vec::new(),
            Self::QuietRoom => vec![(room(n, &mut random), 20.0 * (speech / QUIET).log10())],
            Self::Room | Self::FarInARoom => vec![(room(n, &mut random), 25.0)],
            Self::LoudRoom => vec![(room(n, &mut random), 5.0)],
            Self::Hiss => vec![(white(n, &mut random), 20.0)],
            Self::LoudHiss => vec![(white(n, &mut random), 5.0)],
            Self::Hum => vec![(hum(n), 10.0), (room(n, &mut random), 25.0)],
            Self::Breath => vec![(breath(n, &mut random), 15.0), (room(n, &mut random), 30.0)],
            Self::Knocks => vec![(knocks(n, &mut random), 15.0), (room(n, &mut random), 25.0)],
            Self::Music => vec![(music(n, &mut random), 15.0)],
            Self::Voices => vec![(voices(n, other), 20.0), (room(n, &mut random), 30.0)],
        };
        for (noise, below) in parts {
            let squares: f32 = noise.iter().map(|x| x * x).sum();
            let level = (squares / n as f32).sqrt().max(f32::MIN_POSITIVE);
            let scale = speech * 10.0_f32.powf(-below / 20.0) / level;
            for (slot, noise) in session.iter_mut().zip(noise) {
                *slot += noise * scale;
            }
        }
    }
}

fn white(n: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    (0..n).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Ventilation: mostly below 300 Hz, with some of everything.
fn room(n: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    let mut low = 0.0;
    white(n, random)
        .into_iter()
        .map(|x| {
            low += (x - low) * 0.1;
            low + 0.05 * x
        })
        .collect()
}

/// The mains and its overtones.
fn hum(n: usize) -> Vec<f32> {
    let at = |i: usize| {
        let phase = TAU * 50.0 * i as f32 / RATE;
        (1..=6).map(|k| (phase * k as f32).sin() / k as f32).sum()
    };
    (0..n).map(at).collect()
}

/// Air through the nose, sixteen times a minute.
fn breath(n: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    let swell = |i: usize| (TAU * 0.27 * i as f32 / RATE).sin().max(0.0).powi(2);
    let mut last = 0.0;
    white(n, random)
        .into_iter()
        .enumerate()
        .map(|(i, x)| {
            last += (x - last) * 0.5;
            last * swell(i)
        })
        .collect()
}

/// A keyboard, a cup: bursts of a few milliseconds, about one a second.
fn knocks(n: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    let mut level = 0.0_f32;
    (0..n)
        .map(|_| {
            if random.random_bool(1.0 / f64::from(RATE)) {
                level = random.random_range(0.2..1.0);
            }
            level *= 0.995;
            level * random.random_range(-1.0..1.0)
        })
        .collect()
}

/// Chords of three notes that fade, two a second.
fn music(n: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    let length = RATE as usize / 2;
    let mut notes = [220.0_f32; 3];
    (0..n)
        .map(|i| {
            if i.is_multiple_of(length) {
                notes = [0, 4, 7]
                    .map(|step| 220.0 * 2.0_f32.powf((step + random.random_range(0..12)) as f32 / 12.0));
            }
            let time = (i % length) as f32 / RATE;
            let tones: f32 = notes.iter().map(|hertz| (TAU * hertz * time).sin()).sum();
            tones * (-3.0 * time).exp()
        })
        .collect()
}

/// Somebody else in the room, all the time.
fn voices(n: usize, other: &[i16]) -> Vec<f32> {
    other.iter().cycle().take(n).map(|s| f32::from(*s)).collect()
}
