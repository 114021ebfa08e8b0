//! The recent past in equal steps of time, the oldest of which makes room for the newest.

/// `T` of each of the last steps. Steps are numbered by time, and those in which nothing happened take no work.
#[derive(Debug)]
pub(super) struct Steps<T> {
    slots: Box<[(u64, T)]>,
}

impl<T: Default + Clone> Steps<T> {
    /// Room for the step that runs and the `past` before it.
    pub(super) fn new(past: usize) -> Self {
        Self {
            slots: vec![(0, T::default()); past + 1].into(),
        }
    }

    /// What belongs to `step`, which is not older than any seen before by more than there is room for.
    pub(super) fn at(&mut self, step: u64) -> &mut T {
        let index = (step % self.slots.len() as u64) as usize;
        let slot = &mut self.slots[index];
        if slot.0 != step {
            *slot = (step, T::default());
        }
        &mut slot.1
    }

    /// What is known of the steps from `first` to `last`, in no order.
    pub(super) fn within(&self, first: u64, last: u64) -> impl Iterator<Item = &T> {
        let steps = first..=last;
        self.slots
            .iter()
            .filter(move |(step, _)| steps.contains(step))
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_there_is_room_for_is_forgotten() {
        let mut steps = Steps::<u32>::new(3);
        for step in [10, 11, 11, 15] {
            *steps.at(step) += 1;
        }
        assert_eq!(steps.within(10, 15).sum::<u32>(), 2, "15 takes the place of 11");
        assert_eq!(steps.within(12, 15).sum::<u32>(), 1);
    }
}
