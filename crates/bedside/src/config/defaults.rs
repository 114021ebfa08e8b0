//! What holds where nothing is set.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

pub(super) const LISTEN: &str = "127.0.0.1:8080";
pub(super) const PROTOCOL: &str = "general-intake";
pub(super) const LOG: &str = "info";

/// Seconds a stopping server waits for its sessions.
pub(super) const DRAIN_SECONDS: u64 = 10;

/// Model names the official clients ask for when theirs is not set.
const CLIENT_MODELS: [&str; 4] = [
    "gpt-realtime",
    "gpt-realtime-mini",
    "gpt-realtime-2",
    "gpt-realtime-2.1",
];

pub(super) fn aliases() -> BTreeMap<String, String> {
    CLIENT_MODELS
        .map(|name| (name.to_owned(), PROTOCOL.to_owned()))
        .into()
}

/// Processors this process may use.
pub(crate) fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Where a user's own files belong.
pub(super) fn data() -> PathBuf {
    folder(
        "XDG_DATA_HOME",
        if MACOS {
            "Library/Application Support"
        } else {
            ".local/share"
        },
    )
}

/// Models can be made again, so they belong into the cache.
pub(super) fn models() -> PathBuf {
    folder("XDG_CACHE_HOME", if MACOS { "Library/Caches" } else { ".cache" }).join("models")
}

const MACOS: bool = cfg!(target_os = "macos");

/// Our folder in the one that `variable` names, else in `usual` at home; in the working directory for a user who has
/// no home. Relative values of the variable do not count (XDG Base Directory Specification 0.8).
fn folder(variable: &str, usual: &str) -> PathBuf {
    let named = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let base = named.or_else(|| Some(std::env::home_dir()?.join(usual)));
    base.unwrap_or_default().join("bedside")
}
