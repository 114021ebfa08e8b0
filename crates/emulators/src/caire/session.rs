//! One measurement.

use axum::extract::ws::{Message, WebSocket};
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;
use futures::StreamExt;
use futures::stream::SplitStream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::message::{Frame, read};
use super::pulse::Pulse;
use crate::hub::{Hub, uuid};
use crate::line::Line;
use crate::log::Event;
use crate::outlet::{Ended, Out, Outlet};
use crate::socket;
use crate::vendor::Vendor;

pub(super) const VENDOR: Vendor = Vendor::Caire;

/// A beat is looked for every so many frames.
const EVERY: usize = 15;

/// One socket.
pub(super) struct Session {
    hub: Hub,
    line: Line,
    outlet: Outlet<Message>,
    queue: mpsc::Sender<Out<Message>>,
    socket_id: String,
    decoder: Option<PictureDecoder>,
    pulse: Pulse,
    frames: usize,
    rate: Option<f64>,
}

impl Session {
    pub(super) fn new(
        hub: Hub,
        line: Line,
        outlet: Outlet<Message>,
        queue: mpsc::Sender<Out<Message>>,
    ) -> Self {
        let mut socket_id = uuid();
        socket_id.truncate(8);
        Self {
            hub,
            line,
            outlet,
            queue,
            socket_id,
            decoder: None,
            pulse: Pulse::default(),
            frames: 0,
            rate: None,
        }
    }

    pub(super) async fn run(mut self, mut messages: SplitStream<WebSocket>) {
        self.note(Event::Open, json!({}));
        while let Some(Ok(message)) = messages.next().await {
            let frame = match message {
                Message::Text(text) => read(&text),
                Message::Binary(_) => None,
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => break,
            };
            let Some(frame) = frame else {
                let _ = self.queue.send(socket::close(1003, "invalid message")).await;
                continue;
            };
            if self.take(frame).await.is_err() {
                break;
            }
        }
        self.note(Event::Close, json!({}));
    }

    async fn take(&mut self, frame: Frame) -> Result<(), Ended> {
        self.note(Event::Audio, json!({ "bytes": frame.picture.len() }));
        if let Some(green) = self.green(&frame.picture) {
            self.pulse.push(frame.seconds, green);
        }
        if self.frames.is_multiple_of(EVERY) || frame.last {
            self.rate = self.pulse.rate();
        }
        self.frames += 1;
        let latency = self.hub.latency(VENDOR);
        if self.frames == 1 {
            latency.first().await;
        } else {
            latency.next().await;
        }
        let message = Message::Text(self.answer(&frame).to_string().into());
        if frame.last {
            let detail = json!({ "hr": self.rate });
            self.outlet.send_marked(message, Event::SentLast, detail).await?;
            self.outlet.release().await
        } else if self.frames == 1 {
            self.outlet
                .send_marked(message, Event::SentFirst, json!({}))
                .await
        } else {
            self.outlet.send(message).await
        }
    }

    fn answer(&self, frame: &Frame) -> Value {
        let advanced = frame.advanced.then(|| {
            let (trace, times) = self.pulse.recent();
            json!({ "rppg": trace, "rppg_timestamps": times })
        });
        json!({
            "state": if frame.last { "finished" } else { "ok" },
            "socket_id": self.socket_id,
            "datapt_id": frame.datapoint,
            "inference": { "hr": self.rate.unwrap_or(0.0).round() as i64 },
            "advanced": advanced,
            "confidence": {},
            "feedback": null,
            "model_version": "HR",
        })
    }

    /// The mean green of the middle of a JPEG; nothing of a PNG.
    fn green(&mut self, picture: &[u8]) -> Option<f64> {
        let size = bedside_media::video::jpeg::size(picture).ok()?;
        let decoder = self.decoder.get_or_insert_with(|| PictureDecoder::new(size));
        let view = decoder.decode(picture, 0).ok()?;
        mean_green(&view, size)
    }

    fn note(&self, event: Event, detail: Value) {
        self.hub.log().write(VENDOR, self.line.id(), event, detail);
    }
}

fn mean_green(view: &FrameView<'_>, size: Size) -> Option<f64> {
    let middle = Rect {
        x: size.width() / 4,
        y: size.height() / 4,
        width: size.width() / 2,
        height: size.height() / 2,
    };
    view.mean_rgb(middle).map(|rgb| f64::from(rgb.g))
}
