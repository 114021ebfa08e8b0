//! Log lines on stderr. No part of Bedside logs what patients say.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts logging what passes `filter`.
pub(crate) fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_default();
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    // Fails only if logging was started before, which is as good.
    let _ = logger.with_ansi(stderr().is_terminal()).try_init();
}
