//! How a frame of audio is put on each server's wire.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::frames::{BYTES, RATE};

/// Bytes of Bedside's header before the audio of a binary message.
const HEADER: usize = 16;
const AUDIO: u8 = 1;
const PCM16: u8 = 1;

/// What a server's binary messages hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Wire {
    /// Samples alone, and nothing is said before.
    Raw,
    /// Bedside's binary media messages, after `session.update`.
    Bedside,
}

impl Wire {
    /// The message of a frame, captured `capture_us` microseconds after the session began.
    pub fn wrap(self, sequence: u32, capture_us: u64, audio: &[u8; BYTES]) -> Bytes {
        if self == Self::Raw {
            return Bytes::copy_from_slice(audio);
        }
        let mut message = Vec::with_capacity(HEADER + BYTES);
        message.extend_from_slice(&[AUDIO, PCM16]);
        message.extend_from_slice(&(sequence as u16).to_le_bytes());
        message.extend_from_slice(&capture_us.to_le_bytes());
        message.extend_from_slice(&((RATE / 100) as u16).to_le_bytes());
        message.extend_from_slice(&1_u16.to_le_bytes());
        message.extend_from_slice(audio);
        message.into()
    }

    /// The samples in a message; `None` if it is not audio.
    pub fn unwrap(self, message: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Raw => Some(message),
            Self::Bedside => match message.split_at_checked(HEADER)? {
                ([AUDIO, PCM16, ..], audio) => Some(audio),
                _ => None,
            },
        }
    }

    /// What the client says first, and the event with which the server is ready for audio.
    pub fn opening(self) -> Option<(Value, &'static str)> {
        let format = json!({"type": "audio/pcm", "rate": RATE});
        let update = json!({"type": "session.update", "session": {
            "type": "realtime",
            "audio": {"input": {"format": format, "turn_detection": null}, "output": {"format": format}},
            "bedside": {"media": "binary"},
        }});
        (self == Self::Bedside).then_some((update, "session.updated"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_is_the_samples() {
        let audio = [3; BYTES];
        let message = Wire::Raw.wrap(1, 2, &audio);
        assert_eq!(Wire::Raw.unwrap(&message), Some(&audio[..]));
        assert_eq!(message.len(), BYTES);
    }

    #[test]
    fn bedside_has_a_header_of_16_bytes() {
        let audio = [3; BYTES];
        let message = Wire::Bedside.wrap(0x1_0002, 0x0304, &audio);
        assert_eq!(
            message[..HEADER],
            [1, 1, 2, 0, 4, 3, 0, 0, 0, 0, 0, 0, 160, 0, 1, 0]
        );
        assert_eq!(Wire::Bedside.unwrap(&message), Some(&audio[..]));
        assert_eq!(Wire::Bedside.unwrap(&[2; HEADER]), None);
        assert_eq!(Wire::Bedside.unwrap(&[1; 3]), None);
    }
}
