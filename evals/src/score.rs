//! How right readings are, and how many there are.

use std::ops::AddAssign;

/// Readings of one kind of clip against the truth.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Score {
    due: usize,
    given: usize,
    squares: f64,
    absolute: f64,
    worst: f64,
}

impl Score {
    /// A reading that was due: `None` if it was refused, else beats a minute too many or too few.
    pub(crate) fn count(&mut self, error_bpm: Option<f64>) {
        self.due += 1;
        if let Some(error) = error_bpm {
            self.given += 1;
            self.squares += error * error;
            self.absolute += error.abs();
            self.worst = self.worst.max(error.abs());
        }
    }

    pub(crate) fn due(self) -> usize {
        self.due
    }

    pub(crate) fn given(self) -> usize {
        self.given
    }

    /// Readings given over readings due, in percent.
    pub(crate) fn coverage(self) -> f64 {
        100.0 * self.given as f64 / self.due.max(1) as f64
    }

    /// Root of the mean squared error, beats a minute; `None` if none was given.
    pub(crate) fn rmse(self) -> Option<f64> {
        (self.given > 0).then(|| (self.squares / self.given as f64).sqrt())
    }

    /// Mean absolute error, beats a minute; `None` if none was given.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.given > 0).then(|| self.absolute / self.given as f64)
    }

    /// The largest error, beats a minute.
    pub(crate) fn worst(self) -> f64 {
        self.worst
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.due += other.due;
        self.given += other.given;
        self.squares += other.squares;
        self.absolute += other.absolute;
        self.worst = self.worst.max(other.worst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_readings_count_for_coverage_alone() {
        let mut score = Score::default();
        for error in [Some(3.0), None, Some(-4.0), None] {
            score.count(error);
        }
        assert!((score.coverage() - 50.0).abs() < 1e-9);
        assert!(
            score
                .rmse()
                .is_some_and(|rmse| (rmse - 12.5_f64.sqrt()).abs() < 1e-9)
        );
        assert!(score.mean().is_some_and(|mean| (mean - 3.5).abs() < 1e-9));
        assert!((score.worst() - 4.0).abs() < 1e-9);
        assert_eq!(Score::default().rmse(), None);
    }
}
