//! The commands as a user types them.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::path::Path;
use std::process::Output;

use bedside_e2e::{Client, Ending, Server, run};
use rustix::process::Signal;

fn stdout(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn speak(text: &str, path: &Path) {
    stdout(&run(&["speak", text, "--out", &path.to_string_lossy()]));
}

#[test]
fn what_is_spoken_can_be_transcribed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("question.wav");
    speak("I have had a sore throat for three days.", &path);
    let heard = stdout(&run(&["transcribe", &path.to_string_lossy()]));
    assert!(heard.to_lowercase().contains("sore throat"), "{heard:?}");
    let table = stdout(&run(&["transcribe", "--tsv", &folder.path().to_string_lossy()]));
    assert!(table.starts_with("question\t"), "{table:?}");
}

#[test]
fn a_table_is_spoken_into_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("lines.tsv");
    std::fs::write(&table, "one\tTake one tablet.\ntwo\tDrink some water.\n").expect("a file");
    let out = folder.path().join("spoken");
    stdout(&run(&[
        "speak",
        "--tsv",
        &table.to_string_lossy(),
        "--out",
        &out.to_string_lossy(),
    ]));
    assert!(out.join("one.wav").is_file() && out.join("two.wav").is_file());
}

#[test]
fn a_consultation_in_the_terminal_prints_turns_and_keeps_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let question = folder.path().join("question.wav");
    let answer = folder.path().join("answer.wav");
    speak("My throat hurts.", &question);
    let (question, answer) = (question.to_string_lossy(), answer.to_string_lossy());
    let said = stdout(&run(&["talk", &question, "--out", &answer]));
    assert!(said.to_lowercase().contains("throat"), "{said}");
    assert!(
        said.contains("bedside  ") && said.contains("voice to voice"),
        "{said}"
    );
    let heard = stdout(&run(&["transcribe", &answer]));
    assert!(heard.split_whitespace().count() >= 4, "{heard:?}");
}

#[test]
fn talk_reaches_a_running_server_which_speaks_first_if_asked() {
    let server = Server::start(&[]);
    let said = stdout(&run(&[
        "talk",
        "--greet",
        "--url",
        &format!("ws://{}", server.authority()),
    ]));
    assert!(said.contains("What brings you in today?"), "{said}");
}

#[test]
fn the_doctor_finds_a_healthy_installation_healthy() {
    let data = tempfile::tempdir().expect("a folder");
    let output = run(&[
        "doctor",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data.path().to_string_lossy(),
    ]);
    assert!(stdout(&output).contains("Bedside can run here."));
}

#[test]
fn the_doctor_says_what_to_do_about_missing_models() {
    let empty = tempfile::tempdir().expect("a folder");
    let folder = empty.path().to_string_lossy();
    let output = run(&[
        "doctor",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &folder,
        "--models",
        &folder,
    ]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && said.contains("what to do: bedside models"),
        "{said}"
    );
}

#[test]
fn models_are_checked_and_listed() {
    assert!(stdout(&run(&["models", "--check"])).contains("all models load"));
    let list = stdout(&run(&["models", "--list"]));
    assert!(
        list.contains("whisper-tiny.en") && list.contains("ready"),
        "{list}"
    );
}

#[tokio::test]
async fn a_server_told_to_stop_lets_its_sessions_go_and_ends_well() {
    let server = Server::start(&["--drain-seconds", "1"]);
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    server.signal(Signal::TERM);
    assert_eq!(client.ending().await, Ending { code: Some(1001) });
    assert_eq!(server.wait(), Some(0));
}
