use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::ProtocolError;
use super::question::Question;
use super::red_flags::Pattern;
use super::summary::SummaryLine;
use super::validate::validate;

/// A consultation protocol. Made by [`Protocol::parse`], which checks it as a whole; deserialising alone checks its
/// form only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Its name in configuration and records.
    pub id: String,
    /// Three numbers; rises with every change to the file.
    pub version: String,
    /// For people.
    pub title: String,
    /// BCP 47 tag of the language it speaks; English only.
    pub locale: String,
    /// How it wants to be spoken.
    #[serde(default)]
    pub voice: Voice,
    /// Said once, before the first question.
    pub greeting: String,
    /// Said at once when a red flag is heard, by locale; at least the protocol's own.
    pub emergency: BTreeMap<String, String>,
    /// What happens after an escalation.
    pub escalation: Escalation,
    /// Set phrases.
    pub phrases: Phrases,
    /// The questions, in the order of asking.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    /// What must not wait, the gravest first.
    #[serde(rename = "red_flag")]
    pub red_flags: Vec<RedFlag>,
    /// How it ends.
    pub closing: Closing,
}

/// Hints to the synthesiser.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Voice {
    /// A voice by name, where the synthesiser has it.
    pub name: Option<String>,
    /// Speaking rate, 1.0 = normal, 0.25 to 1.5.
    pub speed: Option<f32>,
}

/// What happens after an escalation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Whether the questions go on.
    pub then: AfterEscalation,
    /// Said to whatever follows, as long as the questions are held.
    pub reminder: String,
}

/// Whether the questions go on after an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterEscalation {
    /// No: only the reminder is said.
    Hold,
    /// Yes, once the emergency sentence has been said.
    Continue,
}

/// Set phrases, so that every word the patient can hear stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Before the next question, in turn.
    pub acknowledge: Vec<String>,
    /// Before rephrasing a question whose answer was unclear.
    pub unclear: String,
    /// Before the next question when the last one could not be answered.
    pub move_on: String,
    /// Before repeating a question.
    pub repeat: String,
    /// Before explaining a question.
    pub explain: String,
    /// Before asking again when nobody answered.
    pub still_there: String,
    /// When the patient wants to stop; the dialogue can be resumed.
    pub stopped: String,
    /// Before the next question when the patient resumes.
    pub resume: String,
    /// When the patient says goodbye.
    pub goodbye: String,
}

/// Something that must not wait.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlag {
    /// Unique in the protocol.
    pub id: String,
    /// For the clinician.
    pub reason: String,
    /// Which mentions count.
    #[serde(default)]
    pub scope: Scope,
    /// Any of these is enough.
    pub patterns: Vec<Pattern>,
}

/// Which mentions of a red flag count. A denial never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All but what clearly lies years back or is a relative's history.
    #[default]
    Present,
    /// All.
    Ever,
}

/// How a consultation ends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Before the summary.
    pub intro: String,
    /// The summary, sentence by sentence.
    pub summary: Vec<SummaryLine>,
    /// After the summary.
    pub end: String,
    /// Said to whatever follows.
    pub after: String,
    /// A function called with the answers once the closing is said, if the client declared it.
    pub call: Option<String>,
}

impl Protocol {
    /// Reads and checks a protocol file.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let protocol: Self = toml::from_str(text)?;
        match validate(&protocol) {
            problems if problems.is_empty() => Ok(protocol),
            problems => Err(ProtocolError::Content(problems)),
        }
    }

    /// The embedded general intake.
    pub fn general_intake() -> Result<Self, ProtocolError> {
        Self::parse(include_str!("protocols/general-intake.toml"))
    }

    /// The embedded follow-up on blood pressure.
    pub fn blood_pressure_follow_up() -> Result<Self, ProtocolError> {
        Self::parse(include_str!("protocols/blood-pressure-follow-up.toml"))
    }

    /// The emergency sentence of `locale`, else of the protocol's own locale.
    pub fn emergency_sentence(&self, locale: &str) -> &str {
        self.emergency
            .get(locale)
            .or_else(|| self.emergency.get(&self.locale))
            .map_or("", String::as_str)
    }

    /// The question with this identifier.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}
