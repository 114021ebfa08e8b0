//! Hours of work leave a server as it was. `make soak` runs it for `SOAK_MINUTES`.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Holdings, RATE, Server, voiced};
use futures::future::join_all;
use serde_json::{Value, json};

/// What patients say.
const ANSWERS: [&str; 3] = [
    "I have a bad headache.",
    "It started three days ago.",
    "It is getting worse.",
];

/// A patient of a server that is not overloaded waits less than this for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Until then, pools and caches fill.
const WARM_UP: Duration = Duration::from_secs(300);

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);

/// Growth below this is nothing, however steady it looks: allocators round up.
const NOTHING: f64 = 4.0 * 1024.0 * 1024.0;

fn minutes() -> Option<u64> {
    std::env::var("SOAK_MINUTES").ok()?.parse().ok()
}

/// How long a patient stays away who was refused: the least that a full server asks for.
const AWAY: Duration = Duration::from_secs(5);

/// Consultations of three turns, one after the other, until it is time; returns how many, and how often the server was
/// too late to take another, as happens on a machine that others use.
async fn patient(server: &Server, index: usize, until: Instant) -> (usize, usize) {
    let (mut visits, mut refused) = (0, 0);
    while Instant::now() < until {
        let mut client = match Client::connect_with(server, "").await {
            Ok(client) => client,
            Err(refusal) => {
                assert_eq!(refusal.status, 503, "{refusal:?}");
                refused += 1;
                tokio::time::sleep(AWAY).await;
                continue;
            }
        };
        client.expect("session.created").await;
        client
            .update(json!({"turn_detection": {"type": "semantic_vad", "eagerness": "medium"}}))
            .await;
        for (turn, answer) in ANSWERS.into_iter().enumerate() {
            client.speak(&vec![0; RATE * (1 + index % 3)]).await;
            client.speak(&voiced(answer)).await;
            listen(&mut client, turn + 1).await;
        }
        complete(&client);
        visits += 1;
    }
    (visits, refused)
}

/// Is silent until so many answers are over.
async fn listen(client: &mut Client, answers: usize) {
    let deadline = Instant::now() + PATIENCE;
    while count(client, "output_audio_buffer.stopped") < answers {
        assert!(Instant::now() < deadline, "no answer; {}", client.kinds());
        client.speak(&[0; RATE / 50]).await;
    }
}

fn count(client: &Client, kind: &str) -> usize {
    let events = client.events.iter();
    events.filter(|(_, event)| event["type"] == kind).count()
}

/// Every turn has all its events, and their ids rise.
fn complete(client: &Client) {
    for kind in [
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.input_audio_transcription.completed",
        "response.done",
        "bedside.turn.metrics",
    ] {
        assert_eq!(count(client, kind), ANSWERS.len(), "{kind}; {}", client.kinds());
    }
    let id = |event: &Value| event["event_id"].as_str().map(str::to_owned);
    let ids: Vec<_> = client.events.iter().filter_map(|(_, event)| id(event)).collect();
    assert_eq!(ids.len(), client.events.len());
    // Audio is numbered for itself, with a letter more.
    let shortest = ids.iter().map(String::len).min();
    let (events, audio): (Vec<_>, Vec<_>) = ids.iter().partition(|id| Some(id.len()) == shortest);
    assert!(!audio.is_empty());
    for series in [events, audio] {
        assert!(
            series.is_sorted_by(|one, next| one < next),
            "an event is out of order or comes twice"
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How much equally spaced `values` grow from the first to the last, and how far they lie around that line: the median of
/// the slopes of all pairs (Theil and Sen), which outliers do not move, and the median deviation, scaled to be the standard
/// deviation of a normal distribution.
fn growth(values: &[f64]) -> (f64, f64) {
    let pairs = (0..values.len()).flat_map(|from| (from + 1..values.len()).map(move |to| (from, to)));
    let slope = median(
        pairs
            .map(|(from, to)| (values[to] - values[from]) / (to - from) as f64)
            .collect(),
    );
    let rest: Vec<_> = values
        .iter()
        .zip(0..)
        .map(|(value, at)| value - slope * f64::from(at))
        .collect();
    let level = median(rest.clone());
    let spread = 1.4826 * median(rest.iter().map(|value| (value - level).abs()).collect());
    (slope * (values.len() - 1) as f64, spread)
}

fn is_flat(values: &[f64]) -> bool {
    let (growth, spread) = growth(values);
    growth <= (2.0 * spread).max(NOTHING)
}

#[test]
fn a_leak_is_told_from_noise_and_from_a_single_jump_back() {
    let noise = |at: u32| f64::from(at * 7_919 % 101) * 1e5;
    let flat: Vec<_> = (0..200).map(|at| 6e8 + noise(at)).collect();
    let leaking: Vec<_> = (0..200).map(|at| 6e8 + noise(at) + f64::from(at) * 2e5).collect();
    assert!(is_flat(&flat));
    assert!(!is_flat(&leaking));
}

#[tokio::test]
async fn nothing_grows() {
    let Some(minutes) = minutes() else {
        println!("SOAK_MINUTES is not set");
        return;
    };
    let _ = ANSWERS.map(voiced);
    let server = Server::start(&[]);
    let capacity = server.http("GET", "/ops/api/node", &[], "").await.json()["sessions"]["capacity"].as_u64();
    let sessions = capacity.expect("a number") as usize * 7 / 10;
    let began = Instant::now();
    let until = began + Duration::from_secs(60 * minutes);
    let mut seen: Vec<Holdings> = Vec::new();
    let watch = async {
        while Instant::now() < until {
            tokio::time::sleep(EVERY).await;
            if began.elapsed() > WARM_UP.min(Duration::from_secs(10 * minutes)) {
                seen.push(server.holdings().await);
            }
        }
    };
    let patients = join_all((0..sessions).map(|index| patient(&server, index, until)));
    let (visits, ()) = tokio::join!(patients, watch);
    println!(
        "{sessions} patients, {} visits in {minutes} min, {} refused",
        visits.iter().map(|(visits, _)| visits).sum::<usize>(),
        visits.iter().map(|(_, refused)| refused).sum::<usize>()
    );
    let series = |of: fn(&Holdings) -> f64| seen.iter().map(of).collect::<Vec<_>>();
    let memory = series(|seen| seen.memory as f64);
    let (grown, spread) = growth(&memory);
    println!(
        "memory: {:.1} MB, {:+.1} MB, spread {:.1} MB",
        memory[0] / 1e6,
        grown / 1e6,
        spread / 1e6
    );
    assert!(is_flat(&memory), "memory grows");
    for (name, values) in [
        ("files", series(|seen| seen.files as f64)),
        ("tasks", series(|seen| seen.tasks as f64)),
    ] {
        let (grown, spread) = growth(&values);
        println!("{name}: {}, {grown:+.1}, spread {spread:.1}", values[0]);
        assert!(grown <= (2.0 * spread).max(4.0), "{name} grow");
    }
}
