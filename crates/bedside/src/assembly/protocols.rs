//! The consultation protocols of this installation: the shipped ones and the files of the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedside_conversation::consultation::Protocol;

use crate::config::Config;
use crate::failure::Failure;

/// Folder of protocol files inside the data folder.
const FOLDER: &str = "protocols";

/// All protocols by name. A file whose `id` is that of a shipped protocol replaces it; two such files are a fault.
pub(crate) fn protocols(config: &Config) -> Result<BTreeMap<String, Arc<Protocol>>, Failure> {
    let shipped = [Protocol::general_intake(), Protocol::blood_pressure_follow_up()];
    let mut protocols = BTreeMap::new();
    for protocol in shipped {
        let protocol = protocol.map_err(Failure::internal)?;
        protocols.insert(protocol.id.clone(), Arc::new(protocol));
    }
    let mut origins = BTreeMap::new();
    for path in files(&config.data.join(FOLDER))? {
        let protocol = read(&path)?;
        if let Some(other) = origins.insert(protocol.id.clone(), path.clone()) {
            return Err(wrong(
                &path,
                &format!("{:?} is also the id of {}", protocol.id, other.display()),
            ));
        }
        protocols.insert(protocol.id.clone(), Arc::new(protocol));
    }
    for (key, name) in config
        .aliases
        .iter()
        .chain([(&"default_protocol".to_owned(), &config.default_protocol)])
    {
        if !protocols.contains_key(name) {
            let known: Vec<_> = protocols.keys().map(String::as_str).collect();
            return Err(Failure::usage(format_args!(
                "{key}: there is no protocol {name:?}, only {}",
                known.join(", ")
            )));
        }
    }
    Ok(protocols)
}

fn read(path: &Path) -> Result<Protocol, Failure> {
    let text = std::fs::read_to_string(path).map_err(Failure::file(path))?;
    Protocol::parse(&text).map_err(|error| wrong(path, &error))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(Failure::file(folder))?;
    let files: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = files.map_err(Failure::file(folder))?;
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    Ok(files)
}

fn wrong(path: &Path, what: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format_args!("{}: {what}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, Layers, example};

    #[test]
    fn the_example_in_the_documentation_is_a_valid_protocol() {
        let page = include_str!("../../../../docs/protocol-files.md");
        let protocol = Protocol::parse(example(page)).expect("a valid protocol");
        assert_eq!(protocol.id, "cough");
    }

    #[test]
    fn two_files_with_one_id_are_refused_and_a_file_replaces_a_shipped_protocol() {
        let data = std::env::temp_dir().join(format!("bedside-protocols-{}", std::process::id()));
        let folder = data.join(FOLDER);
        std::fs::create_dir_all(&folder).expect("a folder");
        let page = include_str!("../../../../docs/protocol-files.md");
        let own = example(page).replace("id = \"cough\"\nversion", "id = \"general-intake\"\nversion");
        let flags = Flags::from([("data", data.to_string_lossy().into_owned())]);
        let config = Config::check(&Layers::with_flags(flags)).expect("valid");

        std::fs::write(folder.join("a.toml"), &own).expect("a file");
        let replaced = protocols(&config).expect("one file");
        assert_eq!(replaced["general-intake"].title, "Cough");
        std::fs::write(folder.join("b.toml"), &own).expect("a file");
        let twice = protocols(&config).expect_err("two files");
        std::fs::remove_dir_all(&data).expect("the folder is there");
        assert!(
            twice.to_string().contains("b.toml") && twice.to_string().contains("a.toml"),
            "{twice}"
        );
    }
}
