//! What goes to the client: encoded as late as possible, in the core's order, in one flush a turn.
//!
//! The order is the core's because an audio event and the events around it must not overtake each other. What makes
//! an interruption immediate is that audio not taken by the client yet is removed here, while it is not encoded yet.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::event_log::{AudioBefore, EventLog, LogLimits};
use bedside_conversation::io::{AudioOut, OutputSettings};
use bedside_conversation::time::Time;
use bedside_protocol::ServerEvent;
use bytes::Bytes;
use futures::Sink;
use tokio::time::Instant;

use crate::clock::SessionClock;
use crate::message::{ServerMessage, SocketError};
use crate::wire::AudioWriter;

/// Messages on their way to the client.
///
/// Overflow policy: the session closes a client that takes nothing for too long, or for which too much waits.
pub(crate) struct Egress {
    queue: VecDeque<Waiting>,
    waiting_bytes: usize,
    waiting_audio: Duration,
    sent_bytes: u64,
    output: OutputSettings,
    /// The settings of the live epoch, which a change leaves alone.
    live: OutputSettings,
    writer: AudioWriter,
    /// How long the audio plays that was ever queued.
    audio: Duration,
    /// What the client may have missed, once it can come back.
    log: Option<EventLog<Bytes>>,
    clock: SessionClock,
    connected: bool,
    unflushed: bool,
    blocked_since: Option<Instant>,
}

enum Waiting {
    Event(Event),
    /// An event that is in the log already.
    Again(Bytes),
    Audio(AudioOut, OutputSettings),
}

struct Event {
    id: String,
    text: Bytes,
    /// How long the audio plays that was queued before it.
    audio: Duration,
}

impl Waiting {
    fn size(&self) -> usize {
        match self {
            Self::Event(event) => event.text.len(),
            Self::Again(text) => text.len(),
            Self::Audio(audio, _) => audio.data.len(),
        }
    }

    fn plays(&self) -> Duration {
        match self {
            Self::Event(_) | Self::Again(_) => Duration::ZERO,
            Self::Audio(audio, _) => audio.duration,
        }
    }
}

impl Egress {
    pub(crate) fn new(session: &str, output: OutputSettings, clock: SessionClock) -> Self {
        Self {
            queue: VecDeque::new(),
            waiting_bytes: 0,
            waiting_audio: Duration::ZERO,
            sent_bytes: 0,
            live: output.clone(),
            output,
            writer: AudioWriter::new(session),
            audio: Duration::ZERO,
            log: None,
            clock,
            connected: true,
            unflushed: false,
            blocked_since: None,
        }
    }

    /// Takes effect for epochs opened from now on.
    pub(crate) fn configure(&mut self, output: OutputSettings) {
        self.output = output;
    }

    /// A new epoch begins.
    pub(crate) fn open_epoch(&mut self) {
        self.live = self.output.clone();
    }

    /// The form of the live epoch's audio.
    pub(crate) fn live(&self) -> &OutputSettings {
        &self.live
    }

    /// Queues an event. The error says that the event cannot be written as JSON: a fault of ours.
    pub(crate) fn event(&mut self, event: ServerEvent) -> Result<(), serde_json::Error> {
        let mut text = event.to_json()?;
        if self.log.is_some() {
            // It is kept for long.
            text.shrink_to_fit();
        }
        let event = Event {
            id: event.event_id,
            text: text.into(),
            audio: self.audio,
        };
        if self.connected {
            self.push(Waiting::Event(event));
        } else {
            self.keep(event);
        }
        Ok(())
    }

    /// Queues audio.
    pub(crate) fn audio(&mut self, audio: AudioOut) {
        self.audio += audio.duration;
        let output = self.live.clone();
        self.push(Waiting::Audio(audio, output));
    }

    /// Removes the audio that has not been handed to the carrier.
    pub(crate) fn drop_audio(&mut self) {
        self.queue
            .retain(|waiting| !matches!(waiting, Waiting::Audio(..)));
        self.waiting_bytes = self.queue.iter().map(Waiting::size).sum();
        self.waiting_audio = Duration::ZERO;
    }

