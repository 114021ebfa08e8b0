//! A wrong setting names its place and exits 64 before anything is bound.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::process::{Command, Output};

fn bedside(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedside"));
    command.args(arguments).output().expect("the program runs")
}

fn failure(arguments: &[&str]) -> String {
    let output = bedside(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64), "{said}");
    said
}

#[test]
fn every_wrong_setting_is_named_with_its_place() {
    let path = std::env::temp_dir().join(format!("bedside-settings-{}.toml", std::process::id()));
    std::fs::write(&path, "listen = \"nowhere\"\nlisen = 1\n").expect("a file");
    let said = failure(&["serve", "--threads", "none", "--config", &path.to_string_lossy()]);
    std::fs::remove_file(&path).expect("the file is there");
    for place in [".toml, listen:", ".toml, lisen:", "--threads:"] {
        assert!(said.contains(place), "{place:?} is not in {said}");
    }
}

#[test]
fn a_network_address_without_keys_is_refused() {
    let said = failure(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(
        said.contains("--listen: 0.0.0.0:0 can be reached from other machines"),
        "{said}"
    );
}

#[test]
fn a_named_file_must_exist() {
    let said = failure(&["serve", "--config", "/nonexistent/bedside.toml"]);
    assert!(said.contains("/nonexistent/bedside.toml"), "{said}");
}

#[test]
fn a_wrong_flag_is_a_wrong_setting_too() {
    assert!(failure(&["serve", "--lisen", "127.0.0.1:1"]).contains("--lisen"));
}
