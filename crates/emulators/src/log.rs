//! What happened and when, for whoever measures.

use std::collections::VecDeque;

use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use serde_json::Value;

use crate::vendor::Vendor;

/// Entries that are kept. Overflow policy: the oldest is dropped.
const KEPT: usize = 200_000;

/// A kind of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A connection was accepted by a vendor.
    Open,
    /// A request came whole.
    Request,
    /// Audio or a picture came.
    Audio,
    /// A message came.
    Text,
    /// The first event of an answer went out.
    SentFirst,
    /// The last one did.
    SentLast,
    /// The connection ended.
    Close,
    /// A fault struck.
    Fault,
}

#[derive(Debug, Clone, Serialize)]
struct Entry {
    at_us: u64,
    vendor: Vendor,
    connection: u64,
    event: Event,
    detail: Value,
}

/// The log of all vendors.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<VecDeque<Entry>>);

impl Log {
    /// Writes down that something happened just now.
    pub(crate) fn write(&self, vendor: Vendor, connection: u64, event: Event, detail: Value) {
        let mut entries = self.0.lock();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(Entry {
            at_us: now_us(),
            vendor,
            connection,
            event,
            detail,
        });
    }

    /// All of it, oldest first.
    pub(crate) fn to_json(&self) -> Value {
        let entries = self.0.lock().iter().cloned().collect::<Vec<_>>();
        serde_json::to_value(entries).unwrap_or_default()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}

/// The system's monotonic clock in microseconds: the same for every process of the machine.
fn now_us() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_in_order_and_bounded() {
        let log = Log::default();
        for index in 0..=KEPT {
            log.write(Vendor::BedrockKb, index as u64, Event::SentFirst, Value::Null);
        }
        let Value::Array(entries) = log.to_json() else {
            panic!("an array")
        };
        assert_eq!(entries.len(), KEPT);
        assert_eq!(entries[0]["connection"], 1, "the oldest is gone");
        assert_eq!(entries[0]["vendor"], "bedrock-kb");
        assert_eq!(entries[0]["event"], "sent_first");
        assert!(entries.is_sorted_by_key(|entry| entry["at_us"].as_u64()));
    }
}
