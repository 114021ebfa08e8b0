//! From colours to one pulse wave, by a mix of channels that follows the light.
//!
//! CHROM and POS differ in their two axes alone. In each window of 1.6 s colours are divided by their mean, projected on
//! two axes across the direction in which light and distance change, and the two are added with the ratio of their
//! deviations as weight. The windows overlap by all but one sample and are averaged (Wang et al. 2017, algorithm 1).
//!
//! Within a window the wave is linear in colour: `h(t) = w · (c(t) − μ)`, with `w` from the mean and covariance of the
//! window. Both come from running sums, and the average over the windows that hold `t` is a running sum of `w` and
//! `w · μ`: the whole costs a fixed number of operations a sample, whatever the length of the window.

use crate::trace::GRID_HZ;
use crate::{chrom, pos};

/// Samples of a window: 1.6 s, one beat even of a slow heart (Wang et al. 2017).
const WINDOW: usize = (1.6 * GRID_HZ) as usize;

/// A way to mix channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Chrominance: see [`chrom`].
    Chrom,
    /// Plane orthogonal to skin: see [`pos`].
    Pos,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 2] = [Self::Chrom, Self::Pos];

    /// The two axes, such that the first minus the weighted second rises with the volume of blood.
    fn axes(self) -> [[f64; 3]; 2] {
        match self {
            Self::Chrom => chrom::AXES,
            Self::Pos => pos::AXES,
        }
    }
}

/// Sums of colours and of their products, upper triangle, over a window.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    sum: [f64; 3],
    products: [[f64; 3]; 3],
}

impl Moments {
    fn add(&mut self, colour: &[f64; 3], sign: f64) {
        for row in 0..3 {
            self.sum[row] += sign * colour[row];
            for column in 0..3 {
                self.products[row][column] += sign * colour[row] * colour[column];
            }
        }
    }

    fn variance_along(&self, axis: &[f64; 3], count: f64) -> f64 {
        let mut variance = 0.0;
        for row in 0..3 {
            for column in 0..3 {
                let product = self.products[row][column] / count;
                let covariance = product - self.sum[row] * self.sum[column] / (count * count);
                variance += axis[row] * axis[column] * covariance;
            }
        }
        variance.max(0.0)
    }
}

/// The weights of the channels in one window, and the constant that makes its mean zero.
#[derive(Debug, Clone, Copy, Default)]
struct Mix {
    weights: [f64; 3],
    constant: f64,
}

impl Mix {
    fn of(moments: &Moments, level: &[f64; 3], count: f64, axes: &[[f64; 3]; 2]) -> Self {
        let mean = moments.sum.map(|sum| sum / count);
        // One step of an eight-bit camera: darker than that there is nothing to divide by.
        let scale: [f64; 3] = std::array::from_fn(|channel| 1.0 / (level[channel] + mean[channel]).max(1.0));
        let [first, second] = axes.map(|axis| std::array::from_fn(|channel| axis[channel] * scale[channel]));
        let spread = moments.variance_along(&second, count).sqrt();
        let ratio = if spread > 1e-12 {
            moments.variance_along(&first, count).sqrt() / spread
        } else {
            0.0
        };
        let weights = std::array::from_fn(|channel| first[channel] - ratio * second[channel]);
        Self {
            weights,
            constant: dot(&weights, &mean),
        }
    }

    fn add(&mut self, other: &Self, sign: f64) {
        for (weight, other) in self.weights.iter_mut().zip(&other.weights) {
            *weight += sign * other;
        }
        self.constant += sign * other.constant;
    }
}

