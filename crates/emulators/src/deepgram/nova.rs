//! `/v1/listen`: finals by endpointing, by length, and on demand.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Extension;
use axum::extract::ws::Message;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::audio::{Decoder, Pace, Undecodable};
use super::feed::{Feed, ITEMS, Item, Patience, Silence, Timers};
use super::listening::{Cue, Listening, Settings};
use super::messages::{Finality, Request, Stretch, schema_error};
use super::nova_query::NovaQuery;
use super::query::too_many;
use super::{Upgrade, admit, named, refuse};
use crate::ears::{Ears, Piece, RATE, Word, text};
use crate::hub::{Hub, Mark, hex, uuid};
use crate::line::Line;
use crate::log::Event;
use crate::outlet::{Ended, Out, Outlet};
use crate::socket;
use crate::vendor::Vendor;

const VENDOR: Vendor = Vendor::Deepgram;

/// NET-0001, and NET-0000 at the strict end of what is reported.
const PATIENCE: Patience = Patience {
    client: Duration::from_secs(10),
    server: Some(Duration::from_secs(20)),
};

const NO_AUDIO: &str = "Deepgram did not receive audio data or a text message within the timeout window. \
                        See https://dpgr.am/net0001";
const NO_RESULT: &str = "Deepgram has not yet transcribed anything within the timeout window. \
                         See https://dpgr.am/net0000";
const BAD_AUDIO: &str = "DATA-0000: The payload cannot be decoded as audio. See https://dpgr.am/data0000";

/// Less audio than this is not worth an answer to `Finalize`.
const WORTH_FINALIZING: usize = RATE / 10;

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
    let (query, upgrade) = match admit(&headers, query.as_deref(), NovaQuery::read, upgrade) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let id = uuid();
    let request = Request {
        id: id.clone(),
        model_uuid: uuid(),
        query,
    };
    let response = upgrade.on_upgrade(move |socket| async move {
        let messages = socket::open(&hub, VENDOR, &line, socket, events);
        let detail = json!({ "model": request.query.model, "request_id": request.id });
        hub.log().write(VENDOR, line.id(), Event::Open, detail);
        let timers = Arc::new(Mutex::new(Timers::new(PATIENCE, Instant::now())));
        let (items, work) = mpsc::channel(ITEMS);
        let worker = Worker::new(hub.clone(), outlet, request, queue.clone(), timers.clone());
        let worker = tokio::spawn(worker.run(work));
        let feed = Feed {
            hub,
            vendor: VENDOR,
            line,
            messages,
            timers,
            queue,
        };
        feed.run(items, close).await;
        worker.abort();
    });
    named(response, &id)
}

fn close(silence: Silence) -> Out<Message> {
    match silence {
        Silence::Client => socket::close(1011, NO_AUDIO),
        Silence::Server => socket::close(1011, NO_RESULT),
    }
}

/// Works off what a client sent.
struct Worker {
    hub: Hub,
    outlet: Outlet<Message>,
    queue: mpsc::Sender<Out<Message>>,
    timers: Arc<Mutex<Timers>>,
    request: Request,
    ears: Ears,
    decoder: Result<Decoder, Undecodable>,
    pace: Pace,
    listening: Listening,
    /// Words of the current utterance in results that are final.
    before: usize,
    /// Whether something of the current utterance was told.
    begun: bool,
    digest: Sha256,
    samples: u64,
    created: SystemTime,
}

/// What is to happen after an item.
enum Next {
    Go,
    Done,
}

impl Worker {
    fn new(
        hub: Hub,
        outlet: Outlet<Message>,
        request: Request,
        queue: mpsc::Sender<Out<Message>>,
        timers: Arc<Mutex<Timers>>,
    ) -> Self {
        let ears = hub.ears();
        let query = &request.query;
        let settings = Settings {
            endpointing_ms: query.endpointing,
            utterance_end_ms: query.utterance_end_ms,
            interim_every: query.interim_results.then(|| ears.patience()),
        };
        Self {
            decoder: Decoder::new(query.coding),
            listening: Listening::new(settings),
            pace: Pace::default(),
            before: 0,
            begun: false,
            digest: Sha256::new(),
            samples: 0,
            created: SystemTime::now(),
            hub,
            outlet,
            queue,
            timers,
            request,
            ears,
        }
    }

    async fn run(mut self, mut work: mpsc::Receiver<Item>) {
        while let Some(item) = work.recv().await {
            let next = match item {
                Item::Audio(frame, came) => self.take_audio(&frame, came).await,
                Item::Text(text, value) => self.take_text(&text, value).await,
            };
            match next {
                Ok(Next::Go) => {}
                Ok(Next::Done) | Err(_) => return,
            }
        }
    }

    async fn take_audio(&mut self, frame: &[u8], came: Instant) -> Result<Next, Ended> {
        if frame.is_empty() {
            self.say_goodbye(Out::End).await;
            return Ok(Next::Done);
        }
        let decoded = self.decoder.as_mut().map_err(|undecodable| *undecodable);
        let Ok(samples) = decoded.and_then(|decoder| decoder.decode(frame)) else {
            self.say_goodbye(socket::close(1008, BAD_AUDIO)).await;
            return Ok(Next::Done);
        };
        self.digest.update(frame);
        self.samples += samples.len() as u64;
        let length = Duration::from_secs_f64(samples.len() as f64 / RATE as f64);
        tokio::time::sleep_until(self.pace.take(came, length)).await;
        self.listening.push(&samples);
        while let Some(cue) = self.listening.next() {
            self.tell(cue).await?;
        }
        Ok(Next::Go)
    }

