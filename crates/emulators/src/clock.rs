//! The time of day, where vendors put it into their answers.

use std::time::{Duration, SystemTime};

/// The time since 1970.
pub(crate) fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}