fn dot(left: &[f64; 3], right: &[f64; 3]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// The pulse wave of a region from its `colours` (each 0–255, on the grid), relative to the level of light; as long as
/// `colours`. It rises as blood enters the skin.
pub fn project(colours: &[[f64; 3]], method: Method) -> Vec<f64> {
    let Some(level) = colours.first().copied() else {
        return Vec::new();
    };
    // Sums of small differences keep their digits.
    let colours: Vec<[f64; 3]> = colours
        .iter()
        .map(|colour| std::array::from_fn(|channel| colour[channel] - level[channel]))
        .collect();
    let mixes = window_mixes(&colours, &level, method);
    let window = colours.len() + 1 - mixes.len();
    let (mut current, mut covering) = (Mix::default(), 0_usize);
    let mut wave = Vec::with_capacity(colours.len());
    for (index, colour) in colours.iter().enumerate() {
        if let Some(entering) = mixes.get(index) {
            current.add(entering, 1.0);
            covering += 1;
        }
        if let Some(leaving) = index.checked_sub(window).and_then(|start| mixes.get(start)) {
            current.add(leaving, -1.0);
            covering -= 1;
        }
        wave.push((dot(&current.weights, colour) - current.constant) / covering.max(1) as f64);
    }
    wave
}

/// The mix of every window, by its first sample.
fn window_mixes(colours: &[[f64; 3]], level: &[f64; 3], method: Method) -> Vec<Mix> {
    let window = WINDOW.min(colours.len());
    let axes = method.axes();
    let mut moments = Moments::default();
    let mut mixes = Vec::with_capacity(colours.len() + 1 - window);
    for (index, colour) in colours.iter().enumerate() {
        moments.add(colour, 1.0);
        if index + 1 >= window {
            mixes.push(Mix::of(&moments, level, window as f64, &axes));
            moments.add(&colours[index + 1 - window], -1.0);
        }
    }
    mixes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Skin under light that flickers by `flicker` at 0.9 Hz, with a pulse at 1.3 Hz.
    fn skin(flicker: f64) -> Vec<[f64; 3]> {
        let turn = |n: usize, hz: f64| (n as f64 * std::f64::consts::TAU * hz / GRID_HZ).sin();
        (0..300)
            .map(|n| {
                let (light, blood) = (1.0 + flicker * turn(n, 0.9), 0.004 * turn(n, 1.3));
                [
                    180.0 * light * (1.0 - 0.3 * blood),
                    120.0 * light * (1.0 - blood),
                    90.0 * light * (1.0 - 0.6 * blood),
                ]
            })
            .collect()
    }

    /// The definition, window by window.
    fn slowly(colours: &[[f64; 3]], method: Method) -> Vec<f64> {
        let (mut sums, mut counts) = (vec![0.0; colours.len()], vec![0.0; colours.len()]);
        for start in 0..=colours.len() - WINDOW {
            let window = &colours[start..start + WINDOW];
            let mean: [f64; 3] =
                std::array::from_fn(|c| window.iter().map(|colour| colour[c]).sum::<f64>() / WINDOW as f64);
            let [first, second] = method.axes().map(|axis| {
                window
                    .iter()
                    .map(|colour| (0..3).map(|c| axis[c] * (colour[c] / mean[c] - 1.0)).sum::<f64>())
                    .collect::<Vec<_>>()
            });
            let power = |wave: &[f64]| wave.iter().map(|value| value * value).sum::<f64>();
            let ratio = (power(&first) / power(&second)).sqrt();
            for (offset, (first, second)) in first.iter().zip(&second).enumerate() {
                sums[start + offset] += first - ratio * second;
                counts[start + offset] += 1.0;
            }
        }
        sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect()
    }

    #[test]
    fn running_sums_equal_the_definition() {
        for method in Method::ALL {
            let colours = skin(0.02);
            let (fast, slow) = (project(&colours, method), slowly(&colours, method));
            for (fast, slow) in fast.iter().zip(&slow) {
                assert!((fast - slow).abs() < 1e-10, "{method:?}: {fast} {slow}");
            }
        }
    }

    #[test]
    fn white_light_may_flicker_ten_times_stronger_than_the_pulse() {
        let blood = |n: usize| (n as f64 * std::f64::consts::TAU * 1.3 / GRID_HZ).sin();
        for method in Method::ALL {
            let wave = project(&skin(0.04), method);
            let product: f64 = wave.iter().enumerate().map(|(n, value)| value * blood(n)).sum();
            let power: f64 = wave.iter().map(|value| value * value).sum();
            let correlation = product / (power * 150.0).sqrt();
            assert!(correlation > 0.9, "{method:?}: {correlation}");
        }
    }

    #[test]
    fn darkness_and_few_samples_give_finite_waves() {
        for method in Method::ALL {
            assert!(
                project(&[[0.0; 3]; 100], method)
                    .iter()
                    .all(|value| *value == 0.0)
            );
            assert!(
                project(&skin(0.1)[..5], method)
                    .iter()
                    .all(|value| value.is_finite())
            );
            assert!(project(&[], method).is_empty());
        }
    }
}
