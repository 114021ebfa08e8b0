//! What goes to the client: encoded as late as possible, in the core's order, in one flush a turn.
//!
//! The order is the core's because an audio event and the events around it must not overtake each other. What makes
//! an interruption immediate is that audio not taken by the client yet is removed here, while it is not encoded yet.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::{AudioOut, OutputSettings};
use bedside_protocol::{CloseCode, ServerEvent};
use futures::Sink;
use tokio::time::Instant;

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
    unflushed: bool,
    blocked_since: Option<Instant>,
}

enum Waiting {
    Message(ServerMessage),
    Audio(AudioOut, OutputSettings),
}

impl Waiting {
    fn size(&self) -> usize {
        match self {
            Self::Message(message) => message.size(),
            Self::Audio(audio, _) => audio.data.len(),
        }
    }

    fn plays(&self) -> Duration {
        match self {
            Self::Message(_) => Duration::ZERO,
            Self::Audio(audio, _) => audio.duration,
        }
    }
}

impl Egress {
    pub(crate) fn new(session: &str, output: OutputSettings) -> Self {
        Self {
            queue: VecDeque::new(),
            waiting_bytes: 0,
            waiting_audio: Duration::ZERO,
            sent_bytes: 0,
            live: output.clone(),
            output,
            writer: AudioWriter::new(session),
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
    pub(crate) fn event(&mut self, event: &ServerEvent) -> Result<(), serde_json::Error> {
        self.push(Waiting::Message(ServerMessage::Text(event.to_json()?)));
        Ok(())
    }

    /// Queues audio.
    pub(crate) fn audio(&mut self, audio: AudioOut) {
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

    /// Queues the last message. Audio that still waits is dropped: nobody will hear it.
    pub(crate) fn close(&mut self, code: CloseCode, reason: &'static str) {
        self.drop_audio();
        self.push(Waiting::Message(ServerMessage::Close {
            code: code.as_u16(),
            reason,
        }));
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
                Waiting::Message(message) => message,
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
