//! Three turns of a patient while a vendor fails and recovers.

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Loudspeaker, RATE, voiced};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::cell::{Cell, Moment, Outcome};
use super::site::Site;
use super::subject::Stage;
use super::words::{answer, errors, said_twice, words};

/// What the patient says.
pub(crate) const PATIENT: [&str; 3] = [
    "I have a bad headache.",
    "It started three days ago.",
    "It is worse at night.",
];

/// What the chat models answer, by a word of the patient's.
pub(crate) const ANSWERS: [(&str, &str); 3] = [
    (
        "headache",
        "I am sorry to hear that. Please tell me when your symptoms began.",
    ),
    (
        "three days",
        "Thank you for telling me. Which medicines do you take at the moment?",
    ),
    (
        "worse",
        "All right. Please drink enough water and try to sleep tonight.",
    ),
];

/// Nobody waits longer than this for a spoken word.
const LONGEST_SILENCE: Duration = Duration::from_secs(4);

/// An answer that is not over after this will never be.
const PATIENCE: Duration = Duration::from_secs(15);

/// A vendor that is well again is trusted again after this at the latest.
const RECOVERY: Duration = Duration::from_secs(12);

/// Word errors of an answer that was recorded and transcribed back.
const MOST_ERRORS: f64 = 0.25;

/// What came of a turn.
struct Turn {
    heard: Vec<String>,
    answered: Vec<String>,
    silence: Duration,
    served_by: String,
}

pub(crate) async fn run(cell: &Cell, site: &Site) -> Outcome {
    let mut outcome = Outcome::default();
    let expected = site.unfaulted().await;
    let mut client = Client::connect(&site.server).await;
    client.expect("session.created").await;
    client
        .update(json!({"turn_detection": {"type": "server_vad", "silence_duration_ms": 400}}))
        .await;
    if cell.moment == Moment::Idle {
        site.fail(cell).await;
    }
    let struck_at = client.events.len();
    let mut served_by = String::new();
    for (number, text) in PATIENT.iter().enumerate() {
        if number == 2 {
            outcome.opened = site.health(cell).await.has_opened;
            site.emulators.heal().await;
            recover(&mut client, site, cell, &mut outcome).await;
        }
        let arm = (number == 0).then_some(cell);
        let turn = take(&mut client, site, text, ANSWERS[number].1, arm).await;
        outcome.silence = outcome.silence.max(turn.silence);
        outcome.check(turn.silence <= LONGEST_SILENCE, || {
            format!("{:.1} s of silence in turn {number}", turn.silence.as_secs_f64())
        });
        outcome.check(turn.heard == expected[number], || {
            format!(
                "turn {number} was heard as {:?}, not {:?}",
                turn.heard, expected[number]
            )
        });
        let wanted = words(ANSWERS[number].1);
        outcome.check(turn.answered == wanted, || {
            format!("turn {number} was answered {:?}", turn.answered.join(" "))
        });
        served_by = turn.served_by;
    }
    // A stream that was opened before the vendor was well again may still be a broken one: the next one is not.
    if cell.subject.stage == Stage::Transcription && served_by != cell.subject.vendor {
        recover(&mut client, site, cell, &mut outcome).await;
        served_by = take(&mut client, site, PATIENT[2], ANSWERS[2].1, None)
            .await
            .served_by;
    }
    outcome.check(served_by == cell.subject.vendor, || {
        format!("after its recovery {served_by:?} served")
    });
    let changes = changes(&client.events[struck_at..], cell.subject.stage);
    outcome.check(!outcome.opened || !changes.is_empty(), || {
        "nobody was told of the failover".into()
    });
    if cell.subject.stage == Stage::Synthesis {
        check_recording(&client, site, &mut outcome).await;
    }
    outcome
}

/// What the patient's words are taken for while nothing fails.
pub(crate) async fn unfaulted(site: &Site) -> [Vec<String>; 3] {
    let mut client = Client::connect(&site.server).await;
    client.expect("session.created").await;
    client
        .update(json!({"turn_detection": {"type": "server_vad", "silence_duration_ms": 400}}))
        .await;
    let mut heard = Vec::new();
    for (number, text) in PATIENT.iter().enumerate() {
        let turn = take(&mut client, site, text, ANSWERS[number].1, None).await;
        assert_eq!(turn.answered, words(ANSWERS[number].1), "without any fault");
        heard.push(turn.heard);
    }
    heard.try_into().expect("as many turns as texts")
}

