//! What this installation is set to.
//!
//! Settings come from `bedside.toml`, then `BEDSIDE_…` variables, then flags; the last one that names a setting wins.
//! All are read and checked before anything else happens, and every fault is reported at once with where it came from.

mod capacity;
mod chains;
mod defaults;
mod layers;
mod names;
mod providers;
mod reader;
mod resilience;
mod secret;
mod section;
mod services;
mod settings;
mod tools;

pub(crate) use defaults::cores;
pub(crate) use layers::{Flags, Layers};
pub(crate) use providers::{Kind, Provider};
pub(crate) use secret::SecretSource;
pub(crate) use services::Services;
pub(crate) use settings::{Config, LogFormat, Voice};
pub(crate) use tools::Tool;

/// The first TOML example of a page of the documentation.
#[cfg(test)]
pub(crate) fn example(page: &str) -> &str {
    let rest = page.split("```toml\n").nth(1);
    let example = rest.and_then(|rest| rest.split("```").next());
    example.expect("an example")
}
