//! No event is lost, doubled or out of order on its way to the client, over however many connections.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bedside_conversation::time::Time;

use super::Violations;

/// Follows events from the core to the client.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Sent and not delivered yet, oldest first.
    under_way: VecDeque<String>,
    /// How long the audio plays that was sent before each event.
    before: BTreeMap<String, Duration>,
    audio: Duration,
}

impl Delivery {
    /// The core sent an event.
    pub fn sent(&mut self, event_id: &str) {
        self.under_way.push_back(event_id.to_owned());
        self.before.insert(event_id.to_owned(), self.audio);
    }

    /// The core sent audio; returns its place in all the audio it ever sent.
    pub fn audio(&mut self, duration: Duration) -> Duration {
        let at = self.audio;
        self.audio += duration;
        at
    }

    /// The client got an event.
    pub fn delivered(&mut self, now: Time, event_id: &str, violations: &mut Violations) {
        let next = self.under_way.pop_front();
        violations.check(next.as_deref() == Some(event_id), now, "delivery", || {
            format!("the client gets {event_id}, and {next:?} is next")
        });
    }

    /// The client comes back and has everything up to this event: how much of all audio it can have got.
    pub fn can_have_got(&self, now: Time, last_event_id: &str, violations: &mut Violations) -> Duration {
        let next = self.under_way.front();
        violations.check(
            next.is_none_or(|next| next.as_str() > last_event_id),
            now,
            "delivery",
            || format!("the client has {last_event_id}, and {next:?} is next"),
        );
        next.and_then(|next| self.before.get(next).copied())
            .unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_arrive_once_and_in_order() {
        for (arrivals, wrong) in [(["1", "2", "3"], 0), (["1", "3", "2"], 2), (["1", "1", "2"], 2)] {
            let mut delivery = Delivery::default();
            let mut found = Violations::default();
            for event in ["1", "2", "3"] {
                delivery.sent(event);
            }
            for event in arrivals {
                delivery.delivered(Time::ZERO, event, &mut found);
            }
            assert_eq!(found.into_vec().len(), wrong, "{arrivals:?}");
        }
    }

    #[test]
    fn no_audio_arrives_that_was_sent_after_an_event_that_did_not() {
        let mut delivery = Delivery::default();
        let mut found = Violations::default();
        delivery.sent("1");
        assert_eq!(delivery.audio(Duration::from_millis(20)), Duration::ZERO);
        delivery.sent("2");
        delivery.audio(Duration::from_millis(20));
        delivery.delivered(Time::ZERO, "1", &mut found);
        let got = delivery.can_have_got(Time::ZERO, "1", &mut found);
        assert_eq!(got, Duration::from_millis(20));
        assert_eq!(found.into_vec(), []);
    }
}
