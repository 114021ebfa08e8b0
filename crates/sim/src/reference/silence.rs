//! Invariant 6: after the patient has finished, something is said, whoever fails.

use std::time::Duration;

use bedside_conversation::time::Time;

use super::Violations;
use crate::scenario::{Detection, Scenario};

/// Everything that may be waited for once the end of a turn is decided, should no filler be heard: the transcript (4 s),
/// the model and once more the model (6 s each), the synthesiser three times (3 s each), and 3 s for slow answers in
/// between.
const WORK: Duration = Duration::from_secs(4 + 6 + 6 + 3 * 3 + 3);

/// Watches the time since the patient's last word.
#[derive(Debug)]
pub struct Silence {
    bound: Option<Duration>,
    waiting_since: Option<Time>,
}

impl Silence {
    /// The bound that holds in a scenario; none if the client did not ask to be answered.
    pub fn new(scenario: &Scenario) -> Self {
        let client = &scenario.client;
        let wait = match client.detection {
            Detection::Server { silence_ms, .. } => Some(Duration::from_millis(silence_ms.into())),
            Detection::Semantic { max_wait_ms } => Some(Duration::from_millis(max_wait_ms)),
            Detection::PushToTalk => None,
        };
        // A client that deletes items and clears buffers gets the silence it asks for.
        let asked = client.creates && !client.transcribes && client.meddles_permille == 0;
        Self {
            bound: wait.filter(|_| asked).map(|wait| wait + WORK),
            waiting_since: None,
        }
    }

    /// The patient's words arrived, or the process was not running.
    pub fn patient_spoke(&mut self, now: Time) {
        self.waiting_since = Some(now);
    }

    /// The time of a freeze does not count.
    pub fn froze(&mut self, length: Duration) {
        if let Some(since) = &mut self.waiting_since {
            *since += length;
        }
    }

    /// The patient was answered.
    pub fn answered(&mut self) {
        self.waiting_since = None;
    }

    /// Checks the bound.
    pub fn check(&mut self, now: Time, violations: &mut Violations) {
        let (Some(bound), Some(since)) = (self.bound, self.waiting_since) else {
            return;
        };
        if now.since(since) > bound {
            self.waiting_since = None;
            violations.add(now, "silence", format!("no answer for {:?}", now.since(since)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_reported_once_and_an_answer_ends_it() {
        let mut silence = Silence::new(&Scenario::plain(1));
        let late = Time::from_millis(60_000);
        let mut found = Violations::default();
        silence.patient_spoke(Time::ZERO);
        silence.answered();
        silence.check(late, &mut found);
        silence.patient_spoke(Time::ZERO);
        silence.check(Time::from_millis(2_000), &mut found);
        assert_eq!(found.into_vec(), []);
        let mut found = Violations::default();
        silence.check(late, &mut found);
        silence.check(late, &mut found);
        assert_eq!(found.into_vec().len(), 1);
    }
}
