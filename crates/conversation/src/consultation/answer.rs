use serde::Deserialize;

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
            Self::Number { .. } | Self::Time => {}
        }
        words
    }

    /// The range of a figure of this kind: the slot itself, or the named part of a pair.
    pub(super) fn range(&self, part: Option<&str>) -> Option<(f64, f64)> {
        match (self, part) {
            (Self::Number { min, max, .. }, None) => Some((*min, *max)),
            (Self::BloodPressure, Some("systolic")) => Some((60.0, 260.0)),
            (Self::BloodPressure, Some("diastolic")) => Some((30.0, 160.0)),
            _ => None,
        }
    }

    /// Whether a pair of figures could be a blood pressure (systolic 60–260, diastolic 30–160 mmHg, in that order).
    pub fn plausible_pressure(systolic: f64, diastolic: f64) -> bool {
        (60.0..=260.0).contains(&systolic) && (30.0..=160.0).contains(&diastolic) && systolic > diastolic
    }
}
