//! What all sessions of a node take at present.

use super::budget::Budget;
use super::cost::Cost;
use super::refusal::Reason;

/// The books of a node: every session enters with its cost, may change it, and takes it along when it leaves.
#[derive(Debug)]
pub(crate) struct Ledger {
    budget: Budget,
    sessions: usize,
    used: Cost,
}

impl Ledger {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            budget,
            sessions: 0,
            used: Cost::default(),
        }
    }

    /// Takes a session in if there is room for it.
    pub(crate) fn enter(&mut self, cost: Cost) -> Result<(), Reason> {
        if let Some(reason) = self.budget.lacks(self.sessions, self.used, cost) {
            return Err(reason);
        }
        self.sessions += 1;
        self.used = self.used + cost;
        Ok(())
    }

    /// A session takes something else from now on, whether there is room for it or not: it is in the middle of a
    /// consultation.
    pub(crate) fn change(&mut self, from: Cost, to: Cost) {
        self.used = self.used - from + to;
    }

    /// A session of this cost is over.
    pub(crate) fn leave(&mut self, cost: Cost) {
        self.sessions -= 1;
        self.used = self.used - cost;
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    pub(crate) fn sessions(&self) -> usize {
        self.sessions
    }

    pub(crate) fn used(&self) -> Cost {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn cost(processor_us: u64, models_us: u64, memory: u64) -> Cost {
        Cost {
            processor_us,
            models_us,
            memory,
        }
    }

    fn ledger(sessions: usize, limit: Cost) -> Ledger {
        Ledger::new(Budget {
            sessions,
            cost: limit,
        })
    }

    #[test]
    fn sessions_enter_until_something_is_used_up_and_that_is_named() {
        let session = cost(100, 80, 10);
        for (limit, sessions, entered, reason) in [
            (cost(1_000, 1_000, 1_000), 3, 3, Reason::Sessions),
            (cost(250, 1_000, 1_000), 9, 2, Reason::Processor),
            (cost(1_000, 320, 1_000), 9, 4, Reason::Models),
            (cost(1_000, 1_000, 59), 9, 5, Reason::Memory),
        ] {
            let mut ledger = ledger(sessions, limit);
            let refused = (0..20).find_map(|count| Some((count, ledger.enter(session).err()?)));
            assert_eq!(refused, Some((entered, reason)));
        }
    }

    #[test]
    fn who_needs_no_model_may_enter_when_the_models_are_busy() {
        let mut ledger = ledger(9, cost(1_000, 80, 1_000));
        assert_eq!(ledger.enter(cost(100, 80, 0)), Ok(()));
        ledger.change(cost(100, 80, 0), cost(200, 180, 0));
        assert_eq!(ledger.enter(cost(100, 80, 0)), Err(Reason::Models));
        assert_eq!(ledger.enter(cost(10, 0, 0)), Ok(()));
    }

    #[test]
    fn whatever_sessions_do_nothing_stays_behind_when_they_have_left() {
        let mut ledger = ledger(100, cost(1_000, 1_000, 1_000));
        let mut inside = Vec::new();
        for step in 0..1_000_u64 {
            let wanted = cost(step % 190, step % 97, step % 31);
            if step % 3 == 0 && !inside.is_empty() {
                let at = step as usize % inside.len();
                ledger.leave(inside.swap_remove(at));
            } else if step % 7 == 0 && !inside.is_empty() {
                let at = step as usize % inside.len();
                ledger.change(inside[at], wanted);
                inside[at] = wanted;
            } else if ledger.enter(wanted).is_ok() {
                inside.push(wanted);
            }
        }
        inside.drain(..).for_each(|cost| ledger.leave(cost));
        assert_eq!((ledger.sessions(), ledger.used()), (0, Cost::default()));
    }
}
