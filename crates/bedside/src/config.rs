//! What this installation is set to.
//!
//! Settings come from `bedside.toml`, then `BEDSIDE_…` variables, then flags; the last one that names a setting wins.
//! All are read and checked before anything else happens, and every fault is reported at once with where it came from.

mod defaults;
mod layers;
mod reader;
mod settings;

pub(crate) use layers::{Flags, Layers};
pub(crate) use settings::{Config, Voice};
