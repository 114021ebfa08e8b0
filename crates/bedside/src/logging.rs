//! Log lines on stderr. No part of Bedside logs what patients say.

use std::io::{IsTerminal, stderr};

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::LogFormat;

/// The target of lines that tell what operators did: written whatever the filter says.
const AUDIT: &str = "audit";

/// Starts logging what passes `filter`. Lines of a session name it, and the answer that is being made.
///
/// Libraries are held to warnings whatever the filter says: at lower levels some write down the text they work on.
pub(crate) fn start(filter: &str, format: LogFormat) {
    // Without the hints every line that the libraries do not write would be built first, some for every frame of audio.
    let quiet = filter_fn(|line| line.target().starts_with("bedside") || *line.level() <= Level::WARN)
        .with_max_level_hint(Level::TRACE);
    let audit = filter_fn(|line| line.target() == AUDIT).with_max_level_hint(Level::INFO);
    let filter = EnvFilter::try_new(filter)
        .unwrap_or_default()
        .and(quiet)
        .or(audit);
    let lines = fmt::layer().with_writer(stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    // Fails only if logging was started before, which is as good.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init();
}
