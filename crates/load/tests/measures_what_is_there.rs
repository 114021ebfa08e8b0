//! A server whose delays are known is measured to have them.

#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod server;

use std::sync::Arc;
use std::time::Duration;

use bedside_load::figures::{FigureName, Run};
use bedside_load::{Clip, Material, Plan, Scenario, Target};

use server::Script;

async fn run(text: &str, script: Script) -> Run {
    let scenario = Scenario::parse(text).unwrap();
    let words = |ms: usize| Clip {
        samples: vec![8_000; 24 * ms],
        rate_hz: 24_000,
    };
    let clips = [words(700), words(1_000)];
    let plan = Plan {
        material: Arc::new(Material::prepare(&scenario, &clips).unwrap()),
        scenario,
        text: text.to_owned(),
        threads: 1,
    };
    let target = Target {
        url: format!("ws://{}", server::start(script)),
        ..Target::default()
    };
    let mut seconds = 0;
    let run = bedside_load::run(&plan, &target, |_| seconds += 1).await.unwrap();
    assert_eq!(seconds, run.timeline.len());
    run
}

/// Whether the median is this and up to so much more: machines are late and never early.
fn near(run: &Run, name: FigureName, ms: f64, more: f64) {
    let figure = &run.figures[&name];
    assert!(
        (ms - 1.0..ms + more).contains(&figure.p50),
        "{name:?} is {} ms and not {ms}",
        figure.p50
    );
}

#[tokio::test]
async fn a_conversation_is_measured() {
    let text = r#"
        name = "voice"
        sessions = 20
        duration_s = 12
        objectives = ["voice_to_voice.p50 < 1000", "failed <= 0", "drops <= 0"]
        arrival = { kind = "ramp", over_s = 1 }
        kinds = { voice = 1 }
        voice = { listen_s = 1 }
    "#;
    let run = run(text, Script::default()).await;
    assert_eq!(run.sessions.started, 20);
    assert_eq!((run.sessions.completed, run.sessions.most_at_once), (20, 20));
    near(&run, FigureName::Transcript, 200.0, 30.0);
    // The answer begins with 100 ms of silence.
    near(&run, FigureName::VoiceToVoice, 400.0, 30.0);
    near(&run, FigureName::Jitter, 0.0, 5.0);
    assert!(run.figures[&FigureName::VoiceToVoice].count >= 40, "{run:?}");
    assert_eq!(run.cost.as_ref().map(|cost| cost.currency.as_str()), Some("EUR"));
    assert!(run.objectives.iter().all(|verdict| verdict.kept), "{run:?}");
}

#[tokio::test]
async fn an_interruption_is_measured_to_the_last_sound() {
    let text = r#"
        name = "interruptions"
        sessions = 10
        duration_s = 12
        arrival = { kind = "burst" }
        kinds = { voice = 1 }
        voice = { listen_s = 1, interruptions = 1.0 }
    "#;
    let script = Script {
        answer: Duration::from_secs(5),
        ..Script::default()
    };
    let run = run(text, script).await;
    near(&run, FigureName::InterruptionToSilence, 500.0, 60.0);
    assert!(
        run.figures[&FigureName::InterruptionToSilence].count >= 10,
        "{run:?}"
    );
}

#[tokio::test]
async fn an_echo_is_measured_and_refusals_are_counted() {
    let text = r#"
        name = "echo"
        sessions = 12
        duration_s = 3
        arrival = { kind = "ramp", over_s = 1 }
        kinds = { echo = 1 }
    "#;
    let script = Script {
        most: 10,
        ..Script::default()
    };
    let run = run(text, script).await;
    assert_eq!((run.sessions.due, run.sessions.started), (12, 10));
    assert_eq!((run.sessions.refused, run.sessions.completed), (2, 10));
    assert_eq!(run.errors["http_503"], 2);
    near(&run, FigureName::RoundTrip, 1.0, 20.0);
    // 50 frames a second from when each is set up until the end.
    let frames = run.figures[&FigureName::RoundTrip].count;
    assert!((1_150..=1_300).contains(&frames), "{frames}");
    assert!(run.drops.is_empty(), "{:?}", run.drops);
}

#[tokio::test]
async fn a_stall_is_seen_by_every_frame_that_was_due_in_it() {
    let text = r#"
        name = "stall"
        sessions = 10
        duration_s = 5
        arrival = { kind = "burst" }
        kinds = { echo = 1 }
    "#;
    let script = Script {
        stall: Some((Duration::from_secs(2), Duration::from_secs(1))),
        ..Script::default()
    };
    let run = run(text, script).await;
    let figure = &run.figures[&FigureName::RoundTrip];
    // Of the 50 frames that each session had due in that second, 45 had at least 100 ms to wait.
    let slow = figure.curve.iter().find(|(_, ms)| *ms > 100.0).unwrap().0;
    let expected = 1.0 - 10.0 * 45.0 / figure.count as f64;
    assert!((slow - expected).abs() < 0.06, "{slow} and not {expected}");
    assert!((950.0..1_100.0).contains(&figure.max), "{}", figure.max);
}

#[tokio::test]
async fn a_generator_that_is_late_says_so() {
    let text = r#"
        name = "late"
        sessions = 3
        duration_s = 2
        own_lag_ms = 0.000001
        arrival = { kind = "burst" }
        kinds = { echo = 1 }
    "#;
    let run = run(text, Script::default()).await;
    assert!(run.generator.invalid[0].contains("late"), "{:?}", run.generator);
}
