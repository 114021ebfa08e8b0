//! What was counted over the last seconds, of figures that only ever grow.

use std::collections::VecDeque;

/// Lateness counts for so many looks, of which there is one a second.
const LOOKS: usize = 10;

/// The figures at the last looks.
#[derive(Debug)]
pub struct Recent<T> {
    /// The oldest first.
    past: VecDeque<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            past: VecDeque::with_capacity(LOOKS),
        }
    }
}

impl<T: Clone> Recent<T> {
    /// Takes note of the figures as they are `now`; gives those of ten looks ago, or of the first look if that is later.
    pub fn look(&mut self, now: &T) -> T {
        let then = self.past.front().unwrap_or(now).clone();
        if self.past.len() == LOOKS {
            self.past.pop_front();
        }
        self.past.push_back(now.clone());
        then
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_held_against_those_of_ten_looks_ago() {
        let mut recent = Recent::default();
        let then: Vec<u32> = (0..13).map(|now| recent.look(&now)).collect();
        assert_eq!(then, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    }
}