    /// Keeps events from now on: the client can come back.
    pub(crate) fn keep_events(&mut self, limits: LogLimits) {
        self.log.get_or_insert_with(|| EventLog::new(limits));
    }

    /// Whether events are kept.
    pub(crate) fn keeps_events(&self) -> bool {
        self.log.is_some()
    }

    /// Forgets events that are too old to be missed.
    pub(crate) fn forget_old(&mut self) {
        if let Some(log) = &mut self.log
            && log.next_old().is_some_and(|at| at <= self.clock.now())
        {
            log.forget_old(self.clock.now());
        }
    }

    /// When there is something to forget.
    pub(crate) fn next_old(&self) -> Option<Time> {
        self.log.as_ref().and_then(EventLog::next_old)
    }

    /// The connection is lost: what waits is kept with what was sent.
    pub(crate) fn disconnect(&mut self) {
        self.connected = false;
        for waiting in std::mem::take(&mut self.queue) {
            if let Waiting::Event(event) = waiting {
                self.keep(event);
            }
        }
        self.waiting_bytes = 0;
        self.waiting_audio = Duration::ZERO;
        self.unflushed = false;
        self.blocked_since = None;
    }

    /// Whether a client that got everything up to this event can go on.
    pub(crate) fn can_go_on(&self, last_event_id: &str) -> bool {
        let last = self.writer.last_seen(last_event_id);
        self.log
            .as_ref()
            .is_some_and(|log| log.missed_since(last).is_some())
    }

    /// The client is back, and got everything up to this event: queues what it missed. Returns how much audio it is
    /// known not to have got, or `None` if it cannot go on.
    pub(crate) fn reconnect(&mut self, last_event_id: &str) -> Option<Duration> {
        let last = self.writer.last_seen(last_event_id);
        let missed = self.log.as_ref()?.missed_since(last)?;
        let unreceived = missed
            .audio
            .map_or(Duration::ZERO, |got| self.audio.saturating_sub(got.plays));
        let again: Vec<Bytes> = missed.events.into_iter().cloned().collect();
        for text in again {
            self.push(Waiting::Again(text));
        }
        self.connected = true;
        Some(unreceived)
    }

