//! Keeps uses from a provider that fails, and finds out with one use at a time whether it works again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bedside_conversation::io::FaultKind;
use serde::Deserialize;

/// Outcomes that are remembered at most, however many fit into the window.
const REMEMBERED: usize = 64;

/// A probe that has not ended by then is joined by another: a stream may be open for long before it is put to the test.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// When a breaker opens and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerSettings {
    /// It opens when so many uses fail within the window: in a row, or at least every other one. A refusal opens it at
    /// once, since the next request would be refused as well: the configuration is wrong.
    pub failures: u32,
    /// Outcomes count for this long.
    pub window_ms: u64,
    /// How long it stays open at first. Doubles with every probe that fails.
    pub open_ms: u64,
    /// How long it stays open at most.
    pub open_max_ms: u64,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 3,
            window_ms: 60_000,
            open_ms: 5_000,
            open_max_ms: 60_000,
        }
    }
}

/// How a breaker stands, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Uses pass.
    Closed,
    /// None passes.
    Open,
    /// One passes to find out whether the provider works again.
    HalfOpen,
}

impl BreakerState {
    /// A name for events and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// On what terms a use was let through; told again with its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// The breaker was closed.
    Regular,
    /// The use goes on with a stream that was let through before.
    Further,
    /// The use is the one that finds out.
    Probe(u64),
    /// There was no other link.
    Forced,
}

/// The state machine. Time is told to it and never goes back.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: BreakerSettings,
    state: State,
    /// When uses ended, and whether they failed; of the closed state alone.
    outcomes: VecDeque<(Instant, bool)>,
    probes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Closed,
    Open { until: Instant, wait: Duration },
    HalfOpen { probe: Option<Probe>, wait: Duration },
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Probe {
    id: u64,
    began: Instant,
}

