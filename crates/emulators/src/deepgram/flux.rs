//! `/v2/listen`: turns.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::Message;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::audio::{Decoder, Pace, Undecodable};
use super::feed::{Feed, ITEMS, Item, Patience, Timers};
use super::flux_query::FluxQuery;
use super::messages::{round, seconds, text};
use super::turn::{Cue, Trigger, Turn};
use super::{Upgrade, admit, named, refuse};
use crate::ears::{self, Ears, RATE, Word};
use crate::hub::{Hub, Mark, uuid};
use crate::line::Line;
use crate::log::Event;
use crate::outlet::{Ended, Out, Outlet};
use crate::socket;
use crate::vendor::Vendor;

const VENDOR: Vendor = Vendor::Flux;

/// A socket without audio lives this long.
const PATIENCE: Patience = Patience {
    client: Duration::from_secs(20),
    server: None,
};

pub(super) async fn listen(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Upgrade,
) -> Response {
    let (queue, events) = socket::queue();
    let outlet = match Outlet::start(&hub, VENDOR, &line, queue.clone()) {
        Ok(outlet) => outlet,
        Err(refusal) => return refuse(&line, refusal),
    };
    let (query, upgrade) = match admit(&headers, query.as_deref(), FluxQuery::read, upgrade) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let id = uuid();
    let request_id = id.clone();
    let response = upgrade.on_upgrade(move |socket| async move {
        let messages = socket::open(&hub, VENDOR, &line, socket, events);
        let detail = json!({ "model": query.model, "request_id": request_id });
        hub.log().write(VENDOR, line.id(), Event::Open, detail);
        let timers = Arc::new(Mutex::new(Timers::new(PATIENCE, Instant::now())));
        let (items, work) = mpsc::channel(ITEMS);
        let worker = Worker {
            ears: hub.ears(),
            hub: hub.clone(),
            outlet,
            queue: queue.clone(),
            request_id,
            sequence: 0,
            decoder: Decoder::new(query.coding),
            pace: Pace::default(),
            turn: Turn::new(query.thresholds),
            query,
            index: 0,
            words: Vec::new(),
            heard: 0,
        };
        let worker = tokio::spawn(worker.run(work));
        let feed = Feed {
            hub,
            vendor: VENDOR,
            line,
            messages,
            timers,
            queue,
        };
        feed.run(items, |_| Out::End).await;
        worker.abort();
    });
    named(response, &id)
}

/// Works off what a client sent.
struct Worker {
    hub: Hub,
    outlet: Outlet<Message>,
    queue: mpsc::Sender<Out<Message>>,
    request_id: String,
    sequence: u64,
    query: FluxQuery,
    ears: Ears,
    decoder: Result<Decoder, Undecodable>,
    pace: Pace,
    turn: Turn,
    index: u64,
    /// What was heard of the turn.
    words: Vec<Word>,
    /// Samples of its speech when that was heard.
    heard: usize,
}

impl Worker {
    async fn run(mut self, work: mpsc::Receiver<Item>) {
        if let Ok(last) = self.work(work).await {
            if self.outlet.is_stalled() {
                self.queue.closed().await;
            } else {
                let _ = self.outlet.release().await;
                let _ = self.queue.send(last).await;
            }
        }
    }

    /// Works until the stream is over; how to close it.
    async fn work(&mut self, mut work: mpsc::Receiver<Item>) -> Result<Out<Message>, Ended> {
        self.send(json!({ "type": "Connected" }), None).await?;
        while let Some(item) = work.recv().await {
            let last = match item {
                Item::Audio(frame, came) => self.take_audio(&frame, came).await?,
                Item::Text(_, value) => self.take_text(&value.unwrap_or_default()).await?,
            };
            if let Some(last) = last {
                return Ok(last);
            }
        }
        Err(Ended::Gone)
    }

    async fn take_audio(&mut self, frame: &[u8], came: Instant) -> Result<Option<Out<Message>>, Ended> {
        let decoded = self.decoder.as_mut().map_err(|undecodable| *undecodable);
        let samples = match decoded.and_then(|decoder| decoder.decode(frame)) {
            Ok(samples) if !samples.is_empty() || !frame.is_empty() => samples,
            _ => {
                self.fail("UNPARSABLE_CLIENT_MESSAGE", "The audio cannot be decoded.")
                    .await?;
                return Ok(Some(socket::close(1008, "DATA-0000")));
            }
        };
        let length = Duration::from_secs_f64(samples.len() as f64 / RATE as f64);
        tokio::time::sleep_until(self.pace.take(came, length)).await;
        self.turn.push(&samples);
        while let Some(cue) = self.turn.next() {
            self.tell(cue).await?;
        }
        Ok(None)
    }

    async fn tell(&mut self, cue: Cue) -> Result<(), Ended> {
        match cue {
            Cue::Update => {
                if self.turn.spoken() >= self.heard + self.ears.patience() {
                    self.hear(false).await;
                }
                self.tell_turn("Update", None).await
            }
            Cue::Start => {
                self.ears = self.hub.ears();
                self.hear(false).await;
                self.tell_turn("StartOfTurn", None).await
            }
            Cue::Eager => {
                self.hear(true).await;
                if self.words.is_empty() {
                    return Ok(());
                }
                self.tell_turn("EagerEndOfTurn", None).await
            }
            Cue::Resumed if self.words.is_empty() => Ok(()),
            Cue::Resumed => self.tell_turn("TurnResumed", None).await,
            Cue::End(trigger) => self.end(trigger).await,
        }
    }

