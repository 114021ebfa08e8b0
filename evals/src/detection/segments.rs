//! Stretches of speech, found as the conversation finds them, and how well two findings agree.

/// Speech begins at this probability, held for [`ONSET`] windows, and goes on above [`RELEASE`].
const THRESHOLD: f32 = 0.5;
const ONSET: usize = 2;
const RELEASE: f32 = 0.35;

/// It has ended after this many windows of silence (half a second).
const END: usize = 16;

/// Two stretches are the same if neither end differs by more windows than this.
const APART: usize = 1;

/// First and one past the last voiced window.
pub(crate) type Stretch = (usize, usize);

pub(crate) fn stretches(probabilities: &[f32]) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut onset = 0;
    let mut open: Option<Stretch> = None;
    for (index, probability) in probabilities.iter().enumerate() {
        if let Some((from, to)) = &mut open {
            if *probability >= RELEASE {
                *to = index + 1;
            } else if index - *to + 1 >= END {
                found.push((*from, *to));
                open = None;
                onset = 0;
            }
            continue;
        }
        onset = if *probability >= THRESHOLD { onset + 1 } else { 0 };
        if onset == ONSET {
            open = Some((index + 1 - ONSET, index + 1));
        }
    }
    found.extend(open);
    found
}

/// Counts of agreement.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Agreement {
    both: usize,
    one: usize,
}

impl Agreement {
    pub(crate) fn of_stretches(a: &[Stretch], b: &[Stretch]) -> Self {
        let same = |x: &Stretch, y: &Stretch| x.0.abs_diff(y.0) <= APART && x.1.abs_diff(y.1) <= APART;
        let both = a.iter().filter(|x| b.iter().any(|y| same(x, y))).count();
        Self {
            both,
            one: a.len() + b.len() - 2 * both,
        }
    }

    pub(crate) fn of_windows(a: &[Stretch], b: &[Stretch], windows: usize) -> Self {
        let within =
            |stretches: &[Stretch], index| stretches.iter().any(|(from, to)| (*from..*to).contains(&index));
        let mut agreement = Self::default();
        for index in 0..windows {
            match (within(a, index), within(b, index)) {
                (true, true) => agreement.both += 1,
                (false, false) => {}
                _ => agreement.one += 1,
            }
        }
        agreement
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.both += other.both;
        self.one += other.one;
    }

    /// 1 where there is nothing to find and nothing was found.
    pub(crate) fn f1(self) -> f64 {
        if self.both + self.one == 0 {
            return 1.0;
        }
        2.0 * self.both as f64 / (2 * self.both + self.one) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_begin_with_two_windows_and_end_after_half_a_second() {
        let mut probabilities = vec![0.9, 0.0, 0.9, 0.9, 0.4];
        probabilities.extend([0.0; END - 1]);
        probabilities.push(0.4);
        probabilities.extend([0.0; END]);
        assert_eq!(stretches(&probabilities), [(2, 5 + END)]);
    }

    #[test]
    fn agreement_allows_a_window_and_counts_what_only_one_has() {
        let agreement = Agreement::of_stretches(&[(2, 9), (20, 30)], &[(3, 9)]);
        assert!((agreement.f1() - 2.0 / 3.0).abs() < 1e-9);
    }
}
