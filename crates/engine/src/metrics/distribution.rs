//! Latencies counted in buckets of equal ratio, from which any percentile can be told.

/// Buckets an octave: neighbouring bounds differ by 9 %, so a percentile is off by less than 5 %.
const PER_OCTAVE: f64 = 8.0;

/// Sixteen octaves from 1 ms: up to 65 s. What lies outside falls into the first or last bucket.
const BUCKETS: usize = 128;

/// How often each latency occurred.
#[derive(Debug, Clone)]
pub(super) struct Distribution {
    counts: [u32; BUCKETS],
    shortest_ms: f64,
    longest_ms: f64,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
            shortest_ms: f64::INFINITY,
            longest_ms: 0.0,
        }
    }
}

impl Distribution {
    pub(super) fn record(&mut self, ms: f64) {
        let octaves = ms.max(1.0).log2();
        let bucket = ((octaves * PER_OCTAVE) as usize).min(BUCKETS - 1);
        self.counts[bucket] += 1;
        self.shortest_ms = self.shortest_ms.min(ms);
        self.longest_ms = self.longest_ms.max(ms);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.shortest_ms = self.shortest_ms.min(other.shortest_ms);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
    }

    /// The latency that the fraction `part` of all did not exceed, ms; `None` if there was none. Exact for a single
    /// one.
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        let total: u32 = self.counts.iter().sum();
        if total == 0 {
            return None;
        }
        let wanted = (part * f64::from(total)).max(1.0);
        let mut below = 0.0;
        for (bucket, count) in self.counts.iter().map(|&count| f64::from(count)).enumerate() {
            if below + count >= wanted {
                if bucket == BUCKETS - 1 {
                    return Some(self.longest_ms);
                }
                let inside = (wanted - below) / count;
                let ms = ((bucket as f64 + inside) / PER_OCTAVE).exp2();
                return Some(ms.clamp(self.shortest_ms, self.longest_ms));
            }
            below += count;
        }
        Some(self.longest_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_many_are_near_the_truth_and_of_one_exact() {
        let mut many = Distribution::default();
        for ms in 1..=2_000 {
            many.record(f64::from(ms));
        }
        for part in [0.5, 0.95, 0.99] {
            let told = many.quantile(part).expect("there are some");
            let truth = part * 2_000.0;
            assert!((told / truth - 1.0).abs() < 0.05, "{part}: {told}");
        }
        let mut one = Distribution::default();
        one.record(417.3);
        assert_eq!(
            (one.quantile(0.5), one.quantile(0.99)),
            (Some(417.3), Some(417.3))
        );
        assert_eq!(Distribution::default().quantile(0.5), None);
    }

    #[test]
    fn the_outermost_are_kept_and_merged_ones_count_together() {
        let (mut low, mut high) = (Distribution::default(), Distribution::default());
        low.record(0.0);
        high.record(1e9);
        low.merge(&high);
        assert!(low.quantile(0.5).is_some_and(|ms| ms < 1.1));
        assert_eq!(low.quantile(1.0), Some(1e9));
    }
}
