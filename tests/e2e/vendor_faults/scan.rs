//! A scan of the patient's face while its vendor fails.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bedside_e2e::{Client, Film, Pictures, patient};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::cell::{Cell, Moment, Outcome};
use super::site::Site;

/// Someone with a heart rate of 74, as pictures of the size the vendor wants.
static FILM: LazyLock<Film> = LazyLock::new(|| Film::new(&patient(320, 240, 0.35, 18.0), Pictures::Jpeg));

/// Most a heart rate may be off, beats per minute.
const TOLERANCE: f64 = 4.0;

/// Nobody waits longer than this for news of a scan.
const LONGEST_SILENCE: Duration = Duration::from_secs(4);

pub(crate) async fn run(cell: &Cell, site: &Site) -> Outcome {
    let mut outcome = Outcome::default();
    let film = tokio::task::block_in_place(|| &*FILM);
    let mut client = Client::connect(&site.server).await;
    client.expect("session.created").await;
    if cell.moment == Moment::Idle {
        site.fail(cell).await;
    }
    client
        .send(json!({"type": "session.update", "session": {"type": "realtime",
        "bedside": {"media": "binary_in", "vitals": {"enabled": true, "interval_ms": 1000}}}}))
        .await;
    client.expect("vitals.scan.started").await;
    let began = Instant::now();
    let strikes_at = match cell.moment {
        Moment::Idle => Duration::ZERO,
        Moment::Speaking => Duration::from_secs(4),
        Moment::Answering => Duration::from_secs(10),
    };
    let at = film.schedule.partition_point(|(due, _)| *due < strikes_at);
    let (before, after) = film.schedule.split_at(at);
    client.play(before).await;
    if cell.moment != Moment::Idle {
        site.fail(cell).await;
    }
    let later: Vec<(Duration, Message)> = after
        .iter()
        .map(|(due, message)| (due.saturating_sub(began.elapsed()), message.clone()))
        .collect();
    client.play(&later).await;
    outcome.opened = site.health(cell).await.has_opened;
    client.vitals(json!({"enabled": false})).await;
    client.expect("vitals.scan.completed").await;
    check(&client, film, &mut outcome);
    outcome
}

fn check(client: &Client, film: &Film, outcome: &mut Outcome) {
    let of = |kind: &str| -> Vec<&(Instant, Value)> {
        client
            .events
            .iter()
            .filter(|(_, event)| event["type"] == kind)
            .collect()
    };
    outcome.check(of("vitals.scan.started").len() == 1, || {
        "the scan began twice".into()
    });
    outcome.check(of("vitals.scan.failed").is_empty(), || "the scan failed".into());
    let news = of("vitals.scan.progress");
    let gaps = news.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let longest = gaps.max().unwrap_or(LONGEST_SILENCE * 2);
    outcome.silence = longest;
    outcome.check(longest <= LONGEST_SILENCE, || {
        format!("no news for {:.1} s", longest.as_secs_f64())
    });
    let rates: Vec<_> = of("vitals.updated")
        .into_iter()
        .filter_map(|(_, update)| {
            Some((
                update["capture_time_us"].as_u64()?,
                update["heart_rate_bpm"].as_f64()?,
            ))
        })
        .collect();
    let last = film.schedule.last().map_or(0, |(due, _)| due.as_micros() as u64);
    outcome.check(rates.iter().any(|(at, _)| at + 4_000_000 > last), || {
        format!("no heart rate in the last seconds: {rates:?}")
    });
    for (at, rate) in rates {
        let truth = film.heart_rate_bpm(at, 10.0);
        outcome.check((rate - truth).abs() <= TOLERANCE, || {
            format!("{rate:.0} bpm for {truth:.0} at {:.1} s", at as f64 / 1e6)
        });
    }
}
