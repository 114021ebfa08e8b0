//! What can happen in a simulated world.

use std::time::Duration;

use bedside_conversation::io::{Input, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_protocol::{ClientEvent, ServerEvent};

use crate::microphone::Packet;

/// Something on the agenda.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The microphone has a packet's worth of sound.
    Capture,
    /// Audio reaches the server.
    Audio(Packet),
    /// A client's event reaches the server.
    FromClient(Box<ClientEvent>),
    /// The detector has judged a window.
    Detected {
        end: AudioPos,
        probability: f32,
    },
    /// A vendor answers.
    Answer(Input),
    /// The transcriber looks for a partial text.
    Partial(UtteranceId),
    /// An event reaches the client, over the connection of this number.
    ToClient {
        line: u32,
        event: Box<ServerEvent>,
    },
    /// Audio reaches the client.
    Heard {
        line: u32,
        item_id: String,
        duration: Duration,
    },
    /// The camera has a picture.
    Shutter,
    /// A frame reaches the server.
    Frame,
    /// The client has an idle second.
    Meddle,
    /// The connection takes nothing from the server, or takes it again.
    Block,
    Unblock,
    /// The client loses its connection.
    Lose,
    /// The server notices that a connection is lost.
    Notice {
        line: u32,
    },
    /// The client has a way to the server again.
    Return,
    /// The client's wish to go on reaches the server.
    Claim {
        last_event_id: String,
        repeat_unheard: bool,
    },
    /// The process stops, or has caught up.
    Freeze,
    Thaw,
    CaughtUp,
}
