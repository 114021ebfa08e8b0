//! The server stands still for a second while many hear themselves. `E2E_STRICT=1` has 500 of them.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedside_e2e::{Server, load};
use rustix::process::Signal;
use serde_json::{Value, json};

const FREEZE: Duration = Duration::from_secs(1);

/// When it begins, in the run.
const AFTER: Duration = Duration::from_secs(6);

/// The echo is late by no more than this once it has had as long to recover.
const RECOVERED: f64 = 1.0;

/// Milliseconds that a frame may take longer then.
fn allowed() -> f64 {
    if strict() { 50.0 } else { 150.0 }
}

fn strict() -> bool {
    std::env::var_os("E2E_STRICT").is_some()
}

fn unix_seconds() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a time after 1970").as_secs_f64()
}

/// Has patients hear themselves for 14 s, and gives what was measured.
fn relay(server: &Server, sessions: usize) -> Value {
    let scenario = format!(
        "name = \"freeze\"\nsessions = {sessions}\nduration_s = 14\nwarm_up_s = 3\n\
         [arrival]\nkind = \"ramp\"\nover_s = 2\n[kinds]\necho = 1\n"
    );
    load(server, &scenario, &[]).1
}

#[test]
fn a_second_after_a_freeze_of_a_second_nobody_hears_themselves_later_than_before() {
    let sessions = if strict() { 500 } else { 40 };
    let settings = "handshakes_per_second = 100000.0\n[capacity]\nutilisation = 1000.0\n";
    let server = Server::configured(settings, &[], &[]);
    let (run, frozen, thawed) = thread::scope(|scope| {
        let run = scope.spawn(|| relay(&server, sessions));
        thread::sleep(AFTER);
        let frozen = unix_seconds();
        server.signal(Signal::STOP);
        thread::sleep(FREEZE);
        server.signal(Signal::CONT);
        let thawed = unix_seconds();
        (run.join().expect("a run"), frozen, thawed)
    });
    let began = run["began_at_ms"].as_f64().expect("a time") / 1e3;
    let timeline = run["timeline"].as_array().expect("seconds");
    // The worst of the seconds that lie within.
    let round_trip = |from: f64, to: f64| {
        let within = timeline.iter().filter(|second| {
            let end = began + second["at"].as_f64().expect("a time");
            end - 1.0 >= from && end <= to
        });
        let p99 = within.filter_map(|second| second["p99"]["round_trip"].as_f64());
        p99.reduce(f64::max).expect("a whole second")
    };
    let before = round_trip(began + 3.0, frozen);
    let at_worst = round_trip(frozen, f64::MAX);
    let after = round_trip(thawed + RECOVERED, f64::MAX);
    println!(
        "{sessions} sessions, p99 of a frame's round trip: {before:.1} ms, {at_worst:.0} ms after a freeze of 1 s, \
         {after:.1} ms from 1 s after it"
    );
    assert!(at_worst > 800.0, "nothing was frozen");
    assert!(after - before <= allowed());
    assert_eq!((&run["drops"], &run["errors"]), (&json!({}), &json!({})));
}
