use serde::Deserialize;

use super::value::Value;

/// Beats and breaths per minute that a person at rest or after exertion can have; others are not recorded.
const HEART_RATE: (f64, f64) = (30.0, 240.0);
const RESPIRATORY_RATE: (f64, f64) = (4.0, 60.0);

/// What kind of answer a question expects.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerKind {
    /// Anything, kept in the patient's words.
    Text,
    /// Yes or no.
    YesNo,
    /// A number.
    Number {
        /// What it counts, as spoken ("out of ten", "beats per minute").
        unit: String,
        /// The least plausible value; below it an answer counts as misheard.
        min: f64,
        /// The greatest plausible value.
        max: f64,
    },
    /// One of several.
    Choice {
        /// The possible values.
        options: Vec<ChoiceOption>,
    },
    /// A duration or a point in time ("about a week", "since Monday"), kept in the patient's words.
    Time,
    /// A pair of figures in millimetres of mercury.
    BloodPressure,
    /// A list of medicines, kept in the patient's words.
    Medicines {
        /// Names recognised when the patient mentions them before being asked.
        #[serde(default)]
        known: Vec<String>,
    },
    /// The patient's pulse and breathing, measured with their camera instead of told. Asked only where the session can
    /// measure; `rephrase` is said to a patient who speaks while it does.
    Scan,
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// The recorded value, read back as it stands.
    pub value: String,
    /// Other ways to say it.
    #[serde(default)]
    pub synonyms: Vec<String>,
}

impl AnswerKind {
    /// The words a condition may compare this kind of answer with.
    pub(super) fn words(&self) -> Vec<&str> {
        let mut words = vec!["unknown"];
        match self {
            Self::YesNo => words.extend(["yes", "no"]),
            Self::Choice { options } => words.extend(options.iter().map(|o| o.value.as_str())),
            Self::Text | Self::Medicines { .. } | Self::BloodPressure => words.push("none"),
            Self::Number { .. } | Self::Time | Self::Scan => {}
        }
        words
    }

    /// The range of a figure of this kind: the slot itself, or the named part of a pair.
    pub(super) fn range(&self, part: Option<&str>) -> Option<(f64, f64)> {
        match (self, part) {
            (Self::Number { min, max, .. }, None) => Some((*min, *max)),
            (Self::BloodPressure, Some("systolic")) => Some((60.0, 260.0)),
            (Self::BloodPressure, Some("diastolic")) => Some((30.0, 160.0)),
            (Self::Scan, Some("heart_rate")) => Some(HEART_RATE),
            (Self::Scan, Some("respiratory_rate")) => Some(RESPIRATORY_RATE),
            _ => None,
        }
    }

    /// What a camera measured, in beats and breaths per minute, to the whole number: a figure that is absent or that no
    /// person can have is not recorded, and without any the answer is unknown.
    pub fn measured(heart_rate: Option<f64>, respiratory_rate: Option<f64>) -> Value {
        let whole = |figure: Option<f64>, (min, max): (f64, f64)| {
            figure
                .map(f64::round)
                .filter(|figure| (min..=max).contains(figure))
                .map(|figure| figure as u16)
        };
        match (
            whole(heart_rate, HEART_RATE),
            whole(respiratory_rate, RESPIRATORY_RATE),
        ) {
            (None, None) => Value::Unknown,
            (heart_rate, respiratory_rate) => Value::Scan {
                heart_rate,
                respiratory_rate,
            },
        }
    }

    /// Whether a pair of figures could be a blood pressure (systolic 60–260, diastolic 30–160 mmHg, in that order).
    pub fn plausible_pressure(systolic: f64, diastolic: f64) -> bool {
        (60.0..=260.0).contains(&systolic) && (30.0..=160.0).contains(&diastolic) && systolic > diastolic
    }
}
