//! How late a node is, as one number.

use std::time::Duration;

/// What is late first when a node is overloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Judgements of speech detection, past their deadline.
    SpeechDetection,
    /// The first audio of answers, past its deadline.
    FirstSynthesis,
    /// Final transcripts, past their deadline.
    FinalTranscript,
    /// Alarms of the sessions' loops.
    SessionLoop,
}

impl Signal {
    /// How late one in twenty may be.
    ///
    /// An answer is to be heard 2 s after the patient's last word, and takes half a second on an idle node; final
    /// transcript and first audio come one after the other, so each may use up half a second of the rest and half a
    /// second is left. Detection that is late delays every turn by as much, and an alarm that is 50 ms late eats an eighth
    /// of the lead that audio has at the client. Model jobs are told of to a factor of two, rounded up, so their limits
    /// are bounds of those buckets.
    pub const fn limit(self) -> Duration {
        Duration::from_millis(match self {
            Self::SpeechDetection => 128,
            Self::FirstSynthesis | Self::FinalTranscript => 512,
            Self::SessionLoop => 50,
        })
    }
}

/// How late something was over the last seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lateness {
    /// What.
    pub signal: Signal,
    /// How many were measured.
    pub count: u64,
    /// How late the latest of every twenty was at least.
    pub p95: Duration,
}

/// Fewer than this say nothing of a node: a single answer may be late because of what else the machine does.
const ENOUGH: u64 = 4;

/// How late a node is, in parts of what may be: above 1, it is late.
pub fn strain(lateness: impl IntoIterator<Item = Lateness>) -> f64 {
    let parts = lateness
        .into_iter()
        .filter(|measured| measured.count >= ENOUGH)
        .map(|measured| measured.p95.as_secs_f64() / measured.signal.limit().as_secs_f64());
    parts.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_signal_of_which_there_is_enough_counts() {
        let late = |signal, count, ms| Lateness {
            signal,
            count,
            p95: Duration::from_millis(ms),
        };
        let measured = [
            late(Signal::SpeechDetection, 900, 20),
            late(Signal::FirstSynthesis, 12, 768),
            late(Signal::FinalTranscript, 3, 9_000),
        ];
        assert!((strain(measured) - 1.5).abs() < 1e-9);
        assert!(strain([]) < f64::EPSILON);
    }
}
