//! Reading typed settings out of the layers, and collecting what is wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::layers::{Layers, Origin};
use super::section::Section;
use crate::failure::Failure;

/// Reads settings one by one; a fault is noted, and reading goes on to find the next.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Self {
        let mut reader = Self {
            layers,
            faults: Vec::new(),
        };
        for (origin, key) in layers.unknown_keys() {
            reader
                .faults
                .push(format!("{}: there is no such setting", origin.name(key)));
        }
        reader
    }

    /// The setting `key`, if it is given and is `expected`.
    pub(super) fn get<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<T> {
        self.get_if(key, expected, |_| true)
    }

    /// The setting `key`, if it is given, is `expected`, and `holds`.
    pub(super) fn get_if<T: FromStr>(
        &mut self,
        key: &str,
        expected: &str,
        holds: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let (origin, value) = self.layers.find(key)?;
        let text = match &value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let parsed = text.parse().ok().filter(holds);
        if parsed.is_none() {
            self.fault(&origin, key, &format!("{text:?} is not {expected}"));
        }
        parsed
    }

    /// A list: an array in the file, separated by commas elsewhere. Its values are never shown.
    pub(super) fn list(&mut self, key: &str) -> Vec<String> {
        let Some((origin, value)) = self.layers.find(key) else {
            return Vec::new();
        };
        let list = match value {
            toml::Value::String(text) => Some(split(&text).map(str::to_owned).collect()),
            toml::Value::Array(values) => values
                .into_iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        list.unwrap_or_else(|| {
            self.fault(&origin, key, "not a list of texts");
            Vec::new()
        })
    }

    /// A map from text to text: a table in the file, `a=b,c=d` elsewhere.
    pub(super) fn map(&mut self, key: &str) -> Option<BTreeMap<String, String>> {
        let (origin, value) = self.layers.find(key)?;
        let map: Option<BTreeMap<_, _>> = match value {
            toml::Value::String(text) => split(&text)
                .map(|pair| {
                    pair.split_once('=')
                        .map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()))
                })
                .collect(),
            toml::Value::Table(table) => {
                let pair = |(name, value): (String, toml::Value)| Some((name, value.as_str()?.to_owned()));
                table.into_iter().map(pair).collect()
            }
            _ => None,
        };
        if map.is_none() {
            self.fault(&origin, key, "not a table from text to text");
        }
        map
    }

    /// The table under `key`, which only the file can hold.
    pub(super) fn section(&mut self, key: &str) -> Option<Section<'_>> {
        let (origin, value) = self.layers.find(key)?;
        if let toml::Value::Table(table) = value {
            return Some(Section::new(origin.name(key), table, &mut self.faults));
        }
        self.fault(&origin, key, "not a table of the file");
        None
    }

    /// Notes that `key`, wherever it was found, cannot be used.
    pub(super) fn refuse(&mut self, key: &str, why: &dyn std::fmt::Display) {
        let place = self
            .layers
            .find(key)
            .map_or_else(|| key.to_owned(), |(origin, _)| origin.name(key));
        self.faults.push(format!("{place}: {why}"));
    }

    /// `value` if nothing was wrong with any setting.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Failure> {
        if self.faults.is_empty() {
            return Ok(value);
        }
        Err(Failure::usage(format_args!(
            "the configuration is not valid\n  {}",
            self.faults.join("\n  ")
        )))
    }

    fn fault(&mut self, origin: &Origin, key: &str, what: &str) {
        self.faults.push(format!("{}: {what}", origin.name(key)));
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}
