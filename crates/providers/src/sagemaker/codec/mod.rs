//! Between our types and a container's.

mod lines;
mod question;
mod raw;
mod token;

use std::collections::VecDeque;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::FaultKind;

use super::config::Format;
use crate::answering::{Decode, Progress};
use crate::openai::codec::Decoder;
use lines::Lines;
pub(super) use question::body;
use raw::RawText;
use token::Tokens;

/// Reads the parts of one answer.
pub(super) enum Reader {
    /// Server-sent events, of which each is one line.
    Sse(Lines, Decoder),
    /// A line for each token.
    Tokens(Lines, Tokens),
    /// Words.
    Raw(RawText),
}

impl Reader {
    pub(super) fn new(format: Format) -> Self {
        match format {
            Format::OpenaiSse => Self::Sse(Lines::default(), Decoder::default()),
            Format::JsonLines => Self::Tokens(Lines::default(), Tokens::default()),
            Format::RawText => Self::Raw(RawText::default()),
        }
    }
}

impl Decode for Reader {
    /// A part of the answer, which ends anywhere.
    type Event = Vec<u8>;

    fn event(&mut self, part: Vec<u8>, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        match self {
            Self::Sse(lines, decoder) => {
                lines.push(&part)?;
                each(lines, out, |line, out| match data(line) {
                    Some(data) => decoder.event(data.to_owned(), out),
                    None => Ok(Progress::Open),
                })
            }
            Self::Tokens(lines, tokens) => {
                lines.push(&part)?;
                each(lines, out, |line, out| {
                    tokens.line(data(line).unwrap_or(line), out)
                })
            }
            Self::Raw(text) => text.part(&part, out).map(|()| Progress::Open),
        }
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        // The last line may lack its end, or be the half of one that nobody needs.
        let last = match self {
            Self::Sse(..) | Self::Tokens(..) => self.event(b"\n".to_vec(), out).map(drop),
            Self::Raw(_) => Ok(()),
        };
        let end = match self {
            Self::Sse(_, decoder) => decoder.end(out),
            Self::Tokens(_, tokens) => tokens.end(out),
            Self::Raw(text) => text.end(out),
        };
        end.map_err(|kind| last.err().unwrap_or(kind))
    }
}