/// One turn: the patient speaks, and is silent until the answer has been heard. The vendor begins to fail at the moment
/// of `arm`.
async fn take(client: &mut Client, site: &Site, text: &str, answer_text: &str, arm: Option<&Cell>) -> Turn {
    let first_event = client.events.len();
    // Said once, and then kept in a file.
    let samples = tokio::task::block_in_place(|| voiced(text));
    let (one, other) = samples.split_at(samples.len() / 2 / (RATE / 50) * (RATE / 50));
    client.speak(one).await;
    if let Some(cell) = arm.filter(|cell| cell.moment == Moment::Speaking) {
        site.fail(cell).await;
    }
    let spoke_until = client.speak(other).await;
    let mut arm = arm.filter(|cell| cell.moment == Moment::Answering);
    let wanted = words(answer_text);
    let deadline = spoke_until + PATIENCE;
    loop {
        client.speak(&[0; RATE / 50]).await;
        let events = &client.events[first_event..];
        if arm.is_some()
            && events
                .iter()
                .any(|(_, event)| event["type"] == "response.output_audio.delta")
        {
            site.fail(arm.take().expect("looked at above")).await;
        }
        let events = &client.events[first_event..];
        let over = answered(events).len() >= wanted.len() && is_quiet(events);
        if over || Instant::now() > deadline {
            break;
        }
    }
    let events = &client.events[first_event..];
    let speaker = Loudspeaker::play(&client.events);
    let until = speaker.last_sound().filter(|end| *end > spoke_until);
    let silence = speaker.longest_silence(spoke_until, until.unwrap_or(deadline));
    Turn {
        heard: heard(events),
        answered: answered(events),
        silence,
        served_by: served_by(events, site.subject.stage),
    }
}

/// Whether everything that was begun is over and has been played.
fn is_quiet(events: &[(Instant, Value)]) -> bool {
    let count = |kind: &str| events.iter().filter(|(_, event)| event["type"] == kind).count();
    count("response.created") == count("response.done")
        && count("output_audio_buffer.started")
            == count("output_audio_buffer.stopped") + count("output_audio_buffer.cleared")
}

/// Is silent until the vendor's breaker lets it be tried again.
async fn recover(client: &mut Client, site: &Site, cell: &Cell, outcome: &mut Outcome) {
    let waiting = async {
        while site.health(cell).await.is_open {
            for _ in 0..10 {
                client.speak(&[0; RATE / 50]).await;
            }
        }
    };
    if timeout(RECOVERY, waiting).await.is_err() {
        outcome.violated("the breaker stays open");
    }
    // Words are taken from one transcriber to another between two utterances, after a while without any.
    let is_back = |client: &Client| {
        changes(&client.events, cell.subject.stage)
            .last()
            .is_none_or(|change| change["to"] == cell.subject.vendor)
    };
    let back = async {
        while cell.subject.stage == Stage::Transcription && !is_back(client) {
            client.speak(&[0; RATE / 50]).await;
        }
    };
    if timeout(RECOVERY, back).await.is_err() {
        outcome.violated("it is not used again");
    }
}

/// Holds the words that the recording is transcribed to against those of the answers.
async fn check_recording(client: &Client, site: &Site, outcome: &mut Outcome) {
    let speaker = Loudspeaker::play(&client.events);
    let back = site.transcribe(speaker.samples()).await;
    let (reference, back) = (answered(&client.events), answer(&back));
    let rate = errors(&reference, &back);
    outcome.check(rate <= MOST_ERRORS, || {
        format!(
            "{:.0} % of the words heard otherwise: {}",
            rate * 100.0,
            back.join(" ")
        )
    });
    if let Some(twice) = said_twice(&reference, &back) {
        outcome.violated(format!("{twice:?} was said twice"));
    }
}

fn texts<'a>(events: &'a [(Instant, Value)], kind: &'a str) -> impl Iterator<Item = &'a str> {
    events
        .iter()
        .filter(move |(_, event)| event["type"] == kind)
        .filter_map(|(_, event)| event["transcript"].as_str())
}

fn heard(events: &[(Instant, Value)]) -> Vec<String> {
    let kind = "conversation.item.input_audio_transcription.completed";
    words(&texts(events, kind).collect::<Vec<_>>().join(" "))
}

fn answered(events: &[(Instant, Value)]) -> Vec<String> {
    let kind = "response.output_audio_transcript.done";
    answer(&texts(events, kind).collect::<Vec<_>>().join(" "))
}

fn served_by(events: &[(Instant, Value)], stage: Stage) -> String {
    let metrics = events
        .iter()
        .rev()
        .find(|(_, event)| event["type"] == "bedside.turn.metrics");
    let by = metrics.map(|(_, event)| event["providers"][stage.name()].clone());
    by.and_then(|by| by.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn changes(events: &[(Instant, Value)], stage: Stage) -> Vec<&Value> {
    events
        .iter()
        .map(|(_, event)| event)
        .filter(|event| event["type"] == "bedside.provider.changed" && event["stage"] == stage.name())
        .collect()
}
