//! The writer of a WebSocket.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;

use crate::hub::{Hub, Mark};
use crate::line::Line;
use crate::outlet::{DRIP, Out, WAITING};
use crate::vendor::Vendor;

/// Half a JSON object as a text message, and then a frame of no known kind.
const GARBAGE: &str = "{\"type\":\"Res";
const BROKEN_FRAME: [u8; 4] = [0xff, 0xff, 0xff, 0xff];

/// Splits a socket of `vendor` into its reading half and a queue of what shall be written. The socket is closed without
/// a status code at [`Out::End`], and with the one of a [`Message::Close`].
pub(crate) fn open(
    hub: &Hub,
    vendor: Vendor,
    line: &Line,
    socket: WebSocket,
) -> (mpsc::Sender<Out<Message>>, SplitStream<WebSocket>) {
    let (sink, messages) = socket.split();
    let (queue, events) = mpsc::channel(WAITING);
    tokio::spawn(write(hub.clone(), vendor, line.clone(), sink, events));
    (queue, messages)
}

/// A close frame.
pub(crate) fn close(code: u16, reason: &'static str) -> Out<Message> {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    Out::Event(Message::Close(Some(frame)), None)
}

/// Writes until the queue ends, the socket is closed, or the client is gone.
async fn write(
    hub: Hub,
    vendor: Vendor,
    line: Line,
    mut sink: SplitSink<WebSocket, Message>,
    mut events: mpsc::Receiver<Out<Message>>,
) {
    while let Some(out) = events.recv().await {
        let (message, mark) = match out {
            Out::Event(message, mark) => (message, mark),
            Out::Drip(message, mark) => {
                tokio::time::sleep(DRIP).await;
                (message, mark)
            }
            Out::Garbage => {
                if sink.send(GARBAGE.into()).await.is_err() {
                    return;
                }
                line.inject(&BROKEN_FRAME);
                continue;
            }
            Out::End => (Message::Close(None), None),
        };
        let last = matches!(message, Message::Close(_));
        if sink.send(message).await.is_err() {
            return;
        }
        if let Some(Mark { event, detail }) = mark {
            hub.log().write(vendor, line.id(), event, detail);
        }
        if last {
            return;
        }
    }
}
