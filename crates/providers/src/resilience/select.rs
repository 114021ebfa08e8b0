//! Which link serves next.

/// How a link stands with one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may serve.
    Free,
    /// It has failed elsewhere in the same answer.
    Avoided,
    /// It has been tried for this use.
    Tried,
    /// It cannot serve this use at all.
    Unfit,
}

/// Chooses the first link that is free and admitted. If there is none, or nothing is to `spare` for a further attempt,
/// the last link serves anyway, unless it was tried. `admit(link, forced)` may only refuse what is not forced.
pub(super) fn next<T>(
    standings: &[Standing],
    spare: bool,
    mut admit: impl FnMut(usize, bool) -> Option<T>,
) -> Option<(usize, T)> {
    let free = |&(_, &standing): &(usize, &Standing)| standing == Standing::Free;
    let mut candidates = standings.iter().enumerate().filter(free);
    if spare && let Some(found) = candidates.find_map(|(link, _)| Some((link, admit(link, false)?))) {
        return Some(found);
    }
    let last = standings
        .iter()
        .rposition(|&standing| standing != Standing::Unfit)?;
    let untried = standings[last] != Standing::Tried;
    untried.then(|| Some((last, admit(last, true)?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::Standing::{Avoided, Free, Tried, Unfit};
    use super::*;

    /// Chooses with breakers closed (`true`) or open.
    fn choose(standings: &[Standing], spare: bool, closed: &[bool]) -> Option<(usize, bool)> {
        next(standings, spare, |link, forced| {
            (closed[link] || forced).then_some(forced)
        })
    }

    #[test]
    fn the_first_that_is_free_and_admitted_serves() {
        assert_eq!(choose(&[Free, Free], true, &[true, true]), Some((0, false)));
        assert_eq!(choose(&[Free, Free], true, &[false, true]), Some((1, false)));
        assert_eq!(choose(&[Avoided, Free], true, &[true, true]), Some((1, false)));
        assert_eq!(
            choose(&[Unfit, Free, Free], true, &[true, true, true]),
            Some((1, false))
        );
    }

    #[test]
    fn if_all_are_out_the_last_serves_anyway_but_only_once() {
        assert_eq!(choose(&[Free, Free], true, &[false, false]), Some((1, true)));
        assert_eq!(choose(&[Avoided, Avoided], true, &[true, true]), Some((1, true)));
        assert_eq!(choose(&[Free, Unfit], true, &[false, true]), Some((0, true)));
        assert_eq!(choose(&[Free, Tried], true, &[false, true]), None);
        assert_eq!(choose(&[Unfit, Unfit], true, &[true, true]), None);
    }

    #[test]
    fn with_nothing_to_spare_only_the_last_is_tried_again() {
        assert_eq!(choose(&[Tried, Free, Free], false, &[true; 3]), Some((2, true)));
        assert_eq!(choose(&[Tried, Free, Tried], false, &[true; 3]), None);
    }
}