    async fn tell(&mut self, cue: Cue) -> Result<(), Ended> {
        match cue {
            Cue::Started { at } if self.request.query.vad_events => {
                self.send(self.request.speech_started(at), None).await?;
            }
            Cue::UtteranceEnd { last } => {
                self.send(self.request.utterance_end(last), None).await?;
            }
            Cue::Started { .. } => {}
            Cue::Interim => {
                let (start, piece) = self.listening.peek(self.before);
                let finality = Finality {
                    is_final: false,
                    speech_final: false,
                    from_finalize: false,
                };
                let (stretch, words) = self.hear(start, piece).await;
                let mark = (!self.begun).then(|| mark(Event::SentFirst, "interim", &words));
                self.begun = true;
                self.send(self.request.results(stretch, &words, finality), mark)
                    .await?;
            }
            Cue::Final { end, speech } => self.end(end, speech, false).await?,
        }
        Ok(())
    }

    /// Sends what was heard until `end` as final; `whole` if an utterance ends with it.
    async fn end(&mut self, end: u64, whole: bool, from_finalize: bool) -> Result<(), Ended> {
        let since = Instant::now();
        let (start, piece) = self.listening.take(end, self.before, whole);
        let (stretch, words) = self.hear(start, piece).await;
        let said = self.before + words.len() > 0;
        if said {
            let latency = self.hub.latency(VENDOR).first_ms;
            tokio::time::sleep_until(since + Duration::from_millis(latency)).await;
        }
        let finality = Finality {
            is_final: true,
            speech_final: whole && said,
            from_finalize,
        };
        let message = self.request.results(stretch, &words, finality);
        let sent = self
            .send(message, Some(mark(Event::SentLast, "final", &words)))
            .await?;
        self.before += words.len();
        if whole {
            self.before = 0;
            self.begun = false;
            if sent && said {
                self.ears.told();
            }
        }
        Ok(())
    }

    async fn hear(&mut self, start: u64, piece: Piece) -> (Stretch, Vec<Word>) {
        let length = piece.audio.len();
        if self.before == 0 && !self.begun {
            self.ears = self.hub.ears();
        }
        (Stretch { start, length }, self.ears.hear(piece).await)
    }

    async fn send(&mut self, message: Message, mark: Option<Mark>) -> Result<bool, Ended> {
        let sent = self.outlet.pass(message, mark).await?;
        self.timers.lock().told(Instant::now());
        Ok(sent)
    }

    async fn take_text(&mut self, text: &str, value: Option<Value>) -> Result<Next, Ended> {
        match Item::kind(value.as_ref()) {
            "KeepAlive" => {}
            "Finalize" => {
                if self.listening.pending() >= WORTH_FINALIZING
                    || self.listening.has_speech()
                    || self.before > 0
                {
                    let end = self.listening.all();
                    self.end(end, true, true).await?;
                }
            }
            "Configure" => {
                let value = value.unwrap_or_default();
                let answer = self.configure(&value);
                self.outlet.send(answer).await?;
            }
            "CloseStream" => {
                if self.listening.has_speech() || self.before > 0 {
                    let end = self.listening.all();
                    self.end(end, true, false).await?;
                }
                let digest = hex(&self.digest.clone().finalize());
                let metadata = self
                    .request
                    .metadata(&digest, &timestamp(self.created), self.samples);
                self.outlet.send(metadata).await?;
                self.outlet.release().await?;
                self.say_goodbye(socket::close(1000, "")).await;
                return Ok(Next::Done);
            }
            _ => self.outlet.send(schema_error(text)).await?,
        }
        Ok(Next::Go)
    }

    fn configure(&self, value: &Value) -> Message {
        let keyterms = value.get("keyterms").filter(|keyterms| !keyterms.is_null());
        let Some(keyterms) = keyterms else {
            return self.request.configured(None);
        };
        if !self.request.query.takes_keyterms() {
            let description = "Keyterm updates are only supported by Nova-3 models.";
            return self
                .request
                .not_configured("CONFIGURE_KEYTERMS_NOT_SUPPORTED", description);
        }
        match serde_json::from_value::<Vec<String>>(keyterms.clone()) {
            Err(_) => schema_error(&value.to_string()),
            Ok(terms) if too_many(&terms) => self.request.not_configured(
                "CONFIGURE_KEYTERM_LIMIT_EXCEEDED",
                "The keyterms exceed the limit of 500 tokens.",
            ),
            Ok(_) => self.request.configured(Some(keyterms)),
        }
    }

    /// Closes the socket, unless the stream has stalled: then nobody says goodbye.
    async fn say_goodbye(&mut self, out: Out<Message>) {
        if self.outlet.is_stalled() {
            self.queue.closed().await;
        } else {
            let _ = self.queue.send(out).await;
        }
    }
}

fn mark(event: Event, kind: &str, words: &[Word]) -> Mark {
    let detail = json!({ "kind": kind, "text": text(words) });
    Mark { event, detail }
}

/// RFC 3339, in UTC and milliseconds.
fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = ((since.as_secs() / 86_400) as i64, since.as_secs() % 86_400);
    // Days to a date in the Gregorian calendar, with years that begin in March.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let ms = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_dates() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_709_210_096_123);
        assert_eq!(timestamp(time), "2024-02-29T12:34:56.123Z");
    }
}
