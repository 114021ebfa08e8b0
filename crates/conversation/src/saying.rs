//! The message being said (or written): its text in segments, from the model to the synthesiser to the client.

use std::collections::VecDeque;

use crate::chunker::{Chunker, whole_words};
use crate::io::{Epoch, SegmentIndex};

/// Segments given to the synthesiser ahead of the one being sent: one is spoken while the next is made.
const SEGMENTS_AHEAD: usize = 2;

/// The message being said (or written).
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each marks its own step; they combine freely"
)]
pub(crate) struct Saying {
    pub(crate) item_id: String,
    pub(crate) output_index: u32,
    /// The audio's epoch; `None` for written text.
    pub(crate) epoch: Option<Epoch>,
    chunker: Chunker,
    /// The last word of a written answer, while it may go on.
    held: String,
    /// All of the answer that has come, but for a filler.
    said: String,
    /// Another model goes on where one broke off: its text begins with a word.
    joins: bool,
    /// The segment that only fills a silence.
    pub(crate) filler: Option<SegmentIndex>,
    /// Cut, and waiting to be spoken.
    ready: VecDeque<Segment>,
    /// With the synthesiser.
    pub(crate) speaking: VecDeque<Segment>,
    next_segment: SegmentIndex,
    /// No further text follows.
    complete: bool,
    /// Whether the synthesiser was told that no further segment follows.
    pub(crate) closed: bool,
    /// How often the synthesiser has been replaced after a failure.
    pub(crate) voices_replaced: u32,
    /// Who speaks, as far as it is known of this epoch.
    pub(crate) voice: Option<&'static str>,
    /// What the client has been shown of the transcript.
    pub(crate) shown: String,
    /// Segments whose words the client has not been shown yet.
    pub(crate) unshown: VecDeque<Segment>,
    /// Whether any audio was sent.
    pub(crate) audible: bool,
}

/// A piece of text to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) index: SegmentIndex,
    pub(crate) text: String,
    /// Bytes at its start that the client has been shown already.
    shown: usize,
}

impl Saying {
    pub(crate) fn new(item_id: String, output_index: u32, epoch: Option<Epoch>) -> Self {
        Self {
            item_id,
            output_index,
            epoch,
            chunker: Chunker::default(),
            held: String::new(),
            said: String::new(),
            joins: false,
            filler: None,
            ready: VecDeque::new(),
            speaking: VecDeque::new(),
            next_segment: 0,
            complete: false,
            closed: false,
            voices_replaced: 0,
            voice: None,
            shown: String::new(),
            unshown: VecDeque::new(),
            audible: false,
        }
    }

    /// Adds text to speak or to write. Returns what may be shown at once: of written text, whole words.
    pub(crate) fn push(&mut self, text: &str) -> Option<String> {
        let text = if self.joins { text.trim_start() } else { text };
        if text.is_empty() {
            return None;
        }
        self.joins = false;
        self.said.push_str(text);
        if self.epoch.is_some() {
            self.chunker.push(text);
            while let Some(text) = self.chunker.next_segment() {
                self.cut(text);
            }
            return None;
        }
        self.held.push_str(text);
        let rest = self.held.split_off(whole_words(&self.held));
        let shown = std::mem::replace(&mut self.held, rest);
        (!shown.is_empty()).then_some(shown)
    }

    /// Something to say while the answer is waited for. Returns `false` if it comes too late.
    pub(crate) fn fill(&mut self, text: &str) -> bool {
        let first = self.next_segment == 0 && self.epoch.is_some();
        if first {
            self.filler = Some(self.next_segment);
            self.cut(text.to_owned());
        }
        first
    }

    /// Whether anything of the answer has come.
    pub(crate) fn has_begun(&self) -> bool {
        !self.said.is_empty()
    }