    /// Hands everything to the carrier and flushes it, as far as the client takes it.
    pub(crate) fn poll_send<S>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut S,
    ) -> Poll<Result<(), SocketError>>
    where
        S: Sink<ServerMessage, Error = SocketError> + Unpin,
    {
        let sent = self.poll_send_all(cx, socket);
        match sent {
            Poll::Pending => {
                self.blocked_since.get_or_insert_with(Instant::now);
            }
            Poll::Ready(_) => self.blocked_since = None,
        }
        sent
    }

    /// Since when the client has not taken everything.
    pub(crate) fn blocked_since(&self) -> Option<Instant> {
        self.blocked_since
    }

    /// Bytes that wait for the client, not counting what the carrier holds.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Payload handed to the carrier so far.
    pub(crate) fn sent_bytes(&self) -> u64 {
        self.sent_bytes
    }

    /// How long the audio plays that waits for the client, not counting what the carrier holds.
    pub(crate) fn waiting_audio(&self) -> Duration {
        self.waiting_audio
    }

    fn poll_send_all<S>(&mut self, cx: &mut Context<'_>, socket: &mut S) -> Poll<Result<(), SocketError>>
    where
        S: Sink<ServerMessage, Error = SocketError> + Unpin,
    {
        while !self.queue.is_empty() {
            std::task::ready!(Pin::new(&mut *socket).poll_ready(cx))?;
            let Some(waiting) = self.queue.pop_front() else {
                break;
            };
            self.waiting_bytes -= waiting.size();
            self.waiting_audio -= waiting.plays();
            let message = match waiting {
                Waiting::Event(event) => ServerMessage::Text(self.keep(event)),
                Waiting::Again(text) => ServerMessage::Text(text),
                Waiting::Audio(audio, output) => self
                    .writer
                    .write(audio, &output)
                    .map_err(|_| SocketError::Unwritable)?,
            };
            self.sent_bytes += message.size() as u64;
            Pin::new(&mut *socket).start_send(message)?;
            self.unflushed = true;
        }
        if self.unflushed {
            std::task::ready!(Pin::new(socket).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Keeps an event for a client that may miss it; gives its text.
    fn keep(&mut self, event: Event) -> Bytes {
        if let Some(log) = &mut self.log {
            let audio = AudioBefore {
                plays: event.audio,
                events: self.writer.events(),
            };
            let text = event.text.clone();
            log.push(self.clock.now(), event.id, text.len(), audio, text);
        }
        event.text
    }

    fn push(&mut self, waiting: Waiting) {
        self.waiting_bytes += waiting.size();
        self.waiting_audio += waiting.plays();
        self.queue.push_back(waiting);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use bedside_conversation::io::Epoch;
    use bedside_protocol::AudioFormat;
    use bedside_protocol::binary::MediaFrame;
    use bytes::Bytes;
    use futures::SinkExt;
    use futures::channel::mpsc;

    use super::*;

    fn audio(epoch: u32, marker: u8) -> AudioOut {
        AudioOut {
            epoch: Epoch(epoch),
            response_id: "resp_1".to_owned(),
            item_id: "item_1".to_owned(),
            output_index: 0,
            content_index: 0,
            data: Bytes::from(vec![marker; 320]),
            presentation_us: 1_000,
            duration: Duration::from_millis(20),
        }
    }

    fn egress(binary: bool) -> Egress {
        Egress::new(
            "s",
            OutputSettings {
                format: AudioFormat::Pcm { rate: 8_000 },
                binary,
            },
            SessionClock::start(),
        )
    }

    type Pipe = futures::sink::SinkMapErr<mpsc::Sender<ServerMessage>, fn(mpsc::SendError) -> SocketError>;

    fn pipe(room: usize) -> (Pipe, mpsc::Receiver<ServerMessage>) {
        // A futures channel has one place more for each sender.
        let (sender, receiver) = mpsc::channel(room - 1);
        (sender.sink_map_err(|_| SocketError::Lost), receiver)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_blocked_and_its_stale_audio_is_removed() {
        let (mut socket, mut received) = pipe(1);
        let mut egress = egress(true);
        for marker in [10, 11, 12] {
            egress.audio(audio(1, marker));
        }
        let mut cx = Context::from_waker(Waker::noop());
        assert!(egress.poll_send(&mut cx, &mut socket).is_pending());
        assert_eq!(
            (egress.blocked_since(), egress.waiting_bytes()),
            (Some(Instant::now()), 640)
        );
        assert_eq!(egress.waiting_audio(), Duration::from_millis(40));
        egress.drop_audio();
        assert_eq!(
            (egress.waiting_bytes(), egress.waiting_audio()),
            (0, Duration::ZERO)
        );
        egress.audio(audio(2, 20));
        let mut markers = Vec::new();
        while let Ok(ServerMessage::Binary(frame)) = received.try_recv() {
            let frame = MediaFrame::decode(&frame).expect("a frame");
            markers.push((frame.header.sequence, frame.payload[0]));
            let _ = egress.poll_send(&mut cx, &mut socket);
        }
        assert_eq!(markers, [(0, 10), (1, 20)]);
        assert_eq!((egress.blocked_since(), egress.waiting_bytes()), (None, 0));
    }

    #[tokio::test]
    async fn a_change_of_form_waits_for_the_next_epoch() {
        let (mut socket, mut received) = pipe(4);
        let mut egress = egress(false);
        egress.open_epoch();
        egress.configure(OutputSettings {
            binary: true,
            ..egress.live().clone()
        });
        egress.audio(audio(1, 1));
        egress.open_epoch();
        egress.audio(audio(2, 2));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(egress.poll_send(&mut cx, &mut socket).is_ready());
        assert!(matches!(received.try_recv(), Ok(ServerMessage::Text(_))));
        assert!(matches!(received.try_recv(), Ok(ServerMessage::Binary(_))));
    }
}
