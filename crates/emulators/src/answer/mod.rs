//! An answer over HTTP as a row of pieces, and what faults make of it.

mod play;
mod refused;

use std::collections::VecDeque;

use bytes::Bytes;

pub(crate) use play::Exchange;
pub(crate) use refused::Refused;

/// What a piece does in its stream, which decides how faults strike it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Opens the message or a block of it.
    Open,
    /// Words or arguments. A repeated one cannot be told from words said twice, so it is never duplicated.
    Content,
    /// Closes a block, or says why the message ends.
    Close,
    /// Figures and the like, and the terminal message.
    Trailer,
}

/// One message of an answer, as its bytes go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) part: Part,
    pub(crate) bytes: Bytes,
}

/// What is left of an answer.
#[derive(Debug, Default)]
pub(crate) struct Pieces(VecDeque<Piece>);

/// The form of an answer's messages, which decides what garbage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, in lines or whole.
    Text,
    /// AWS event-stream frames.
    Frames,
}

impl Piece {
    pub(crate) fn new(part: Part, bytes: impl Into<Bytes>) -> Self {
        Self {
            part,
            bytes: bytes.into(),
        }
    }

    /// The piece, unreadable.
    pub(crate) fn garbled(&self, form: Form) -> Bytes {
        match form {
            Form::Frames => crate::aws::frame::garbled(&self.bytes),
            Form::Text => {
                let end = self.bytes.trim_ascii_end().len();
                let mut bytes = self.bytes[..end * 2 / 3].to_vec();
                bytes.extend_from_slice(&self.bytes[end..]);
                bytes.into()
            }
        }
    }
}

impl Pieces {
    pub(crate) fn next(&mut self) -> Option<Piece> {
        self.0.pop_front()
    }

    pub(crate) fn put_back(&mut self, piece: Piece) {
        self.0.push_front(piece);
    }

    /// The next closing piece comes before what it closes.
    pub(crate) fn disorder(&mut self) {
        let at = self.0.iter().position(|piece| piece.part == Part::Close);
        if let Some(piece) = at.and_then(|at| self.0.remove(at)) {
            self.0.push_front(piece);
        }
    }

    /// Every piece but content comes twice.
    pub(crate) fn duplicate(&mut self) {
        let twice = |piece: Piece| {
            let times = if piece.part == Part::Content { 1 } else { 2 };
            std::iter::repeat_n(piece, times)
        };
        self.0 = self.0.drain(..).flat_map(twice).collect();
    }
}

impl FromIterator<Piece> for Pieces {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        Self(pieces.into_iter().collect())
    }
}

/// Bytes of standard base64.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text).ok()
}

/// An answer that comes whole, in two halves so that faults can strike between them.
pub(crate) fn halves(body: &Bytes) -> Pieces {
    let middle = body.len() / 2;
    let (first, second) = (body.slice(..middle), body.slice(middle..));
    [Piece::new(Part::Open, first), Piece::new(Part::Close, second)]
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Pieces {
        let row = [
            (Part::Open, "o"),
            (Part::Content, "a"),
            (Part::Content, "b"),
            (Part::Close, "c"),
            (Part::Trailer, "t"),
        ];
        row.map(|(part, bytes)| Piece::new(part, bytes))
            .into_iter()
            .collect()
    }

    fn text(mut pieces: Pieces) -> String {
        let mut text = Vec::new();
        while let Some(piece) = pieces.next() {
            text.extend_from_slice(&piece.bytes);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn disorder_puts_the_close_before_what_it_closes() {
        let mut pieces = pieces();
        pieces.next();
        pieces.disorder();
        assert_eq!(text(pieces), "cabt");
    }

    #[test]
    fn duplicates_are_such_as_can_be_told() {
        let mut pieces = pieces();
        pieces.duplicate();
        assert_eq!(text(pieces), "ooabcctt");
    }

    #[test]
    fn garbled_text_keeps_its_end_of_line() {
        let piece = Piece::new(Part::Content, "data: {\"a\":1}\n\n");
        assert_eq!(piece.garbled(Form::Text), "data: {\"\n\n");
    }

    #[test]
    fn halves_join_to_the_whole() {
        assert_eq!(text(halves(&Bytes::from_static(b"{\"a\":1}"))), "{\"a\":1}");
    }
}
