//! Whether speech comes as fast as it plays. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// How a link's speech keeps up, if it is played from when it comes.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// When what came will have been played; `None` before the first of it.
    played_by: Option<Instant>,
    /// All gaps in it since it last owed nothing.
    gaps: Duration,
}

impl Lead {
    /// At `now` came speech of such a length, awaited since `since`.
    pub(super) fn came(&mut self, since: Instant, now: Instant, length: Duration) {
        if let Some(from) = self.gap_from(since) {
            self.gaps += now.saturating_duration_since(from);
        }
        self.played_by = Some(self.played_by.map_or(now, |at| at.max(now)) + length);
    }

    /// When the gaps will amount to `limit`, if nothing comes that has been awaited since `since`.
    pub(super) fn lost_at(&self, since: Instant, limit: Duration) -> Option<Instant> {
        Some(self.gap_from(since)? + limit.saturating_sub(self.gaps))
    }

    /// It owes nothing: gaps from now on are gaps in something else.
    pub(super) fn forgive(&mut self) {
        self.gaps = Duration::ZERO;
    }

    /// When there is nothing left to play; who awaits nothing misses nothing.
    fn gap_from(&self, since: Instant) -> Option<Instant> {
        self.played_by.map(|at| at.max(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(1_500);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// When the lead is lost, in milliseconds, if pieces of `length` come `apart`; within a minute.
    fn lost(length: u64, apart: u64) -> Option<u64> {
        let start = Instant::now();
        let (mut lead, mut since) = (Lead::default(), start);
        for at in (0..60_000).step_by(apart as usize) {
            let now = start + ms(at);
            if let Some(lost) = lead.lost_at(since, LIMIT).filter(|lost| *lost < now) {
                return Some((lost - start).as_millis() as u64);
            }
            lead.came(since, now, ms(length));
            since = now;
        }
        None
    }

    #[test]
    fn a_voice_is_lost_when_its_gaps_amount_to_the_limit() {
        assert_eq!(lost(100, 99), None);
        assert_eq!(lost(100, 100), None);
        // Each piece is 300 ms late: five gaps are borne.
        assert_eq!(lost(100, 400), Some(2_100));
        assert_eq!(lost(100, 2_000), Some(1_600));
    }

    #[test]
    fn what_came_early_is_ahead_for_as_long_as_it_plays() {
        let start = Instant::now();
        let mut lead = Lead::default();
        assert_eq!(lead.lost_at(start, LIMIT), None);
        lead.came(start, start, ms(5_000));
        assert_eq!(lead.lost_at(start, LIMIT), Some(start + ms(5_000) + LIMIT));
    }

    #[test]
    fn nothing_is_missed_while_nothing_is_awaited() {
        let start = Instant::now();
        let mut lead = Lead::default();
        lead.came(start, start, ms(100));
        // Whoever listens took the piece a minute later only, and the next one came at once.
        let taken = start + ms(60_000);
        lead.came(taken, taken, ms(100));
        assert_eq!(lead.lost_at(taken, LIMIT), Some(taken + ms(100) + LIMIT));
        lead.came(taken, taken + ms(1_100), ms(100));
        lead.forgive();
        assert_eq!(
            lead.lost_at(taken, LIMIT),
            Some(taken + ms(1_200) + LIMIT),
            "a second of gaps is forgiven"
        );
    }
}
