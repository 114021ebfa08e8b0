use serde::Deserialize;

use super::value::{Answers, name_and_part};

/// A test on one slot; every test given must hold. A list of conditions holds when all of them do.
///
/// An unanswered slot fails every test except `answered = false`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The slot, or one figure of several: `slot.systolic`, `slot.diastolic`, `slot.heart_rate`,
    /// `slot.respiratory_rate`.
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
    /// The slot's name without the part.
    pub fn slot_name(&self) -> &str {
        name_and_part(&self.slot).0
    }

    /// The part, if one is named.
    pub fn part(&self) -> Option<&str> {
        name_and_part(&self.slot).1
    }

    /// Whether it holds for `answers`.
    pub fn holds(&self, answers: &Answers) -> bool {
        let value = answers.get(self.slot_name());
        let figure = value.and_then(|v| v.figure(self.part()));
        let word = value.and_then(|v| v.word(self.part()));
        self.answered
            .is_none_or(|wanted| value.is_some_and(|v| v.is_known(self.part())) == wanted)
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