/// Reads all lines that are whole; how far the answer is then.
fn each(
    lines: &mut Lines,
    out: &mut VecDeque<ModelEvent>,
    mut read: impl FnMut(&str, &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind>,
) -> Result<Progress, FaultKind> {
    let mut progress = Progress::Open;
    while let Some(line) = lines.take()? {
        progress = match read(&line, out)? {
            Progress::Ended => return Ok(Progress::Ended),
            Progress::Complete => Progress::Complete,
            Progress::Open => progress,
        };
    }
    Ok(progress)
}

/// The data of a line of server-sent events, if it has any.
fn data(line: &str) -> Option<&str> {
    line.strip_prefix("data:")
        .map(str::trim)
        .filter(|data| !data.is_empty())
}

#[cfg(test)]
mod tests {
    use bedside_conversation::context::{Finish, ModelUsage};

    use super::*;

    fn read(format: Format, stream: &str, piece: usize) -> Result<(String, Finish, ModelUsage), FaultKind> {
        let mut reader = Reader::new(format);
        let mut out = VecDeque::new();
        for part in stream.as_bytes().chunks(piece) {
            if reader.event(part.to_vec(), &mut out)? == Progress::Ended {
                break;
            }
        }
        reader.end(&mut out)?;
        let mut said = String::new();
        for event in out {
            match event {
                ModelEvent::TextDelta(text) => said.push_str(&text),
                ModelEvent::Done { usage, finish } => return Ok((said, finish, usage)),
                _ => {}
            }
        }
        Err(FaultKind::Internal)
    }

    /// The same, however the stream is cut.
    fn check(format: Format, stream: &str, expected: Result<(&str, Finish, u32), FaultKind>) {
        for piece in [1, 2, 3, 7, 64, stream.len().max(1)] {
            let read = read(format, stream, piece);
            let read = read
                .as_ref()
                .map(|(said, finish, usage)| (said.as_str(), *finish, usage.output_tokens));
            assert_eq!(read.map_err(|kind| *kind), expected, "{stream:?} by {piece}");
        }
    }

    #[test]
    fn events_of_chat_completions() {
        let words = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\u{fc}\u{df} \"}}]}\n\n: ping\n\n\
                     data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gott 👋\"}}]}\r\n\r\n";
        let stop = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5}}\n\n";
        let whole = format!("{words}{stop}{usage}data: [DONE]\n\n");
        check(Format::OpenaiSse, &whole, Ok(("Grüß Gott 👋", Finish::Stop, 5)));
        check(
            Format::OpenaiSse,
            &format!("{words}{stop}"),
            Ok(("Grüß Gott 👋", Finish::Stop, 0)),
        );
        check(
            Format::OpenaiSse,
            &format!("{words}{}", stop.trim_end()),
            Ok(("Grüß Gott 👋", Finish::Stop, 0)),
        );
        check(
            Format::OpenaiSse,
            &format!("{words}{stop}data: [DO"),
            Ok(("Grüß Gott 👋", Finish::Stop, 0)),
        );
        check(Format::OpenaiSse, words, Err(FaultKind::Internal));
        check(
            Format::OpenaiSse,
            &format!("{words}data: {{\"choi\n\n{stop}"),
            Err(FaultKind::Internal),
        );
        check(Format::OpenaiSse, "", Err(FaultKind::Internal));
    }

    #[test]
    fn a_token_a_line() {
        let words = "{\"token\":{\"id\":1,\"text\":\"Gr\u{fc}\u{df} \",\"log_prob\":-0.1}}\n\n\
                     {\"token\":{\"id\":2,\"text\":\"Gott\",\"special\":false}}\n";
        let last = |reason: &str| {
            format!(
                "{{\"token\":{{\"id\":3,\"text\":\"</s>\",\"special\":true}},\"generated_text\":\"x\",\
                 \"details\":{{\"finish_reason\":\"{reason}\",\"generated_tokens\":3}}}}"
            )
        };
        let whole = |reason| format!("{words}{}", last(reason));
        check(
            Format::JsonLines,
            &whole("eos_token"),
            Ok(("Grüß Gott", Finish::Stop, 3)),
        );
        check(
            Format::JsonLines,
            &whole("length"),
            Ok(("Grüß Gott", Finish::MaxTokens, 3)),
        );
        check(Format::JsonLines, &whole("error"), Err(FaultKind::Internal));
        check(Format::JsonLines, words, Err(FaultKind::Internal));
        check(Format::JsonLines, "Bad gateway", Err(FaultKind::Internal));
        let failed = format!("{words}{{\"error\":\"out of memory\",\"code\":424}}\n");
        check(Format::JsonLines, &failed, Err(FaultKind::Internal));
        // As TGI writes them.
        let events = whole("stop_sequence").replace("{\"token\"", "data:{\"token\"");
        check(Format::JsonLines, &events, Ok(("Grüß Gott", Finish::Stop, 3)));
        let only_text = "{\"generated_text\":\"Gott\"}\n";
        check(Format::JsonLines, only_text, Ok(("Gott", Finish::Stop, 0)));
    }

    #[test]
    fn nothing_but_words() {
        check(
            Format::RawText,
            "Grüß\nGott 👋",
            Ok(("Grüß\nGott 👋", Finish::Stop, 0)),
        );
        check(Format::RawText, "", Err(FaultKind::Internal));
        let mut reader = Reader::new(Format::RawText);
        let mut out = VecDeque::new();
        assert_eq!(
            reader.event(b"ok \xff\xfe".to_vec(), &mut out),
            Err(FaultKind::Internal)
        );
        let mut cut = Reader::new(Format::RawText);
        cut.event("ß".as_bytes()[..1].to_vec(), &mut out).unwrap();
        assert_eq!(cut.end(&mut out), Err(FaultKind::Internal));
    }

    #[test]
    fn a_line_without_end_is_a_fault() {
        let mut reader = Reader::new(Format::JsonLines);
        let mut out = VecDeque::new();
        let blank = vec![b' '; 65_536];
        let endless = (0..64).try_for_each(|_| reader.event(blank.clone(), &mut out).map(drop));
        assert_eq!(endless, Err(FaultKind::Internal));
    }
}
