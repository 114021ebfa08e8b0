//! The response in progress: what was asked for, what has been generated, and how far it has been said.

use std::collections::VecDeque;

use bedside_protocol::{AudioFormat, Item, ItemBody, ItemStatus, Metadata, OutputModality};

use crate::calls::{Batch, OwnCall, Runner};
use crate::chunker::{Chunker, whole_words};
use crate::context::{ChatRequest, Finish, ModelUsage};
use crate::io::{Epoch, GenerationId, SegmentIndex, StageFault};
use crate::metrics::TurnClock;
use crate::phrases;

/// Segments given to the synthesiser ahead of the one being sent: one is spoken while the next is made.
const SEGMENTS_AHEAD: usize = 2;

/// Where the words come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The chat model.
    Model,
    /// A sentence that needs no model: an emergency, an apology, the rest of an interrupted answer.
    Fixed {
        text: String,
        /// The model's note, where the text is the rest of a model's answer.
        tag: Option<String>,
    },
}

impl Source {
    /// No answer could be made.
    pub(crate) fn apology() -> Self {
        Self::Fixed {
            text: phrases::TROUBLE.to_owned(),
            tag: None,
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) source: Source,
    pub(crate) modality: OutputModality,
    pub(crate) metadata: Option<Metadata>,
    /// Not part of the conversation (`conversation: "none"`).
    pub(crate) detached: bool,
    pub(crate) voice: String,
    pub(crate) format: AudioFormat,
    /// The request but for its messages, which are read when generation starts; `messages` are those of an explicit
    /// `input`, if there was one.
    pub(crate) request: ChatRequest,
    pub(crate) own_input: bool,
    /// Of the functions on offer, those that are not the client's to run.
    pub(crate) runners: Vec<(String, Runner)>,
    /// The calls whose results it waits for.
    pub(crate) after: Option<Batch>,
}

impl Wish {
    /// Who runs a function, if not the client.
    pub(crate) fn runner(&self, name: &str) -> Option<Runner> {
        let found = self.runners.iter().find(|(own, _)| own == name);
        found.map(|(_, runner)| *runner)
    }

    /// Does not offer the model such functions.
    pub(crate) fn withdraw(&mut self, unwanted: impl Fn(Runner) -> bool) {
        let tools = &mut self.request.tools;
        self.runners.retain(|(name, runner)| {
            let kept = !unwanted(*runner);
            if !kept {
                tools.retain(|tool| tool.name != *name);
            }
            kept
        });
    }
}

/// How far generation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// Words of the patient are still being transcribed.
    Waiting,
    /// The model is at work.
    Running(GenerationId),
    /// Everything is written.
    Over,
}

/// Why a response ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// The patient spoke.
    TurnDetected,
    /// The client asked.
    Client,
    /// The client was no longer there.
    ConnectionLost,
}

/// The response in progress.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) id: String,
    pub(crate) wish: Wish,
    pub(crate) generation: Generation,
    /// How often the model has been asked again after a failure.
    pub(crate) asked_again: u32,
    /// Who failed in this response.
    pub(crate) failed: Failed,
    pub(crate) message: Option<Saying>,
    pub(crate) calls: Vec<Call>,
    /// Calls that are not the client's to run, shown once they are written.
    pub(crate) own_calls: Vec<OwnCall>,
    /// Whether the model was given every result that nobody was told yet.
    pub(crate) tells_results: bool,
    /// It was begun before any of the patient's words were known.
    pub(crate) unworded: bool,
    /// Ids of the items, by output index.
    pub(crate) output: Vec<String>,
    pub(crate) tag: Option<String>,
    pub(crate) usage: ModelUsage,
    pub(crate) finish: Finish,
    pub(crate) fault: Option<StageFault>,
    pub(crate) clock: TurnClock,
}

/// Who failed in a response, stage by stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failed {
    pub(crate) models: Vec<&'static str>,
    pub(crate) voices: Vec<&'static str>,
    /// The failures nobody has made good yet.
    pub(crate) model: Option<StageFault>,
    pub(crate) voice: Option<StageFault>,
}

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

/// A function call being written.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "call_id is the wire's name")]
pub(crate) struct Call {
    pub(crate) item_id: String,
    pub(crate) output_index: u32,
    pub(crate) call_id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
    /// How it ended, once the client was told.
    pub(crate) over: Option<ItemStatus>,
}

impl Call {
    pub(crate) fn item(&self, status: ItemStatus) -> Item {
        Item {
            id: self.item_id.clone(),
            status,
            body: ItemBody::FunctionCall {
                call_id: self.call_id.clone(),
                name: self.name.clone(),
                arguments: self.arguments.clone(),
            },
        }
    }
}

impl Response {
    pub(crate) fn new(id: String, wish: Wish, clock: TurnClock) -> Self {
        Self {
            id,
            wish,
            generation: Generation::Waiting,
            asked_again: 0,
            failed: Failed::default(),
            message: None,
            calls: Vec::new(),
            own_calls: Vec::new(),
            tells_results: false,
            unworded: false,
            output: Vec::new(),
            tag: None,
            usage: ModelUsage::default(),
            finish: Finish::Stop,
            fault: None,
            clock,
        }
    }

    /// The generation at work, if any.
    pub(crate) fn running(&self) -> Option<GenerationId> {
        match self.generation {
            Generation::Running(generation) => Some(generation),
            Generation::Waiting | Generation::Over => None,
        }
    }

    /// Whether anything of the answer has come: a filler is none of it.
    pub(crate) fn has_begun(&self) -> bool {
        self.message.as_ref().is_some_and(Saying::has_begun)
    }

    /// Whether everything was written and, if spoken, handed out by the synthesiser.
    pub(crate) fn is_spoken(&self) -> bool {
        self.generation == Generation::Over && self.message.as_ref().is_none_or(Saying::is_over)
    }
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
                index: self.next_segment,
                text,
                shown: shown.saturating_sub(spoken),
            });
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

    fn is_over(&self) -> bool {
        self.all_taken() && self.speaking.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_synthesiser_is_one_segment_ahead_and_no_more() {
        let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
        saying.push("Where does it hurt? When did it begin? Is it worse at night? ");
        saying.complete();
        assert_eq!(saying.take_ready().map(|s| s.index), Some(0));
        assert_eq!(saying.take_ready().map(|s| s.index), Some(1));
        assert_eq!(saying.take_ready(), None);
        saying.segment_done(0);
        assert_eq!(
            saying.take_ready().map(|s| s.text).as_deref(),
            Some("Is it worse at night? ")
        );
        assert!(saying.all_taken() && !saying.is_over());
        saying.segment_done(1);
        saying.segment_done(2);
        assert!(saying.is_over());
    }

    #[test]
    fn unfinished_segments_are_taken_back_from_the_first_unspoken_word() {
        let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
        saying.push("Where does it hurt? When did it begin? ");
        saying.complete();
        while saying.take_ready().is_some() {}
        saying.take_back("Where does ".len());
        let again = saying.take_ready().unwrap();
        assert_eq!(again.text, "it hurt? When did it begin? ");
        assert_eq!(again.index, 2);
    }
}
