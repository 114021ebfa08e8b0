//! Turns that are over, for whoever traces them.

use std::sync::OnceLock;
use std::time::SystemTime;

use bedside_protocol::{ResponseStatus, TurnMetrics};
use tokio::sync::mpsc;

/// Turns that may wait to be taken. Overflow policy: newer ones are dropped and counted.
const WAITING: usize = 1_024;

/// An answer to a patient that is over. It holds nothing that was said.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedTurn {
    /// The session's id, as its client knows it.
    pub session: String,
    /// How the answer ended.
    pub outcome: ResponseStatus,
    /// When the patient's last voiced sample had arrived: what the times of `metrics` count from.
    pub voiced_at: SystemTime,
    /// Where the time went, and who served each stage.
    pub metrics: TurnMetrics,
}

/// The way to whoever wants the turns that are over.
#[derive(Debug, Default)]
pub(super) struct Finished(OnceLock<mpsc::Sender<FinishedTurn>>);

impl Finished {
    /// The turns from now on; `None` if somebody has them already.
    pub(super) fn take(&self) -> Option<mpsc::Receiver<FinishedTurn>> {
        let (sender, turns) = mpsc::channel(WAITING);
        self.0.set(sender).is_ok().then_some(turns)
    }

    pub(super) fn are_wanted(&self) -> bool {
        self.0.get().is_some()
    }

    /// Hands a turn over; whether it was dropped.
    pub(super) fn is_dropped(&self, turn: FinishedTurn) -> bool {
        self.0.get().is_some_and(|taker| taker.try_send(turn).is_err())
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn turns_wait_for_one_taker_and_then_are_dropped() {
        let metrics = serde_json::json!({"response_id": "resp_1", "providers": {}});
        let turn = FinishedTurn {
            session: "sess_1".to_owned(),
            outcome: ResponseStatus::Completed,
            voiced_at: UNIX_EPOCH,
            metrics: serde_json::from_value(metrics).expect("metrics"),
        };
        let finished = Finished::default();
        assert!(!finished.are_wanted() && !finished.is_dropped(turn.clone()));
        let mut turns = finished.take().expect("nobody has them");
        assert!(finished.are_wanted() && finished.take().is_none());
        let dropped = (0..WAITING + 2).filter(|_| finished.is_dropped(turn.clone()));
        assert_eq!(dropped.count(), 2);
        assert_eq!(turns.try_recv(), Ok(turn));
    }
}
