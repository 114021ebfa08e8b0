//! The deadlines of a session: one optional instant per reason.

use crate::time::Time;

/// Why the core wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The client's playback buffer has room for more audio.
    AudioDue,
    /// The client has played everything that was sent.
    PlaybackEnds,
    /// A sound over an answer has neither become speech nor ended; the client may have stopped sending.
    SoundUnclear,
    /// The patient has been silent for the session's idle timeout.
    PatientIdle,
    /// The transcriber owes a final text.
    TranscriptOverdue,
    /// The chat model owes its next event.
    ModelOverdue,
    /// The synthesiser owes its next audio.
    SynthesisOverdue,
    /// The patient has waited for an answer long enough to be told that it comes.
    SilenceTooLong,
    /// A function of the server owes its result.
    ToolOverdue,
    /// The client owes frames of video.
    VideoOverdue,
    /// The scan has lasted as long as the client wants.
    ScanEnds,
    /// The model's call for a scan has waited long enough.
    ScanWindowEnds,
    /// The provider of vital signs owes a summary.
    ScanOverdue,
    /// A scan whose provider failed is begun anew.
    ScanRetry,
}

impl Timer {
    const ALL: [Self; 14] = [
        Self::AudioDue,
        Self::PlaybackEnds,
        Self::SoundUnclear,
        Self::PatientIdle,
        Self::TranscriptOverdue,
        Self::ModelOverdue,
        Self::SynthesisOverdue,
        Self::SilenceTooLong,
        Self::ToolOverdue,
        Self::VideoOverdue,
        Self::ScanEnds,
        Self::ScanWindowEnds,
        Self::ScanOverdue,
        Self::ScanRetry,
    ];
}

/// All timers of a session.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    at: [Option<Time>; Timer::ALL.len()],
    /// The earliest: asked for with every input, and seldom another.
    next: Option<(Time, Timer)>,
}

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Time) {
        self.at[timer as usize] = Some(at);
        if self.next.is_none_or(|(next, of)| at <= next || of == timer) {
            self.next = self.earliest();
        }
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.at[timer as usize] = None;
        if self.next.is_some_and(|(_, of)| of == timer) {
            self.next = self.earliest();
        }
    }

    pub(crate) fn stop_all(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.at[timer as usize].is_some()
    }

    /// The earliest deadline and its reason.
    pub(crate) fn next(&self) -> Option<(Time, Timer)> {
        self.next
    }

    fn earliest(&self) -> Option<(Time, Timer)> {
        Timer::ALL
            .into_iter()
            .filter_map(|timer| self.at[timer as usize].map(|at| (at, timer)))
            .min_by_key(|&(at, _)| at)
    }

    /// Takes the earliest timer that has expired at `now`.
    pub(crate) fn pop_expired(&mut self, now: Time) -> Option<Timer> {
        let (at, timer) = self.next()?;
        (at <= now).then(|| {
            self.stop(timer);
            timer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_timers_come_in_order_of_their_deadlines() {
        let mut timers = Timers::default();
        timers.set(Timer::PatientIdle, Time::from_millis(20));
        timers.set(Timer::AudioDue, Time::from_millis(10));
        timers.set(Timer::ModelOverdue, Time::from_millis(30));
        let now = Time::from_millis(25);
        assert_eq!(timers.pop_expired(now), Some(Timer::AudioDue));
        assert_eq!(timers.pop_expired(now), Some(Timer::PatientIdle));
        assert_eq!(timers.pop_expired(now), None);
        assert_eq!(timers.next(), Some((Time::from_millis(30), Timer::ModelOverdue)));
    }

    #[test]
    fn a_stopped_timer_does_not_fire() {
        let mut timers = Timers::default();
        timers.set(Timer::AudioDue, Time::ZERO);
        timers.stop(Timer::AudioDue);
        assert!(!timers.is_set(Timer::AudioDue));
        assert_eq!(timers.pop_expired(Time::from_millis(1)), None);
    }
}