impl Breaker {
    pub(super) fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: State::Closed,
            outcomes: VecDeque::new(),
            probes: 0,
        }
    }

    /// Lets a use through, or not. Each that passes must end in exactly one of the three outcomes.
    pub(super) fn admit(&mut self, now: Instant) -> Option<Admission> {
        if let State::Open { until, wait } = self.state
            && now >= until
        {
            self.state = State::HalfOpen { probe: None, wait };
        }
        match &mut self.state {
            State::Closed => Some(Admission::Regular),
            State::HalfOpen { probe, .. } if probe.is_none_or(|probe| now >= probe.began + PROBE_LIMIT) => {
                self.probes += 1;
                let id = self.probes;
                *probe = Some(Probe { id, began: now });
                Some(Admission::Probe(id))
            }
            State::Open { .. } | State::HalfOpen { .. } => None,
        }
    }

    pub(super) fn succeeded(&mut self, admission: Admission, now: Instant) {
        match (self.state, admission) {
            (State::Closed, _) => self.note(now, false),
            // It worked just now, when nobody expected it to.
            (_, Admission::Forced) | (State::HalfOpen { .. }, Admission::Probe(_)) => self.close(),
            // What began before it opened says nothing of how the provider is now.
            _ => {}
        }
    }

    pub(super) fn failed(&mut self, admission: Admission, kind: FaultKind, now: Instant) {
        match (self.state, admission) {
            (State::Closed, _) => {
                self.note(now, true);
                if kind == FaultKind::Refused || self.fails_too_often() {
                    self.open(now, Duration::from_millis(self.settings.open_ms));
                }
            }
            (State::HalfOpen { wait, .. }, Admission::Probe(_)) => self.open(now, wait.saturating_mul(2)),
            _ => {}
        }
    }

    /// The use was given up by its consumer.
    pub(super) fn cancelled(&mut self, admission: Admission) {
        if let State::HalfOpen { probe, .. } = &mut self.state
            && let Admission::Probe(id) = admission
        {
            probe.take_if(|probe| probe.id == id);
        }
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn note(&mut self, now: Instant, failed: bool) {
        let window = Duration::from_millis(self.settings.window_ms);
        self.outcomes
            .retain(|&(at, _)| now.saturating_duration_since(at) <= window);
        if self.outcomes.len() == REMEMBERED {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((now, failed));
    }

    fn fails_too_often(&self) -> bool {
        let limit = (self.settings.failures.max(1) as usize).min(REMEMBERED);
        let failures = self.outcomes.iter().filter(|(_, failed)| *failed).count();
        let in_a_row = self.outcomes.iter().rev().take_while(|(_, failed)| *failed);
        in_a_row.count() >= limit || (failures >= limit && failures * 2 >= self.outcomes.len())
    }

    fn open(&mut self, now: Instant, wait: Duration) {
        let wait = wait.min(Duration::from_millis(self.settings.open_max_ms));
        self.outcomes.clear();
        self.state = State::Open {
            until: now + wait,
            wait,
        };
    }

    fn close(&mut self) {
        self.outcomes.clear();
        self.state = State::Closed;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn breaker() -> Breaker {
        Breaker::new(BreakerSettings {
            failures: 3,
            window_ms: 10_000,
            open_ms: 1_000,
            open_max_ms: 3_000,
        })
    }

    /// A clock that starts with the test.
    fn clock() -> impl Fn(u64) -> Instant {
        let start = Instant::now();
        move |ms| start + Duration::from_millis(ms)
    }

    fn fail(breaker: &mut Breaker, now: Instant) {
        let admission = breaker.admit(now).expect("it lets uses through");
        breaker.failed(admission, FaultKind::Timeout, now);
    }

    fn succeed(breaker: &mut Breaker, now: Instant) {
        let admission = breaker.admit(now).expect("it lets uses through");
        breaker.succeeded(admission, now);
    }

    #[test]
    fn failures_in_a_row_open_it_whatever_was_before() {
        let (mut breaker, at) = (breaker(), clock());
        (0..50).for_each(|ms| succeed(&mut breaker, at(ms)));
        fail(&mut breaker, at(60));
        fail(&mut breaker, at(61));
        assert_eq!(breaker.state(at(61)), BreakerState::Closed);
        fail(&mut breaker, at(62));
        assert_eq!(breaker.state(at(62)), BreakerState::Open);
        assert_eq!(breaker.admit(at(1_061)), None);
    }

    #[test]
    fn a_provider_that_fails_every_other_time_is_left_alone_and_one_in_three_is_not() {
        let (mut breaker, at) = (breaker(), clock());
        for ms in 0..30 {
            succeed(&mut breaker, at(ms));
            succeed(&mut breaker, at(ms));
            fail(&mut breaker, at(ms));
        }
        assert_eq!(breaker.state(at(30)), BreakerState::Closed);
        for ms in 20_000..20_003 {
            assert_eq!(breaker.state(at(ms)), BreakerState::Closed);
            succeed(&mut breaker, at(ms));
            fail(&mut breaker, at(ms));
        }
        assert_eq!(breaker.state(at(20_003)), BreakerState::Open);
    }

    #[test]
    fn failures_apart_are_forgotten() {
        let (mut breaker, at) = (breaker(), clock());
        (0..20).for_each(|n| fail(&mut breaker, at(n * 6_000)));
        assert_eq!(breaker.state(at(20 * 6_000)), BreakerState::Closed);
    }

    #[test]
    fn a_refusal_opens_it_at_once() {
        let (mut breaker, at) = (breaker(), clock());
        let admission = breaker.admit(at(0)).expect("closed");
        breaker.failed(admission, FaultKind::Refused, at(0));
        assert_eq!(breaker.state(at(0)), BreakerState::Open);
    }

    #[test]
    fn probes_that_fail_double_the_wait_up_to_its_limit() {
        let (mut breaker, at) = (breaker(), clock());
        (0..3).for_each(|_| fail(&mut breaker, at(0)));
        let mut now = 0;
        for wait in [1_000, 2_000, 3_000, 3_000] {
            assert_eq!(breaker.admit(at(now + wait - 1)), None, "{wait} ms");
            now += wait;
            fail(&mut breaker, at(now));
        }
        succeed(&mut breaker, at(now + 3_000));
        assert_eq!(breaker.state(at(now + 3_000)), BreakerState::Closed);
        (0..3).for_each(|_| fail(&mut breaker, at(now + 3_000)));
        assert!(
            breaker.admit(at(now + 4_000)).is_some(),
            "it is as patient as at first"
        );
    }

    #[test]
    fn a_probe_that_is_given_up_makes_room_for_the_next() {
        let (mut breaker, at) = (breaker(), clock());
        (0..3).for_each(|_| fail(&mut breaker, at(0)));
        let first = breaker.admit(at(1_000)).expect("a probe");
        assert_eq!(breaker.admit(at(1_000)), None);
        breaker.cancelled(first);
        let second = breaker.admit(at(1_000)).expect("another probe");
        breaker.cancelled(first);
        assert_eq!(
            breaker.admit(at(1_000)),
            None,
            "only its own end frees a probe's place"
        );
        breaker.succeeded(second, at(1_001));
        assert_eq!(breaker.state(at(1_001)), BreakerState::Closed);
    }

    #[test]
    fn a_probe_that_takes_long_does_not_keep_others_waiting() {
        let (mut breaker, at) = (breaker(), clock());
        (0..3).for_each(|_| fail(&mut breaker, at(0)));
        breaker.admit(at(1_000)).expect("a probe");
        assert_eq!(breaker.admit(at(10_999)), None);
        assert!(breaker.admit(at(11_000)).is_some());
    }

    #[test]
    fn what_began_before_says_nothing_and_what_was_forced_closes_it() {
        let (mut breaker, at) = (breaker(), clock());
        let old = breaker.admit(at(0)).expect("closed");
        (0..3).for_each(|_| fail(&mut breaker, at(0)));
        breaker.succeeded(old, at(1));
        assert_eq!(breaker.state(at(1)), BreakerState::Open);
        breaker.succeeded(Admission::Forced, at(2));
        assert_eq!(breaker.state(at(2)), BreakerState::Closed);
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Begin,
        Succeed(usize),
        Fail(usize, bool),
        Cancel(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (0u64..4_000).prop_map(Step::Wait),
            Just(Step::Begin),
            any::<usize>().prop_map(Step::Succeed),
            any::<(usize, bool)>().prop_map(|(which, refused)| Step::Fail(which, refused)),
            any::<usize>().prop_map(Step::Cancel),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn there_is_never_a_second_probe_and_always_a_way_back(steps in steps()) {
            let (mut breaker, at) = (breaker(), clock());
            let (mut now, mut under_way) = (0, Vec::new());
            for step in steps {
                let mut end = |which: usize| {
                    (!under_way.is_empty()).then(|| under_way.swap_remove(which % under_way.len()))
                };
                match step {
                    Step::Wait(ms) => now += ms,
                    Step::Begin => {
                        let admitted = breaker.admit(at(now));
                        if let Some(admission) = admitted {
                            under_way.push(admission);
                        }
                        if let Some(Admission::Probe(_)) = admitted {
                            prop_assert_eq!(breaker.admit(at(now)), None);
                            prop_assert_eq!(breaker.admit(at(now + 9_999)), None);
                        }
                    }
                    Step::Succeed(which) => {
                        if let Some(admission) = end(which) {
                            breaker.succeeded(admission, at(now));
                        }
                    }
                    Step::Fail(which, refused) => {
                        if let Some(admission) = end(which) {
                            let kind = if refused { FaultKind::Refused } else { FaultKind::Internal };
                            breaker.failed(admission, kind, at(now));
                        }
                    }
                    Step::Cancel(which) => {
                        if let Some(admission) = end(which) {
                            breaker.cancelled(admission);
                        }
                    }
                }
            }
            let probe = breaker.admit(at(now + 20_000));
            prop_assert!(probe.is_some());
            breaker.succeeded(probe.expect("just seen"), at(now + 20_000));
            prop_assert_eq!(breaker.state(at(now + 20_000)), BreakerState::Closed);
        }
    }
}
