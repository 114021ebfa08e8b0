use std::collections::BTreeSet;

use bedside_conversation::consultation::words::words;
use bedside_conversation::consultation::{
    AfterEscalation, AnswerKind, Answers, Condition, Protocol, Question, RedFlags, Value,
};
use bedside_conversation::context::{ChatRequest, Message};

use super::scan::{self, Scans};
use super::tag::{Mode, Tag};
use super::taking_over::{self, Asked};
use super::understand::{self, Intent};

/// Where a consultation stands after its messages so far.
#[derive(Debug)]
pub(super) struct Dialogue<'p> {
    protocol: &'p Protocol,
    /// What the patient answered.
    pub(super) answers: Answers,
    /// Whether any of the greeting was heard.
    pub(super) greeted: bool,
    /// The question that was heard and not answered yet.
    pub(super) pending: Option<&'p Question>,
    /// Where it stands as a whole.
    pub(super) stage: Stage,
    /// What the last message calls for.
    pub(super) cue: Cue<'p>,
    /// Answers taken so far; varies the acknowledgement.
    pub(super) taken: usize,
    rephrased: BTreeSet<&'p str>,
    escalated: BTreeSet<String>,
    asked_any: bool,
    /// Another model asked something whose answer has no sure place here.
    asked_elsewhere: bool,
    pub(super) scans: Scans<'p>,
}

/// Where a consultation stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Questions are being asked.
    Open,
    /// The patient asked to stop.
    Stopped,
    /// An escalation holds the questions.
    Held,
    /// It is over, with the summary.
    Closed,
    /// The patient left before the end.
    Left,
}

/// What the last message calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue<'p> {
    /// Nobody has said anything the dialogue must react to: the next question.
    Next,
    /// A clear answer.
    Answered,
    /// No answer could be had.
    NotKnown,
    /// The answer was not understood.
    Unclear,
    /// "Can you repeat that?"
    Repeat,
    /// "What do you mean?"
    Explain,
    /// We spoke last, and nobody answered.
    Silence,
    /// The patient spoke while they are measured.
    Measuring,
    /// The patient takes the dialogue up again.
    Resumed,
    /// A danger was just named; the reason is the question whose answer it was, if it was one.
    Escalated(Option<&'p str>),
    /// Goodbye, or thanks after the end.
    Farewell,
}

impl<'p> Dialogue<'p> {
    pub(super) fn replay(protocol: &'p Protocol, red_flags: &RedFlags, request: &ChatRequest) -> Self {
        let mut dialogue = Self {
            protocol,
            answers: Answers::new(),
            greeted: false,
            pending: None,
            stage: Stage::Open,
            cue: Cue::Next,
            taken: 0,
            rephrased: BTreeSet::new(),
            escalated: BTreeSet::new(),
            asked_any: false,
            asked_elsewhere: false,
            scans: Scans::new(request),
        };
        for message in &request.messages {
            dialogue.scans.came = false;
            match message {
                Message::User { text } => dialogue.on_patient(text, red_flags),
                Message::Assistant { heard, tag, .. } => dialogue.on_ours(heard, tag.as_deref()),
                Message::ToolCall {
                    call_id,
                    name,
                    arguments,
                } => dialogue.scans.on_call(protocol, call_id, name, arguments),
                Message::ToolResult { call_id, output } if dialogue.scans.awaits(call_id) => {
                    dialogue.on_measured(output);
                }
                // A result is not for the patient, who is still to answer; it must not make us ask "are you there?".
                Message::ToolResult { .. } if dialogue.cue == Cue::Silence => dialogue.cue = Cue::Next,
                Message::System { .. } | Message::Picture { .. } | Message::ToolResult { .. } => {}
            }
        }
        dialogue.settle_scan();
        dialogue
    }

    fn on_measured(&mut self, output: &str) {
        let Some(question) = self.scans.over() else { return };
        let value = scan::measured(output);
        let cue = if value == Value::Unknown {
            Cue::NotKnown
        } else {
            Cue::Answered
        };
        let asked = self.pending.is_some_and(|pending| pending.id == question.id);
        if asked {
            self.take(question, value);
        } else {
            self.answers.insert(question.slot.clone(), value);
        }
        let urgent = matches!(self.cue, Cue::Escalated(_));
        if self.stage == Stage::Open && !urgent && (asked || self.cue == Cue::Silence) {
            self.cue = if asked { cue } else { Cue::Next };
        }
    }

    /// Nobody waits for a measurement that cannot be had, and nobody is asked for words while one is going on.
    fn settle_scan(&mut self) {
        let Some(question) = self.pending.filter(|pending| pending.answer == AnswerKind::Scan) else {
            return;
        };
        if self.scans.is_scanning(question) {
            if self.cue == Cue::Silence {
                self.cue = Cue::Measuring;
            }
        } else if !self.scans.offered {
            self.take(question, Value::Unknown);
            if self.cue == Cue::Silence {
                self.cue = Cue::NotKnown;
            }
        }
    }

