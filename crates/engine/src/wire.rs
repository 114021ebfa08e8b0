//! Audio out in the form the client asked for: base64 in an event, or a binary frame.

use bedside_conversation::event_log::LastSeen;
use bedside_conversation::io::{AudioOut, OutputSettings};
use bedside_protocol::binary::{AudioHeader, FrameHeader, MediaFrame, MediaHeader};
use bedside_protocol::{PartAddress, encode_audio_delta};

use crate::message::ServerMessage;

/// Writes one session's audio messages; numbers events and binary frames as they are handed to the carrier, so that
/// audio dropped before leaves no gap.
pub(crate) struct AudioWriter {
    session: String,
    events: u64,
    sequence: u16,
}

impl AudioWriter {
    /// A writer for the session of this name.
    pub(crate) fn new(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            events: 0,
            sequence: 0,
        }
    }

    /// Audio events written so far.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// What an identifier means that a client names.
    pub(crate) fn last_seen<'a>(&self, event_id: &'a str) -> LastSeen<'a> {
        let number = event_id
            .strip_prefix("event_")
            .and_then(|rest| rest.strip_prefix(self.session.as_str())?.strip_prefix('a'))
            .and_then(|number| number.parse().ok())
            .filter(|number| (1..=self.events).contains(number));
        number.map_or(LastSeen::Event(event_id), LastSeen::Audio)
    }

    pub(crate) fn write(
        &mut self,
        audio: AudioOut,
        output: &OutputSettings,
    ) -> Result<ServerMessage, serde_json::Error> {
        if output.binary {
            let media = MediaHeader::Audio(AudioHeader::from(output.format));
            let header = FrameHeader {
                sequence: self.sequence,
                time_us: audio.presentation_us,
                media,
            };
            self.sequence = self.sequence.wrapping_add(1);
            return Ok(ServerMessage::Binary(MediaFrame::encode(&header, &audio.data)));
        }
        self.events += 1;
        let event_id = format!("event_{}a{:06}", self.session, self.events);
        let at = PartAddress {
            response_id: audio.response_id,
            item_id: audio.item_id,
            output_index: audio.output_index,
            content_index: audio.content_index,
        };
        let mut text = String::new();
        encode_audio_delta(&mut text, &event_id, &at, &audio.data)?;
        Ok(ServerMessage::Text(text.into()))
    }
}
