use std::collections::BTreeMap;
use std::fmt;

/// What a patient answered, by slot name. Ordered, so that everything made from it is reproducible.
pub type Answers = BTreeMap<String, Value>;

/// One recorded answer. `Display` gives it as it is read back to the patient.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// In the patient's words.
    Text(String),
    /// Yes or no.
    YesNo(bool),
    /// A number in the unit of its question.
    Number(f64),
    /// The canonical value of a choice.
    Choice(String),
    /// A duration or a point in time, in the patient's words.
    Time(String),
    /// A blood pressure reading in millimetres of mercury.
    BloodPressure {
        /// The higher figure.
        systolic: u16,
        /// The lower figure.
        diastolic: u16,
    },
    /// What a camera measured; at least one figure.
    Scan {
        /// Beats per minute.
        heart_rate: Option<u16>,
        /// Breaths per minute.
        respiratory_rate: Option<u16>,
    },
    /// Medicines, in the patient's words.
    Medicines(Vec<String>),
    /// The patient said there is nothing to name.
    Nothing,
    /// The patient did not know, or the answer was not understood.
    Unknown,
}

impl Value {
    /// Whether there is an answer that can be read back; `part` names one figure of several.
    pub fn is_known(&self, part: Option<&str>) -> bool {
        self.word(part) != Some("unknown")
    }

    /// The word a condition's `is` compares with, where there is one: `yes`, `no`, `none`, `unknown` or a choice. A
    /// figure that could not be measured is unknown.
    pub fn word(&self, part: Option<&str>) -> Option<&str> {
        match self {
            Self::Scan { .. } if part.is_some() && self.figure(part).is_none() => Some("unknown"),
            Self::YesNo(true) => Some("yes"),
            Self::YesNo(false) => Some("no"),
            Self::Nothing => Some("none"),
            Self::Unknown => Some("unknown"),
            Self::Choice(value) => Some(value),
            _ => None,
        }
    }

    /// The figure a condition's `at_least` and `at_most` compare with; `part` names one of a pair.
    pub fn figure(&self, part: Option<&str>) -> Option<f64> {
        match (self, part) {
            (Self::Number(number), None) => Some(*number),
            (Self::BloodPressure { systolic, .. }, Some("systolic")) => Some(f64::from(*systolic)),
            (Self::BloodPressure { diastolic, .. }, Some("diastolic")) => Some(f64::from(*diastolic)),
            (Self::Scan { heart_rate, .. }, Some("heart_rate")) => heart_rate.map(f64::from),
            (Self::Scan { respiratory_rate, .. }, Some("respiratory_rate")) => {
                respiratory_rate.map(f64::from)
            }
            _ => None,
        }
    }
}

/// A slot as files name it: its name, and the part of it that is meant, if only one is.
pub(super) fn name_and_part(slot: &str) -> (&str, Option<&str>) {
    match slot.split_once('.') {
        Some((name, part)) => (name, Some(part)),
        None => (slot, None),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Time(text) | Self::Choice(text) => f.write_str(text),
            Self::YesNo(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Number(number) => write!(f, "{number}"),
            Self::BloodPressure { systolic, diastolic } => write!(f, "{systolic} over {diastolic}"),
            Self::Scan {
                heart_rate,
                respiratory_rate,
            } => match (heart_rate, respiratory_rate) {
                (Some(beats), Some(breaths)) => write!(f, "{beats} beats and {breaths} breaths per minute"),
                (Some(beats), None) => write!(f, "{beats} beats per minute"),
                (None, Some(breaths)) => write!(f, "{breaths} breaths per minute"),
                (None, None) => f.write_str("not known"),
            },
            Self::Medicines(names) => match names.split_last() {
                Some((last, [])) => f.write_str(last),
                Some((last, others)) => write!(f, "{} and {last}", others.join(", ")),
                None => f.write_str("none"),
            },
            Self::Nothing => f.write_str("none"),
            Self::Unknown => f.write_str("not known"),
        }
    }
}