    /// The answer broke off: drops the word it broke off in, unless that is with the synthesiser. Returns the bytes
    /// dropped.
    pub(crate) fn break_off(&mut self) -> usize {
        let dropped = if self.epoch.is_some() {
            self.chunker.break_off()
        } else {
            std::mem::take(&mut self.held).len()
        };
        self.said.truncate(self.said.len() - dropped);
        self.joins = self.said.is_empty() || self.said.ends_with(char::is_whitespace);
        dropped
    }

    /// All of the answer that has come.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// What another model goes on from.
    pub(crate) fn continued(&self) -> Option<String> {
        let said = self.said.trim_end();
        (!said.is_empty()).then(|| said.to_owned())
    }

    /// No further text follows. Returns what may be shown now.
    pub(crate) fn complete(&mut self) -> Option<String> {
        if !self.complete {
            self.complete = true;
            if let Some(text) = self.chunker.finish() {
                self.cut(text);
            }
        }
        let shown = std::mem::take(&mut self.held);
        (!shown.is_empty()).then_some(shown)
    }

    fn cut(&mut self, text: String) {
        self.ready.push_back(Segment {
            index: self.next_segment,
            text,
            shown: 0,
        });
        self.next_segment += 1;
    }

    /// The next segment for the synthesiser, if it may have one.
    pub(crate) fn take_ready(&mut self) -> Option<Segment> {
        if self.speaking.len() >= SEGMENTS_AHEAD {
            return None;
        }
        let segment = self.ready.pop_front()?;
        self.speaking.push_back(segment.clone());
        self.unshown.push_back(segment.clone());
        Some(segment)
    }

    /// Whether no further segment will be taken.
    pub(crate) fn all_taken(&self) -> bool {
        self.complete && self.ready.is_empty()
    }

    /// The synthesiser has finished a segment.
    pub(crate) fn segment_done(&mut self, index: SegmentIndex) {
        self.speaking.retain(|segment| segment.index != index);
    }

    /// The next words to show the client, if `upto` is being sent now.
    pub(crate) fn next_shown(&mut self, upto: SegmentIndex) -> Option<String> {
        let segment = self.unshown.pop_front_if(|segment| segment.index <= upto)?;
        let text = segment.text.get(segment.shown..).unwrap_or_default().to_owned();
        self.shown.push_str(&text);
        Some(text)
    }

    /// The segment the synthesiser is at.
    pub(crate) fn current(&self) -> Option<SegmentIndex> {
        self.speaking.front().map(|segment| segment.index)
    }

    /// Takes back what the synthesiser did not finish, less the first `spoken` bytes of it, to be spoken anew.
    pub(crate) fn take_back(&mut self, spoken: usize) {
        let Some(first) = self.speaking.front() else {
            return;
        };
        let still_hidden = self.unshown.iter().any(|segment| segment.index == first.index);
        let shown = if still_hidden {
            first.shown
        } else {
            first.text.len()
        };
        let unfinished: String = self
            .speaking
            .iter()
            .map(|segment| segment.text.as_str())
            .collect();
        self.unshown.retain(|segment| !self.speaking.contains(segment));
        if self.filler == Some(first.index) {
            self.filler = (self.speaking.len() == 1).then_some(self.next_segment);
        }
        self.speaking.clear();
        let text = unfinished.get(spoken..).unwrap_or_default().to_owned();
        if !text.trim().is_empty() {
            self.ready.push_front(Segment {
                index: 0,
                text,
                shown: shown.saturating_sub(spoken),
            });
        }
        // Later words have higher numbers, always.
        for segment in &mut self.ready {
            segment.index = self.next_segment;
            self.next_segment += 1;
        }
        self.closed = false;
    }

    /// Gives up what has not been handed out by the synthesiser.
    pub(crate) fn give_up(&mut self) {
        self.complete();
        self.ready.clear();
        self.speaking.clear();
    }

    /// Whether everything was handed out by the synthesiser.
    pub(crate) fn is_over(&self) -> bool {
        self.all_taken() && self.speaking.is_empty()
    }
}

#[cfg(test)]
mod tests;
