//! Where settings come from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::settings::KEYS;
use crate::failure::Failure;

/// The file read when none is named.
const FILE: &str = "bedside.toml";
/// Variables with this prefix are settings.
const PREFIX: &str = "BEDSIDE_";
/// What all programs name their collector of traces by; ours goes before it.
const COLLECTOR: (&str, &str) = ("BEDSIDE_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
/// Names the file; not a setting itself.
const FILE_VARIABLE: &str = "BEDSIDE_CONFIG";

/// Settings given on the command line, by key.
pub(crate) type Flags = BTreeMap<&'static str, String>;

/// Where a setting was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    File(PathBuf),
    Variable,
    Flag,
}

/// All sources of settings, unchecked but for their form.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub(super) file: Option<(PathBuf, toml::Table)>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) flags: Flags,
}

impl Layers {
    /// Reads the file (`named`, else the one `BEDSIDE_CONFIG` names, else `bedside.toml` if there is one) and the
    /// process's variables.
    pub(crate) fn read(named: Option<&Path>, flags: Flags) -> Result<Self, Failure> {
        let mut variables: BTreeMap<_, _> = std::env::vars()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        let (ours, usual) = COLLECTOR;
        if let Some(collector) = std::env::var(usual).ok().filter(|value| !value.is_empty()) {
            variables.entry(ours.to_owned()).or_insert(collector);
        }
        let from_variable = variables.remove(FILE_VARIABLE).map(PathBuf::from);
        let file = match named.map(Path::to_owned).or(from_variable) {
            Some(path) => Some(path),
            None => Some(PathBuf::from(FILE)).filter(|path| path.exists()),
        };
        let file = file.map(|path| Ok((path.clone(), parse(&path)?))).transpose()?;
        Ok(Self {
            file,
            variables,
            flags,
        })
    }

    /// Flags alone.
    #[cfg(test)]
    pub(crate) fn with_flags(flags: Flags) -> Self {
        Self {
            flags,
            ..Self::default()
        }
    }

    /// The value of `key` that wins, and where it stands.
    pub(super) fn find(&self, key: &str) -> Option<(Origin, toml::Value)> {
        let text = |text: &String| toml::Value::String(text.clone());
        let flag = || self.flags.get(key).map(|value| (Origin::Flag, text(value)));
        let variable = || {
            self.variables
                .get(&variable(key))
                .map(|value| (Origin::Variable, text(value)))
        };
        let file = || {
            let (path, table) = self.file.as_ref()?;
            Some((Origin::File(path.clone()), table.get(key)?.clone()))
        };
        flag().or_else(variable).or_else(file)
    }

    /// Keys of the file that are no settings.
    pub(super) fn unknown_keys(&self) -> impl Iterator<Item = (Origin, &str)> {
        self.file.iter().flat_map(|(path, table)| {
            let unknown = table.keys().filter(|key| !KEYS.contains(&key.as_str()));
            unknown.map(|key| (Origin::File(path.clone()), key.as_str()))
        })
    }

    /// Variables that look like settings and are none. Only worth a warning: an orchestrator makes up variables from
    /// the names of its services.
    pub(super) fn unknown_variables(&self) -> impl Iterator<Item = &str> {
        let known = |name: &&str| KEYS.iter().any(|key| variable(key) == **name);
        self.variables
            .keys()
            .map(String::as_str)
            .filter(move |name| !known(name))
    }
}

impl Origin {
    /// How a person names `key` of this origin.
    pub(super) fn name(&self, key: &str) -> String {
        match self {
            Self::File(path) => format!("{}, {key}", path.display()),
            Self::Variable => variable(key),
            Self::Flag => format!("--{}", key.replace('_', "-")),
        }
    }
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

fn parse(path: &Path) -> Result<toml::Table, Failure> {
    let wrong = |error: &dyn fmt::Display| Failure::usage(format_args!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    text.parse().map_err(|error| wrong(&error))
}
