//! `bedside load` against `bedside serve`: what it measures is there, and what it says is so.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use bedside_e2e::{Server, load, run};

#[test]
fn patients_who_speak_come_back_and_are_answered() {
    let server = Server::start(&[]);
    let (_, run) = load(
        &server,
        r#"
            name = "few"
            sessions = 2
            duration_s = 25
            reconnects = 1
            own_lag_ms = 1000
            arrival = { kind = "ramp", over_s = 4 }
            kinds = { voice = 1 }
        "#,
        &[],
    );
    let sessions = &run["sessions"];
    assert_eq!(
        (&sessions["due"], &sessions["completed"]),
        (&2.into(), &2.into()),
        "{run:#}"
    );
    assert_eq!(sessions["resumed"], 2, "{run:#}");
    assert_eq!(run["errors"], serde_json::json!({}), "{run:#}");
    for figure in ["connect", "transcript", "voice_to_voice", "jitter", "own_lag"] {
        assert!(
            run["figures"][figure]["count"].as_u64() > Some(0),
            "{figure}: {run:#}"
        );
    }
}

#[test]
fn the_heart_rate_of_a_patient_before_a_camera_is_found() {
    let server = Server::start(&[]);
    let (output, run) = load(
        &server,
        r#"
            name = "faces"
            sessions = 2
            duration_s = 20
            own_lag_ms = 1000
            objectives = ["heart_rate_error.p50 < 3", "errors <= 0", "failed <= 0"]
            arrival = { kind = "burst" }
            kinds = { scan = 1 }
        "#,
        &[],
    );
    assert!(output.status.success(), "{run:#}");
    assert_eq!(run["figures"]["heart_rate_first"]["count"], 2, "{run:#}");
}

#[test]
fn sessions_beyond_the_limit_are_refused_and_fail_their_objective() {
    let server = Server::start(&["--sessions", "1"]);
    let (output, run) = load(
        &server,
        r#"
            name = "crowd"
            sessions = 3
            duration_s = 3
            own_lag_ms = 1000
            objectives = ["refused <= 0"]
            arrival = { kind = "ramp", over_s = 1 }
            kinds = { scan = 1 }
        "#,
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(run["sessions"]["refused"], 2, "{run:#}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("broken  refused sessions <= 0 (2.0)"), "{said}");
}

#[test]
fn a_scenario_that_is_wrong_is_refused_by_the_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = folder.path().join("wrong.toml");
    std::fs::write(&toml, "name = \"wrong\"\nsesions = 3\n").expect("a file can be written");
    let output = run(&["load", &toml.to_string_lossy(), "--url", "ws://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("sesions"), "{said}");
}
