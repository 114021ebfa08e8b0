//! How loud a window is, in three bands that take nothing but additions to tell apart.

use super::WINDOW;

pub(super) const BANDS: usize = 3;

/// Loudness in each band: all of it, mostly above 2 kHz, mostly around 2 and 6 kHz; dB above [`NOTHING`].
pub(super) type Levels = [f32; BANDS];

/// Distances between the samples whose differences make the second and third band. Both are deaf to offset, hum and
/// rumble; the third hears voices best.
const DISTANCES: [usize; BANDS - 1] = [1, 4];

/// Mean square below which nothing can be heard: −80 dB of full scale.
const NOTHING: f32 = 10.0;

const LANES: usize = 8;

pub(super) fn levels(window: &[i16; WINDOW]) -> Levels {
    let samples = window.map(f32::from);
    let mean = sum(&samples, &[0.0; WINDOW], |a, _| a) / WINDOW as f32;
    let [near, far] = DISTANCES.map(|distance| {
        let (earlier, later) = (&samples[..WINDOW - distance], &samples[distance..]);
        sum(earlier, later, |a, b| (b - a) * (b - a)) / earlier.len() as f32
    });
    let all = sum(&samples, &[mean; WINDOW], |a, b| (a - b) * (a - b)) / WINDOW as f32;
    [all, near, far].map(|square| 10.0 * (1.0 + square / NOTHING).log10())
}

/// Sum over pairs, in lanes the compiler turns into vectors. Pairs that fill no lanes are left out.
fn sum(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            lanes[lane] += of(a[lane], b[lane]);
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32) -> [i16; WINDOW] {
        std::array::from_fn(|n| {
            let phase = std::f32::consts::TAU * hertz * n as f32 / 16_000.0;
            (1_000.0 * phase.sin()) as i16 + 500
        })
    }

    #[test]
    fn offset_is_silence_and_hum_is_only_in_the_first_band() {
        assert!(levels(&[500; WINDOW]).iter().all(|level| *level < 0.1));
        let [all, near, far] = levels(&tone(62.5));
        assert!((all - 47.0).abs() < 0.1, "{all}");
        assert!(near < all - 30.0 && far < all - 20.0, "{near} {far}");
        let [all, _, far] = levels(&tone(2_000.0));
        assert!(far > all, "{far} {all}");
    }
}
