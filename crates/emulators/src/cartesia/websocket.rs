//! `/tts/websocket`: many contexts on one socket.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::context::{Context, Input};
use super::events::Events;
use super::refusal::{Problem, Refused, Version, struck};
use super::request::{Request, invalid};
use super::speaker::Speaker;
use super::usage::{Place, Usage};
use super::{Credentials, admit};
use crate::hub::Hub;
use crate::line::Line;
use crate::log::Event;
use crate::outlet::{Out, Outlet};
use crate::socket;
use crate::vendor::Vendor;

const VENDOR: Vendor = Vendor::Cartesia;

/// A socket nothing is asked on is closed after this.
const IDLE: Duration = Duration::from_secs(300);

/// Inputs of a context that may wait; then the socket is not read.
const INPUTS: usize = 256;

pub(super) async fn connect(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    Extension(usage): Extension<Arc<Usage>>,
    headers: HeaderMap,
    query: Query<Credentials>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Err(refusal) = hub.start(VENDOR, line.id()) {
        return Refused(Version::NEWEST, struck(&line, refusal)).into_response();
    }
    let version = match admit(&headers, &query) {
        Ok(version) => version,
        Err((version, problem)) => return Refused(version, Some(problem)).into_response(),
    };
    let Some(place) = usage.socket() else {
        return Refused(version, Some(Problem::too_many())).into_response();
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    upgrade.on_upgrade(move |socket| async move {
        let (queue, events) = socket::queue();
        let session = Session {
            hub,
            line,
            usage,
            version,
            queue,
            contexts: HashMap::new(),
            _place: place,
        };
        session.run(socket, events).await;
    })
}

/// One socket.
struct Session {
    hub: Hub,
    line: Line,
    usage: Arc<Usage>,
    version: Version,
    queue: mpsc::Sender<Out<Message>>,
    contexts: HashMap<String, Known>,
    _place: Place,
}

/// A context that was begun, whether it still runs or not.
struct Known {
    inputs: mpsc::Sender<Input>,
    cancelled: CancellationToken,
    fixed: Map<String, Value>,
}

impl Session {
    async fn run(mut self, socket: WebSocket, events: mpsc::Receiver<Out<Message>>) {
        let mut messages = socket::open(&self.hub, VENDOR, &self.line, socket, events);
        self.note(Event::Open, json!({}));
        loop {
            match tokio::time::timeout(IDLE, messages.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => self.take(&text).await,
                Ok(Some(Ok(Message::Binary(_)))) => {
                    self.complain(&invalid("Messages must be text."), None).await;
                }
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => break,
                Err(_) => {
                    let _ = self
                        .queue
                        .send(socket::close(1000, "connection idle timeout"))
                        .await;
                    break;
                }
            }
        }
        self.note(Event::Close, json!({}));
    }

    async fn take(&mut self, text: &str) {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => return self.complain(&invalid("The message is not JSON."), None).await,
        };
        let id = value.get("context_id").and_then(Value::as_str).map(str::to_owned);
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return self.complain(&invalid("context_id is required."), None).await;
        };
        if value.get("cancel") == Some(&Value::Bool(true)) {
            self.note(Event::Text, json!({ "context": id, "cancel": true }));
            if let Some(known) = self.contexts.get(&id) {
                known.cancelled.cancel();
            }
            return;
        }
        let request = match Request::read(value).and_then(Request::streamed) {
            Ok(request) => request,
            Err(problem) => return self.complain(&problem, Some(&id)).await,
        };
        let detail = json!({
            "context": id,
            "text": request.transcript,
            "continue": request.more,
            "flush": request.flush,
        });
        self.note(Event::Text, detail);
        let input = Input {
            text: request.transcript.clone(),
            more: request.more,
            flush: request.flush,
            came: Instant::now(),
        };
        let known = match self.contexts.get(&id) {
            Some(known) => known,
            None => match self.begin(&id, request.clone()).await {
                Some(known) => self.contexts.entry(id.clone()).or_insert(known),
                None => return,
            },
        };
        if known.fixed != request.fixed {
            let problem = invalid("All inputs of a context must have the same parameters.");
            return self.complain(&problem, Some(&id)).await;
        }
        if known.inputs.send(input).await.is_err() {
            let problem = invalid("The context has ended.");
            self.complain(&problem, Some(&id)).await;
        }
    }

    /// Begins a context, unless it is refused.
    async fn begin(&mut self, id: &str, request: Request) -> Option<Known> {
        if request.transcript.trim().is_empty() && !request.more {
            let problem = invalid("The transcript is empty.");
            self.complain(&problem, Some(id)).await;
            return None;
        }
        let outlet = match Outlet::start(&self.hub, VENDOR, &self.line, self.queue.clone()) {
            Ok(outlet) => outlet,
            Err(refusal) => {
                if let Some(problem) = struck(&self.line, refusal) {
                    self.complain(&problem, Some(id)).await;
                }
                return None;
            }
        };
        let Some(place) = self.usage.context() else {
            self.complain(&Problem::too_many(), Some(id)).await;
            return None;
        };
        let (inputs, waiting) = mpsc::channel(INPUTS);
        let cancelled = CancellationToken::new();
        let known = Known {
            inputs,
            cancelled: cancelled.clone(),
            fixed: request.fixed.clone(),
        };
        let speaker = Speaker {
            hub: self.hub.clone(),
            outlet,
            events: Events {
                context: Some(id.to_owned()),
                flush: Some(1),
            },
            request,
            wrap: |event| Message::Text(event.to_string().into()),
            samples: 0,
        };
        let context = Context {
            speaker,
            version: self.version,
            inputs: waiting,
            cancelled,
            place,
        };
        self.note(Event::Request, json!({ "context": id }));
        tokio::spawn(context.run());
        Some(known)
    }

    /// Tells the client what is wrong.
    async fn complain(&self, problem: &Problem, context: Option<&str>) {
        let event = problem.event(self.version, context);
        let message = Message::Text(event.to_string().into());
        let _ = self.queue.send(Out::Event(message, None)).await;
    }

    fn note(&self, event: Event, detail: Value) {
        self.hub.log().write(VENDOR, self.line.id(), event, detail);
    }
}