    async fn end(&mut self, trigger: Trigger) -> Result<(), Ended> {
        let since = Instant::now();
        // The text of an eager end that still holds is the text of the end.
        if !self.turn.is_eager() {
            self.hear(true).await;
        }
        let latency = self.hub.latency(VENDOR).first_ms;
        tokio::time::sleep_until(since + Duration::from_millis(latency)).await;
        self.tell_turn("EndOfTurn", Some(trigger)).await?;
        self.turn.next_turn();
        self.index += 1;
        self.words.clear();
        self.heard = 0;
        Ok(())
    }

    async fn hear(&mut self, whole: bool) {
        self.heard = self.turn.spoken();
        let words = self.ears.hear(self.turn.heard(whole)).await;
        if whole || words.len() >= self.words.len() {
            self.words = words;
        }
    }

    async fn tell_turn(&mut self, event: &str, trigger: Option<Trigger>) -> Result<(), Ended> {
        let window = self.turn.window();
        let heard_from = seconds(self.turn.heard_from());
        let words = self.words.iter().map(|word| {
            json!({
                "word": word.text,
                "confidence": 0.98,
                "start": round(heard_from + word.start),
                "end": round(heard_from + word.end),
            })
        });
        let mut info = json!({
            "type": "TurnInfo",
            "event": event,
            "turn_index": self.index,
            "audio_window_start": round(seconds(window.start)),
            "audio_window_end": round(seconds(window.end)),
            "transcript": ears::text(&self.words),
            "words": words.collect::<Vec<_>>(),
            "end_of_turn_confidence": round(self.turn.confidence()),
        });
        if self.query.model == "flux-general-multi" && !self.words.is_empty() {
            info["languages"] = json!(["en"]);
        }
        if !self.query.language_hints.is_empty() {
            info["languages_hinted"] = json!(self.query.language_hints);
        }
        let detail = json!({ "kind": event, "text": ears::text(&self.words) });
        let mark = match (event, trigger) {
            ("StartOfTurn", _) => Some(Event::SentFirst),
            (_, Some(_)) => Some(Event::SentLast),
            _ => None,
        };
        let mark = mark.map(|event| Mark { event, detail });
        if let Some(trigger) = trigger {
            info["trigger"] = json!(match trigger {
                Trigger::Model => "model",
                Trigger::Manual => "manual",
                Trigger::Timeout => "timeout",
            });
        }
        let sent = self.send(info, mark).await?;
        if sent && trigger.is_some() && !self.words.is_empty() {
            self.ears.told();
        }
        Ok(())
    }

    async fn take_text(&mut self, value: &Value) -> Result<Option<Out<Message>>, Ended> {
        match Item::kind(Some(value)) {
            "CloseStream" => {
                if self.turn.begun() {
                    self.hear(true).await;
                    self.tell_turn("Update", None).await?;
                }
                return Ok(Some(Out::End));
            }
            "ForceEndTurn" => {
                if self.turn.begun() {
                    self.end(Trigger::Manual).await?;
                }
            }
            "Configure" => self.configure(value).await?,
            // Other messages are errors, `KeepAlive` too, and the socket does not survive them.
            _ => {
                self.fail("UNPARSABLE_CLIENT_MESSAGE", "The message is not a known one.")
                    .await?;
                return Ok(Some(Out::End));
            }
        }
        Ok(None)
    }

    async fn configure(&mut self, message: &Value) -> Result<(), Ended> {
        let answer = match self.query.configured(message) {
            Err(refused) => json!({
                "type": "ConfigureFailure",
                "code": "INVALID_CONFIGURATION",
                "description": refused.message,
            }),
            Ok(query) => {
                let thresholds = query.thresholds;
                self.turn.configure(thresholds);
                self.query = query;
                let mut success = json!({
                    "type": "ConfigureSuccess",
                    "thresholds": { "eot_threshold": thresholds.eot, "eot_timeout_ms": thresholds.timeout_ms },
                    "keyterms": self.query.keyterms,
                    "numerals": self.query.numerals,
                });
                if let Some(eager) = thresholds.eager {
                    success["thresholds"]["eager_eot_threshold"] = json!(eager);
                }
                if self.query.model == "flux-general-multi" {
                    success["language_hints"] = json!(self.query.language_hints);
                }
                success
            }
        };
        self.send(answer, None).await.map(drop)
    }

    async fn fail(&mut self, code: &str, description: &str) -> Result<(), Ended> {
        let error = json!({ "type": "Error", "code": code, "description": description });
        self.send(error, None).await.map(drop)
    }

    async fn send(&mut self, mut message: Value, mark: Option<Mark>) -> Result<bool, Ended> {
        if message["type"] != "Error" {
            message["request_id"] = json!(self.request_id);
        }
        message["sequence_id"] = json!(self.sequence);
        self.sequence += 1;
        self.outlet.pass(text(&message), mark).await
    }
}
