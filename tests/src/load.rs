//! `bedside load` as a process.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::program::{Server, run};

/// Runs a scenario of this text; gives the output and what was measured.
pub fn load(server: &Server, scenario: &str, more: &[&str]) -> (Output, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let (toml, json) = (
        folder.path().join("scenario.toml"),
        folder.path().join("run.json"),
    );
    fs::write(&toml, scenario).expect("a file can be written");
    let (toml, json) = (toml.to_string_lossy(), json.to_string_lossy());
    let plain = ["load", &*toml, "--url", server.url(), "--json", &*json];
    let output = run(&[&plain, more].concat());
    let measured = fs::read_to_string(&*json).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    (output, serde_json::from_str(&measured).expect("JSON"))
}
