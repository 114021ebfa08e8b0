//! The messages of `/v2/listen`.

use serde::Deserialize;

use super::codec::{Broken, TimedWord};
use super::hearing::{Heard, Segment, Word, samples};

/// Ends the turn that goes on, so that its text is final.
pub(super) const FORCE_END_TURN: &str = r#"{"type":"ForceEndTurn"}"#;

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Message {
    Connected(Numbered),
    TurnInfo(TurnInfo),
    Error {},
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Numbered {
    sequence_id: Option<u64>,
}

#[derive(Deserialize)]
struct TurnInfo {
    sequence_id: Option<u64>,
    event: String,
    turn_index: u64,
    audio_window_start: f64,
    audio_window_end: f64,
    transcript: String,
    #[serde(default)]
    words: Vec<TimedWord>,
    trigger: Option<String>,
}

/// Reads the messages of one connection.
#[derive(Debug, Default)]
pub(super) struct Reader {
    connected: bool,
    /// The number of the last message.
    last: Option<u64>,
}

impl Reader {
    /// Reads a message; `None` if it tells nothing that is needed, or nothing new.
    pub(super) fn parse(&mut self, text: &str) -> Result<Option<Heard>, Broken> {
        match serde_json::from_str(text).map_err(|_| Broken)? {
            Message::Connected(Numbered { sequence_id }) => {
                self.connected = true;
                self.is_new(sequence_id);
                Ok(None)
            }
            Message::TurnInfo(turn) if self.connected => {
                Ok(self.is_new(turn.sequence_id).then(|| heard(turn)))
            }
            Message::Other if self.connected => Ok(None),
            Message::TurnInfo(_) | Message::Other | Message::Error {} => Err(Broken),
        }
    }

    /// Whether a message is neither a copy of an earlier one nor overtaken by a later one. Each turn's text is
    /// cumulative: the later one says it all.
    fn is_new(&mut self, number: Option<u64>) -> bool {
        let Some(number) = number else { return true };
        let new = self.last.is_none_or(|last| number > last);
        if new {
            self.last = Some(number);
        }
        new
    }
}

fn heard(turn: TurnInfo) -> Heard {
    let settled = turn.event == "EndOfTurn";
    Heard {
        segment: Segment {
            key: turn.turn_index,
            span: samples(turn.audio_window_start)..samples(turn.audio_window_end),
            transcript: turn.transcript,
            words: turn.words.into_iter().map(Word::from).collect(),
        },
        settled,
        asked_for: settled && turn.trigger.as_deref() == Some("manual"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: &str = r#"{"type":"Connected","request_id":"r","sequence_id":0}"#;

    fn turn(sequence: u64, event: &str, index: u64, text: &str) -> String {
        serde_json::json!({
            "type": "TurnInfo", "request_id": "r", "sequence_id": sequence, "event": event, "turn_index": index,
            "audio_window_start": 0.0, "audio_window_end": 2.3, "transcript": text,
            "words": [{"word": text, "confidence": 0.99, "start": 0.4, "end": 0.5}, {"word": "x", "confidence": 1}],
            "end_of_turn_confidence": 0.84, "trigger": "manual",
        })
        .to_string()
    }

    #[test]
    fn turns_are_read_once_and_in_order() {
        let mut reader = Reader::default();
        assert_eq!(reader.parse(CONNECTED), Ok(None));
        let update = reader
            .parse(&turn(1, "Update", 0, "I"))
            .expect("read")
            .expect("heard");
        assert_eq!(
            (update.settled, update.asked_for, update.segment.key),
            (false, false, 0)
        );
        assert_eq!(update.segment.words[0].span, Some(6_400..8_000));
        assert_eq!(update.segment.words[1].span, None);
        let end = reader
            .parse(&turn(3, "EndOfTurn", 0, "I feel dizzy"))
            .expect("read")
            .expect("heard");
        assert!(end.settled && end.asked_for && end.segment.span == (0..36_800));
        assert_eq!(reader.parse(&turn(3, "EndOfTurn", 0, "I feel dizzy")), Ok(None));
        assert_eq!(reader.parse(&turn(2, "Update", 0, "I feel")), Ok(None));
        assert_eq!(
            reader.parse(r#"{"type":"Warning","code":"x","description":"y"}"#),
            Ok(None)
        );
    }

    #[test]
    fn the_first_message_says_that_it_is_connected() {
        assert_eq!(Reader::default().parse(&turn(0, "Update", 0, "")), Err(Broken));
        let mut reader = Reader::default();
        assert_eq!(reader.parse(CONNECTED), Ok(None));
        assert_eq!(
            reader.parse(r#"{"type":"Error","sequence_id":1,"code":"INTERNAL_SERVER_ERROR"}"#),
            Err(Broken)
        );
        assert_eq!(reader.parse(r#"{"type":"TurnInfo"}"#), Err(Broken));
    }
}
