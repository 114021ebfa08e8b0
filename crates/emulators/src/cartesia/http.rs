//! `/tts/sse` and `/tts/bytes`: a whole text in one call.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::events::Events;
use super::refusal::{Problem, Refused, Version, struck};
use super::request::{Container, Request, invalid};
use super::speaker::{Speaker, Stopped};
use super::usage::{Place, Usage};
use super::{Credentials, admit};
use crate::body;
use crate::hub::Hub;
use crate::line::Line;
use crate::log::Event;
use crate::outlet::Outlet;
use crate::vendor::Vendor;

const VENDOR: Vendor = Vendor::Cartesia;

/// Half an event without its end, and a status line in its midst.
const GARBAGE: &[u8] = b"event: chunk\ndata: {\"type\":\"chu\nHTTP/1.1 200\n\n";

type Called = (Version, Request, Outlet<Bytes>, Body, Place);

pub(super) async fn sse(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    Extension(usage): Extension<Arc<Usage>>,
    headers: HeaderMap,
    query: Query<Credentials>,
    Json(value): Json<Value>,
) -> Response {
    let called = match call(&hub, &line, &usage, (&headers, &query), value) {
        Ok(called) => called,
        Err(refused) => return refused.into_response(),
    };
    let (version, request, outlet, body, place) = called;
    let request = match request.streamed() {
        Ok(request) => request,
        Err(problem) => return problem.response(version),
    };
    let since = Instant::now();
    let mut speaker = Speaker {
        hub,
        outlet,
        events: Events {
            context: request.context_id.clone(),
            flush: None,
        },
        wrap: |event| {
            let kind = event["type"].as_str().unwrap_or_default();
            Bytes::from(format!("event: {kind}\ndata: {event}\n\n"))
        },
        samples: 0,
        request,
    };
    tokio::spawn(async move {
        let text = speaker.request.transcript.clone();
        let spoken = match speaker.speak(&text, since, || false).await {
            Ok(()) => speaker.finish().await.map_err(Stopped::from),
            Err(Stopped::Failed) => {
                let event = Problem::internal().event(version, speaker.events.context.as_deref());
                speaker.send(&event).await.map_err(Stopped::from)
            }
            Err(stopped) => Err(stopped),
        };
        if spoken.is_ok() {
            speaker.outlet.finish().await;
        }
        drop(place);
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

pub(super) async fn bytes(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    Extension(usage): Extension<Arc<Usage>>,
    headers: HeaderMap,
    query: Query<Credentials>,
    Json(value): Json<Value>,
) -> Response {
    let called = match call(&hub, &line, &usage, (&headers, &query), value) {
        Ok(called) => called,
        Err(refused) => return refused.into_response(),
    };
    let (version, request, mut outlet, body, place) = called;
    let output = request.output;
    let kind = match output.container {
        Container::Raw => "audio/pcm",
        Container::Wav => "audio/wav",
        // The emulator has no encoder for it.
        Container::Mp3 => return Problem::internal().response(version),
    };
    tokio::spawn(async move {
        let (voice, latency) = (hub.voice(), hub.latency(VENDOR));
        latency.first().await;
        let mut head = (output.container == Container::Wav).then(|| wav_head(output.rate));
        for piece in voice.pieces(&request.transcript) {
            let Ok(spoken) = voice.speak(piece, request.speed, output.rate).await else {
                return;
            };
            let mut audio = head.take().unwrap_or_default();
            audio.extend(output.encoding.write(&spoken.pcm));
            if outlet.send(audio.into()).await.is_err() {
                return;
            }
            latency.next().await;
        }
        outlet.finish().await;
        drop(place);
    });
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// What both calls check.
fn call(
    hub: &Hub,
    line: &Line,
    usage: &Arc<Usage>,
    (headers, query): (&HeaderMap, &Query<Credentials>),
    value: Value,
) -> Result<Called, Refused> {
    let (outlet, body) = body::open(hub, VENDOR, line, GARBAGE)
        .map_err(|refusal| Refused(Version::NEWEST, struck(line, refusal)))?;
    let version = admit(headers, query).map_err(|(version, problem)| Refused(version, Some(problem)))?;
    let refused = |problem| Refused(version, Some(problem));
    let request = Request::read(value).map_err(refused)?;
    if request.transcript.trim().is_empty() {
        return Err(refused(invalid("The transcript is empty.")));
    }
    let place = usage.context().ok_or_else(|| refused(Problem::too_many()))?;
    let detail = json!({ "text": request.transcript });
    hub.log().write(VENDOR, line.id(), Event::Request, detail);
    Ok((version, request, outlet, body, place))
}

/// The head of a WAV file of PCM16 mono that says it is as long as can be, as streams do.
fn wav_head(rate: u32) -> Vec<u8> {
    let mut head = Vec::with_capacity(44);
    head.extend_from_slice(b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0");
    head.extend_from_slice(&rate.to_le_bytes());
    head.extend_from_slice(&(rate * 2).to_le_bytes());
    head.extend_from_slice(b"\x02\0\x10\0data\xff\xff\xff\xff");
    head
}
