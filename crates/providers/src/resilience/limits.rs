use std::time::Duration;

use bedside_conversation::service::Stage;

use crate::local;

/// How long a link may take for each event before another link takes over.
///
/// | stage | `open` | `first` | `next` |
/// |---|---|---|---|
/// | transcription | the stream opens | the final text, from the command to finish | the link takes audio |
/// | model | | the first event | every further event |
/// | synthesis | the stream opens | the first audio, from the first text | every further event while text is owed |
/// | vitals | the stream opens | the first news, from the first picture | further news while pictures come |
/// | knowledge, device | | the whole answer | |
///
/// A stream that keeps every deadline may still be too slow as a whole. If there is another link, `next` is therefore
/// also the most that all gaps may amount to in speech that comes more slowly than it plays, and, beside the interval of
/// readings, how far news of a scan may be behind its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLimits {
    /// Until a stream is open.
    pub open: Duration,
    /// Until the first event.
    pub first: Duration,
    /// Until every further event.
    pub next: Duration,
}

impl EventLimits {
    /// What a vendor is given: together with the link that takes over, the patient waits less than four seconds.
    pub const fn remote(stage: Stage) -> Self {
        let (open, first, next) = match stage {
            Stage::Transcription => (1_500, 1_200, 2_000),
            Stage::Model => (1_500, 2_500, 2_000),
            Stage::Synthesis => (1_500, 1_200, 1_500),
            Stage::Vitals => (3_000, 3_000, 3_000),
            Stage::Knowledge => (1_500, 2_000, 2_000),
            Stage::Device => (1_500, 4_000, 4_000),
        };
        Self {
            open: Duration::from_millis(open),
            first: Duration::from_millis(first),
            next: Duration::from_millis(next),
        }
    }

    /// What this machine's own models are given when they come last: there is nobody better to turn to, and one that is
    /// late because of many patients is not broken. They bound their work themselves.
    pub const fn last_resort() -> Self {
        Self {
            open: local::GIVEN_UP_AFTER,
            first: local::GIVEN_UP_AFTER,
            next: local::GIVEN_UP_AFTER,
        }
    }

    /// What this machine's own models are given before somebody else takes over.
    pub const fn local() -> Self {
        let long = Duration::from_millis(4_000);
        Self {
            open: long,
            first: long,
            next: long,
        }
    }
}
