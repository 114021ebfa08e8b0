//! Speaks texts into an outlet, event by event.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::events::Events;
use super::request::Request;
use crate::hub::Hub;
use crate::log::Event;
use crate::outlet::{Ended, Outlet};
use crate::vendor::Vendor;
use crate::voice::{SpokenWord, Voice};

/// Chunks of audio in a second.
const CHUNKS: u32 = 10;

/// Why nothing more is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    Ended(Ended),
    /// The voice failed.
    Failed,
}

impl From<Ended> for Stopped {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

/// One context's speaker.
pub(super) struct Speaker<E> {
    pub(super) hub: Hub,
    pub(super) outlet: Outlet<E>,
    pub(super) events: Events,
    pub(super) request: Request,
    /// Turns an event into what the outlet takes.
    pub(super) wrap: fn(&Value) -> E,
    /// Samples so far.
    pub(super) samples: usize,
}

impl<E: Clone> Speaker<E> {
    /// Speaks a text that came at `since`, until `stop` says so between two pieces.
    pub(super) async fn speak(
        &mut self,
        text: &str,
        since: Instant,
        stop: impl Fn() -> bool,
    ) -> Result<(), Stopped> {
        let voice = self.hub.voice();
        for piece in voice.pieces(text) {
            if stop() {
                return Ok(());
            }
            self.speak_piece(&voice, piece, since).await?;
        }
        Ok(())
    }

    async fn speak_piece(&mut self, voice: &Voice, piece: String, since: Instant) -> Result<(), Stopped> {
        let output = self.request.output;
        let latency = self.hub.latency(Vendor::Cartesia);
        let spoken = voice.speak(piece, self.request.speed, output.rate).await;
        let spoken = spoken.map_err(|_| Stopped::Failed)?;
        let offset = self.samples as f64 / f64::from(output.rate);
        for (index, chunk) in spoken.pcm.chunks((output.rate / CHUNKS) as usize).enumerate() {
            let first = self.samples == 0;
            if first {
                tokio::time::sleep_until(since + Duration::from_millis(latency.first_ms)).await;
            } else {
                latency.next().await;
            }
            self.samples += chunk.len();
            let step_ms = since.elapsed().as_secs_f64() * 1_000.0;
            let event = self.events.chunk(&output.encoding.write(chunk), step_ms);
            if first {
                self.send_marked(
                    &event,
                    Event::SentFirst,
                    json!({ "context": self.events.context }),
                )
                .await?;
            } else {
                self.send(&event).await?;
            }
            if index == 0 {
                self.send_times(&spoken.words, offset).await?;
            }
        }
        Ok(())
    }

    async fn send_times(&mut self, words: &[SpokenWord], offset: f64) -> Result<(), Ended> {
        if self.request.word_times {
            self.send(&self.events.timestamps(words, offset)).await?;
        }
        if self.request.phoneme_times {
            self.send(&self.events.phonemes(words, offset)).await?;
        }
        Ok(())
    }

    /// Says that the context is done.
    pub(super) async fn finish(&mut self) -> Result<(), Ended> {
        let detail = json!({ "context": self.events.context, "samples": self.samples });
        self.send_marked(&self.events.done(), Event::SentLast, detail)
            .await?;
        self.outlet.release().await
    }

    pub(super) async fn send(&mut self, event: &Value) -> Result<(), Ended> {
        self.outlet.send((self.wrap)(event)).await
    }

    async fn send_marked(&mut self, event: &Value, kind: Event, detail: Value) -> Result<(), Ended> {
        self.outlet.send_marked((self.wrap)(event), kind, detail).await
    }
}
