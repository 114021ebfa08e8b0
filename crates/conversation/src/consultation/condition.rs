use serde::Deserialize;

use super::value::{Answers, Value};

/// A test on one slot; every test given must hold. A list of conditions holds when all of them do.
///
/// An unanswered slot fails every test except `answered = false`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The slot, or one figure of a pair as `slot.systolic` or `slot.diastolic`.
    pub slot: String,
    /// It is one of these: `yes`, `no`, `none`, `unknown`, or a value of the choice.
    #[serde(default)]
    pub is: Vec<String>,
    /// It is a figure not below this.
    pub at_least: Option<f64>,
    /// It is a figure not above this.
    pub at_most: Option<f64>,
    /// Whether the patient gave an answer ("I don't know" is none).
    pub answered: Option<bool>,
}

impl Condition {
    /// The slot's name without the part of a pair.
    pub fn slot_name(&self) -> &str {
        self.slot
            .split_once('.')
            .map_or(self.slot.as_str(), |(name, _)| name)
    }

    /// The part of a pair, if one is named.
    pub fn part(&self) -> Option<&str> {
        self.slot.split_once('.').map(|(_, part)| part)
    }

    /// Whether it holds for `answers`.
    pub fn holds(&self, answers: &Answers) -> bool {
        let value = answers.get(self.slot_name());
        let figure = value.and_then(|v| v.figure(self.part()));
        let word = value.and_then(Value::word);
        self.answered
            .is_none_or(|wanted| value.is_some_and(Value::is_known) == wanted)
            && (self.is.is_empty() || word.is_some_and(|w| self.is.iter().any(|is| is == w)))
            && self
                .at_least
                .is_none_or(|least| figure.is_some_and(|f| f >= least))
            && self.at_most.is_none_or(|most| figure.is_some_and(|f| f <= most))
    }

    /// Whether all of `conditions` hold.
    pub fn all_hold(conditions: &[Self], answers: &Answers) -> bool {
        conditions.iter().all(|condition| condition.holds(answers))
    }
}
