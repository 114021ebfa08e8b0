//! The randomness a voice is fed.

use std::f32::consts::TAU;

/// Normally distributed numbers from a fixed seed: `SplitMix64` (Steele, Lea and Flood,
/// 2014) and the Box–Muller transform.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    state: u64,
}

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// This many numbers of mean 0 and variance 1.
    pub(super) fn normal(&mut self, count: usize) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(count + 1);
        while numbers.len() < count {
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            let (sine, cosine) = (TAU * self.uniform()).sin_cos();
            numbers.extend([radius * cosine, radius * sine]);
        }
        numbers.truncate(count);
        numbers
    }

    /// From 0 to below 1, in steps of 2⁻²⁴.
    fn uniform(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 40) as f32 / (1 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_normal_and_repeatable() {
        let numbers = Noise::new(7).normal(20_001);
        assert_eq!(numbers.len(), 20_001);
        assert_eq!(numbers, Noise::new(7).normal(20_001));
        let mean = numbers.iter().sum::<f32>() / 20_001.0;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 20_001.0;
        let within_one = numbers.iter().filter(|x| x.abs() < 1.0).count() as f32 / 20_001.0;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
        assert!((within_one - 0.683).abs() < 0.02, "{within_one}");
    }
}
