use bedside_conversation::consultation::{AnswerKind, Protocol, Question};
use bedside_conversation::context::ChatRequest;

use super::calls::{self, Call};
use super::dialogue::{Cue, Dialogue, Stage};
use super::tag::{Mode, Tag};
use super::taking_over::{contains, ends_with_question};

/// What another model has said of an answer is an answer begun, from so many words on; fewer are a filler.
const BEGUN: usize = 4;

/// What is to be said and done next.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) tag: Option<Tag>,
    pub(super) call: Option<Call>,
}

impl Reply {
    pub(super) fn new(protocol: &Protocol, dialogue: &Dialogue<'_>, request: &ChatRequest) -> Self {
        if let Cue::Escalated(question) = dialogue.cue {
            let tag = question.map(|question| Tag::Escalation {
                question: question.into(),
            });
            return Self {
                text: protocol.emergency_sentence(&protocol.locale).into(),
                tag,
                call: None,
            };
        }
        // The patient has been told how things stand, and a late result changes nothing.
        if dialogue.scans.came && dialogue.stage != Stage::Open {
            return Self::default();
        }
        match (dialogue.stage, dialogue.cue) {
            (Stage::Held, _) => Self::say(&protocol.escalation.reminder),
            (Stage::Stopped, _) => Self::say(&protocol.phrases.stopped),
            (Stage::Closed, Cue::Repeat) => Self::say(&summary(protocol, dialogue)),
            (Stage::Left, Cue::Farewell) => {
                let call = calls::ending(protocol, dialogue, request);
                Self {
                    call,
                    ..Self::say(&protocol.phrases.goodbye)
                }
            }
            (Stage::Closed, Cue::Farewell) => Self::say(&protocol.phrases.goodbye),
            (Stage::Closed | Stage::Left, _) => Self::say(&protocol.closing.after),
            (Stage::Open, _) => Self::open(protocol, dialogue, request),
        }
    }

    /// The rest of this reply after another model has `said` the beginning of an answer of its own. A new sentence
    /// begins, and nothing is said twice.
    pub(super) fn after(self, protocol: &Protocol, said: &str) -> Self {
        let before = said.split_whitespace().count();
        let Some(Tag::Ask { mode, question, lead }) = self.tag else {
            let text = if self.text.is_empty() || contains(said, &self.text) {
                String::new()
            } else {
                format!(" {}", self.text)
            };
            return Self { text, ..self };
        };
        if ends_with_question(said) {
            return Self::default();
        }
        let kept = if before < BEGUN { lead } else { 0 };
        let text = self.text.split_whitespace().skip(lead - kept);
        let text = onto(said, &text.collect::<Vec<_>>().join(" "), protocol);
        let asked = self.text.split_whitespace().count() - lead;
        let tag = Tag::Ask {
            mode,
            question,
            lead: before + text.split_whitespace().count() - asked,
        };
        Self {
            text,
            tag: Some(tag),
            call: self.call,
        }
    }

    fn say(text: &str) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn open(protocol: &Protocol, dialogue: &Dialogue<'_>, request: &ChatRequest) -> Self {
        let Some(question) = dialogue.pending.or_else(|| dialogue.next_question()) else {
            let mut text = summary(protocol, dialogue);
            join(&mut text, &protocol.closing.end);
            let call = calls::ending(protocol, dialogue, request);
            return Self {
                text,
                tag: Some(Tag::Close),
                call,
            };
        };
        let mode = match dialogue.cue {
            Cue::Unclear => Mode::Rephrased,
            Cue::Repeat | Cue::Explain | Cue::Silence | Cue::Measuring => Mode::Again,
            _ => Mode::First,
        };
        let mut text = lead(protocol, dialogue);
        let words = text.split_whitespace().count();
        let simpler = matches!(dialogue.cue, Cue::Unclear | Cue::Explain | Cue::Measuring);
        join(
            &mut text,
            if simpler {
                &question.rephrase
            } else {
                &question.ask
            },
        );
        let tag = Tag::Ask {
            mode,
            question: question.id.clone(),
            lead: words,
        };
        Self {
            text,
            tag: Some(tag),
            call: at_question(protocol, dialogue, question, mode, request),
        }
    }
}

fn at_question(
    protocol: &Protocol,
    dialogue: &Dialogue<'_>,
    question: &Question,
    mode: Mode,
    request: &ChatRequest,
) -> Option<Call> {
    if question.answer == AnswerKind::Scan {
        return dialogue.scans.call(question, request);
    }
    let name = question.call.as_deref().filter(|_| mode == Mode::First)?;
    calls::offered(protocol, dialogue, request, name)
}

/// What is said before the question.
fn lead(protocol: &Protocol, dialogue: &Dialogue<'_>) -> String {
    let phrases = &protocol.phrases;
    if !dialogue.greeted {
        return protocol.greeting.clone();
    }
    let acknowledge = dialogue
        .taken
        .checked_sub(1)
        .map(|n| n % phrases.acknowledge.len().max(1));
    match dialogue.cue {
        Cue::Answered => acknowledge
            .and_then(|n| phrases.acknowledge.get(n))
            .cloned()
            .unwrap_or_default(),
        Cue::NotKnown => phrases.move_on.clone(),
        Cue::Unclear => phrases.unclear.clone(),
        Cue::Repeat => phrases.repeat.clone(),
        Cue::Explain => phrases.explain.clone(),
        Cue::Silence if dialogue.pending.is_some() => phrases.still_there.clone(),
        Cue::Resumed => phrases.resume.clone(),
        Cue::Silence | Cue::Next | Cue::Measuring | Cue::Farewell | Cue::Escalated(_) => String::new(),
    }
}

fn summary(protocol: &Protocol, dialogue: &Dialogue<'_>) -> String {
    let mut text = protocol.closing.intro.clone();
    for line in &protocol.closing.summary {
        if let Some(sentence) = line.render(&dialogue.answers) {
            join(&mut text, &sentence);
        }
    }
    text
}

/// `question` as it follows `said`; a sentence that broke off is left behind with a phrase.
fn onto(said: &str, question: &str, protocol: &Protocol) -> String {
    if said.trim_end().ends_with(['.', '!', '?', '…']) {
        format!(" {question}")
    } else {
        format!(" {} {question}", protocol.phrases.resume)
    }
}

fn join(text: &mut String, next: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(next);
}