    /// The first question that is due and not answered.
    pub(super) fn next_question(&self) -> Option<&'p Question> {
        self.due()
            .find(|question| question.answer != AnswerKind::Scan || self.scans.may_ask(question))
    }

    fn due(&self) -> impl Iterator<Item = &'p Question> {
        self.protocol.questions.iter().filter(|question| {
            !self.answers.contains_key(&question.slot) && Condition::all_hold(&question.when, &self.answers)
        })
    }

    fn on_ours(&mut self, text: &str, tag: Option<&str>) {
        let heard = text.split_whitespace().count();
        self.cue = Cue::Silence;
        if heard > 0 {
            self.asked_elsewhere = false;
        }
        match tag.and_then(Tag::parse) {
            Some(Tag::Ask { mode, question, lead }) => {
                self.greeted |= heard > 0;
                let asked = self.protocol.question(&question).filter(|_| heard > lead);
                if let Some(question) = asked {
                    self.asked_any = true;
                    self.pending = Some(question);
                    if mode == Mode::Rephrased {
                        self.rephrased.insert(&question.id);
                    }
                }
            }
            Some(Tag::Close) if heard > 0 => self.stage = Stage::Closed,
            Some(Tag::Close | Tag::Escalation { .. }) => {}
            None => self.on_other(text),
        }
    }

    /// Words of another model, or set phrases. What was asked in other words takes the place of our question, if it
    /// cannot be told that it is the same.
    fn on_other(&mut self, text: &str) {
        self.greeted |= !text.trim().is_empty();
        if self.stage != Stage::Open {
            return;
        }
        let due = self.due().filter(|question| question.answer != AnswerKind::Scan);
        match taking_over::asked(text, self.protocol.questions.first(), due) {
            Asked::Nothing => {}
            Asked::Ours(question) => {
                self.asked_any = true;
                self.pending = Some(question);
            }
            Asked::Other => {
                self.asked_elsewhere = true;
                self.pending = None;
            }
        }
    }

    fn on_patient(&mut self, said: &str, red_flags: &RedFlags) {
        let new_danger = red_flags
            .find(said)
            .is_some_and(|found| self.escalated.insert(found.id));
        let intent = Intent::of(said);
        self.cue = match self.stage {
            Stage::Open => self.on_answer(said, intent),
            Stage::Stopped => match intent {
                Some(Intent::Resume) => {
                    self.stage = Stage::Open;
                    Cue::Resumed
                }
                Some(Intent::Goodbye) => self.leave(),
                _ if understand::yes_no(&words(said)) == Some(true) => {
                    self.stage = Stage::Open;
                    Cue::Resumed
                }
                _ => Cue::Next,
            },
            Stage::Held => Cue::Next,
            Stage::Closed | Stage::Left => match intent {
                Some(Intent::Goodbye | Intent::Thanks) => Cue::Farewell,
                Some(Intent::Repeat) => Cue::Repeat,
                _ => Cue::Next,
            },
        };
        if new_danger {
            self.escalate(None);
        }
    }

    fn escalate(&mut self, question: Option<&'p str>) {
        self.cue = Cue::Escalated(question);
        if self.protocol.escalation.then == AfterEscalation::Hold {
            self.stage = Stage::Held;
        }
    }

    fn leave(&mut self) -> Cue<'p> {
        self.stage = Stage::Left;
        Cue::Farewell
    }

    fn on_answer(&mut self, said: &str, intent: Option<Intent>) -> Cue<'p> {
        match intent {
            Some(Intent::Goodbye) => return self.leave(),
            Some(Intent::Stop) => {
                self.stage = Stage::Stopped;
                return Cue::Next;
            }
            Some(Intent::Repeat) => return Cue::Repeat,
            Some(Intent::Explain) => return Cue::Explain,
            _ => {}
        }
        let Some(question) = self
            .pending
            .or_else(|| self.opening(said).filter(|_| intent.is_none()))
        else {
            self.volunteer(said, None);
            return Cue::Next;
        };
        let answer = understand::answer(question, said);
        self.volunteer(said, Some(question));
        if self.scans.is_scanning(question) {
            return Cue::Measuring;
        }
        match answer {
            Some(value) => {
                let escalates = question.escalates(&value);
                self.take(question, value);
                if escalates && self.escalated.insert(question.id.clone()) {
                    self.escalate(Some(&question.id));
                    return self.cue;
                }
                Cue::Answered
            }
            None if intent == Some(Intent::NotKnown) || self.rephrased.contains(question.id.as_str()) => {
                self.take(question, Value::Unknown);
                Cue::NotKnown
            }
            None => Cue::Unclear,
        }
    }

    /// A patient who speaks first tells what brings them; that answers an open first question.
    fn opening(&self, said: &str) -> Option<&'p Question> {
        let first = self.protocol.questions.first()?;
        let open = first.answer == AnswerKind::Text && !self.answers.contains_key(&first.slot);
        (open && !self.asked_any && !self.asked_elsewhere && understand::is_statement(said)).then_some(first)
    }

    fn take(&mut self, question: &'p Question, value: Value) {
        self.answers.insert(question.slot.clone(), value);
        self.pending = None;
        self.taken += 1;
    }

    /// Records what was said beyond the question asked. A kind of answer that was just asked for is not taken twice
    /// from the same words.
    fn volunteer(&mut self, said: &str, asked: Option<&Question>) {
        for question in &self.protocol.questions {
            let same_kind = asked.is_some_and(|asked| {
                asked.id == question.id
                    || std::mem::discriminant(&asked.answer) == std::mem::discriminant(&question.answer)
            });
            if same_kind || self.answers.contains_key(&question.slot) {
                continue;
            }
            if let Some(value) = understand::volunteered(question, said) {
                self.answers.insert(question.slot.clone(), value);
            }
        }
    }
}
