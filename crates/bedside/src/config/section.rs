//! A table of the file: read key by key or as a whole, every fault of it named with its place.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// A table, and where it is to be complained about.
pub(super) struct Section<'f> {
    place: String,
    table: Table,
    faults: &'f mut Vec<String>,
}

impl<'f> Section<'f> {
    pub(super) fn new(place: String, table: Table, faults: &'f mut Vec<String>) -> Self {
        Self { place, table, faults }
    }

    /// The keys that have not been taken.
    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// Takes what stands under `key`, as it is.
    pub(super) fn take_value(&mut self, key: &str) -> Option<Value> {
        self.table.remove(key)
    }

    /// Takes what stands under `key`.
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.table.remove(key)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.note(&join(key, &fault.path), &fault.what);
                None
            }
        }
    }

    /// Takes the table under `key`.
    pub(super) fn section(&mut self, key: &str) -> Option<Section<'_>> {
        let Value::Table(table) = self.table.remove(key)? else {
            self.note(key, "not a table");
            return None;
        };
        Some(Section {
            place: format!("{}.{key}", self.place),
            table,
            faults: self.faults,
        })
    }

    /// What has not been taken, as a table of its own at the same place.
    pub(super) fn rest(&mut self) -> Section<'_> {
        Section {
            place: self.place.clone(),
            table: std::mem::take(&mut self.table),
            faults: self.faults,
        }
    }

    /// What has not been taken, as a whole whose keys may all be left out. Each key is read by itself first, so that
    /// all faults are found.
    pub(super) fn read<T: DeserializeOwned>(mut self) -> Option<T> {
        let before = self.faults.len();
        for (key, value) in self.table.clone() {
            let alone = Table::from_iter([(key.clone(), value)]);
            if let Err(fault) = parse::<T>(Value::Table(alone)) {
                let within = fault.path.starts_with(&key);
                self.note(if within { &fault.path } else { &key }, &fault.what);
            }
        }
        if self.faults.len() > before {
            return None;
        }
        let table = std::mem::take(&mut self.table);
        parse(Value::Table(table))
            .map_err(|fault| self.note(&fault.path, &fault.what))
            .ok()
    }

    /// Notes what has not been taken as no settings.
    pub(super) fn finish(mut self, known: &str) {
        for key in self.keys() {
            self.note(&key, &format!("there is no such setting, only {known}"));
        }
    }

    /// Notes that what stands under `key` cannot be used.
    pub(super) fn note(&mut self, key: &str, what: &str) {
        self.faults.push(format!("{}: {what}", join(&self.place, key)));
    }
}

struct Fault {
    path: String,
    what: String,
}

fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Fault {
            path: if path == "." { String::new() } else { path },
            what: without_values(error.inner().message()),
        }
    })
}

fn join(place: &str, key: &str) -> String {
    match (place, key) {
        (place, "") => place.to_owned(),
        (place, key) => format!("{place}.{key}"),
    }
}

/// A text that stands where another value is expected may be a secret.
fn without_values(message: &str) -> String {
    const BEFORE: &str = "string \"";
    let Some((before, rest)) = message.split_once(BEFORE) else {
        return message.to_owned();
    };
    let after = rest.rsplit_once('"').map_or("", |(_, after)| after);
    format!("{before}a text{after}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Example {
        number: u32,
        names: Vec<String>,
        by_name: BTreeMap<String, f64>,
    }

    fn read(text: &str) -> (Option<Example>, Vec<String>) {
        let mut faults = Vec::new();
        let table = text.parse().expect("TOML");
        let read = Section::new("x.toml, t".to_owned(), table, &mut faults).read();
        (read, faults)
    }

    #[test]
    fn every_fault_of_a_table_is_found_with_its_place() {
        let (read, faults) =
            read("number = -1\nnames = [\"a\", 2]\nnmes = 1\n[by_name]\na = 1.5\nb = true\n");
        assert!(read.is_none());
        let places: Vec<_> = faults
            .iter()
            .map(|fault| fault.split(": ").next().expect("a place"))
            .collect();
        assert_eq!(
            places,
            [
                "x.toml, t.by_name.b",
                "x.toml, t.names[1]",
                "x.toml, t.nmes",
                "x.toml, t.number"
            ]
        );
        assert!(
            faults[2].contains("unknown field `nmes`, expected one of"),
            "{faults:?}"
        );
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let (_, faults) = read("number = \"hush \\\" hush\"\n");
        assert_eq!(faults, ["x.toml, t.number: invalid type: a text, expected u32"]);
    }

    #[test]
    fn a_table_without_faults_is_read() {
        let (read, faults) = read("number = 3\n");
        assert_eq!((read.map(|read| read.number), faults.len()), (Some(3), 0));
    }
}
