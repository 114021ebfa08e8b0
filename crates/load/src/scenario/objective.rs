//! What must hold: `voice_to_voice.p99 < 2000`.

use std::fmt;

use serde::de::{self, Deserializer, IntoDeserializer};
use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::figures::{Figure, FigureName, Run, Verdict};

/// A bound on something measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// What is measured.
    pub measure: Measure,
    /// On which side of the bound it must be.
    pub comparison: Comparison,
    /// The bound, in the unit of what is measured.
    pub bound: f64,
}

/// What an objective is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A statistic of a figure.
    Figure(FigureName, Statistic),
    /// Errors of every kind.
    Errors,
    /// Losses of every kind.
    Drops,
    /// Sessions turned away.
    Refused,
    /// Sessions that did not end as they should.
    Failed,
}

/// One number of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The least.
    Min,
    /// The mean.
    Mean,
    /// Half are at most this.
    P50,
    /// Nine in ten are at most this.
    P90,
    /// 99 in 100 are at most this.
    P99,
    /// 999 in 1,000 are at most this.
    P999,
    /// The greatest.
    Max,
}

/// On which side of a bound something must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Objective {
    /// Reads one: a measure, a comparison, a number.
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        let fault = |reason| LoadError::Objective {
            objective: text.to_owned(),
            reason,
        };
        let mut words = text.split_whitespace();
        let (Some(measure), Some(sign), Some(bound), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(fault("write it as \"voice_to_voice.p99 < 2000\""));
        };
        Ok(Self {
            measure: Measure::parse(measure).map_err(fault)?,
            comparison: Comparison::parse(sign).ok_or_else(|| fault("compare with <, <=, > or >="))?,
            bound: bound.parse().map_err(|_| fault("the bound is no number"))?,
        })
    }

    /// Whether `run` keeps it. What was not measured keeps nothing.
    pub fn judge(&self, run: &Run) -> Verdict {
        let measured = self.measure.of(run);
        Verdict {
            objective: self.to_string(),
            figure: self.measure.figure(),
            limit: self.bound,
            measured,
            kept: measured.is_some_and(|value| self.comparison.holds(value, self.bound)),
        }
    }
}

impl Measure {
    fn parse(word: &str) -> Result<Self, &'static str> {
        match word {
            "errors" => return Ok(Self::Errors),
            "drops" => return Ok(Self::Drops),
            "refused" => return Ok(Self::Refused),
            "failed" => return Ok(Self::Failed),
            _ => {}
        }
        let (figure, statistic) = word
            .split_once('.')
            .ok_or("measures are a figure's statistic, errors, drops, refused or failed")?;
        let figure = named(figure).ok_or("there is no such figure")?;
        let statistic = named(statistic).ok_or("statistics are min, mean, p50, p90, p99, p999 and max")?;
        Ok(Self::Figure(figure, statistic))
    }

    const fn figure(self) -> Option<FigureName> {
        match self {
            Self::Figure(name, _) => Some(name),
            _ => None,
        }
    }

    fn of(self, run: &Run) -> Option<f64> {
        Some(match self {
            Self::Figure(name, statistic) => {
                let figure = run.figures.get(&name).filter(|figure| !figure.is_empty())?;
                statistic.of(figure)
            }
            Self::Errors => run.errors.values().sum::<u64>() as f64,
            Self::Drops => run.drops.values().sum::<u64>() as f64,
            Self::Refused => run.sessions.refused as f64,
            Self::Failed => (run.sessions.failed + run.sessions.unconnected) as f64,
        })
    }
}

impl Statistic {
    /// This number of `figure`.
    pub const fn of(self, figure: &Figure) -> f64 {
        match self {
            Self::Min => figure.min,
            Self::Mean => figure.mean,
            Self::P50 => figure.p50,
            Self::P90 => figure.p90,
            Self::P99 => figure.p99,
            Self::P999 => figure.p999,
            Self::Max => figure.max,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::P999 => "p999",
            Self::Max => "max",
        }
    }
}

impl Comparison {
    fn parse(sign: &str) -> Option<Self> {
        Some(match sign {
            "<" => Self::Below,
            "<=" => Self::AtMost,
            ">" => Self::Above,
            ">=" => Self::AtLeast,
            _ => return None,
        })
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl fmt::Display for Objective {
    /// As a person reads it: `voice to voice p99 < 2000 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bound) = (self.comparison.sign(), self.bound);
        match self.measure {
            Measure::Figure(name, statistic) => {
                let title = name.title().to_lowercase();
                write!(f, "{title} {} {sign} {bound} {}", statistic.name(), name.unit())
            }
            Measure::Errors => write!(f, "errors {sign} {bound}"),
            Measure::Drops => write!(f, "drops {sign} {bound}"),
            Measure::Refused => write!(f, "refused sessions {sign} {bound}"),
            Measure::Failed => write!(f, "failed sessions {sign} {bound}"),
        }
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The value that JSON calls `name`.
fn named<T: de::DeserializeOwned>(name: &str) -> Option<T> {
    let deserializer: de::value::StrDeserializer<'_, de::value::Error> = name.into_deserializer();
    T::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let voice = Figure {
            count: 9,
            p99: 1_500.0,
            ..Figure::default()
        };
        let mut run = Run::default();
        run.figures.insert(FigureName::VoiceToVoice, voice);
        run.errors.insert("server_error".to_owned(), 2);
        run
    }

    #[test]
    fn objectives_are_read_judged_and_said() {
        let objective = Objective::parse("voice_to_voice.p99 < 2000").unwrap();
        let verdict = objective.judge(&run());
        assert_eq!(verdict.objective, "voice to voice p99 < 2000 ms");
        assert_eq!((verdict.measured, verdict.kept), (Some(1_500.0), true));
        let strict = Objective::parse("voice_to_voice.p99 < 1500").unwrap();
        assert!(!strict.judge(&run()).kept);
        assert!(!Objective::parse("errors <= 1").unwrap().judge(&run()).kept);
        assert!(Objective::parse("refused <= 0").unwrap().judge(&run()).kept);
    }

    #[test]
    fn what_was_not_measured_keeps_no_objective() {
        let verdict = Objective::parse("round_trip.max < 50").unwrap().judge(&run());
        assert_eq!((verdict.measured, verdict.kept), (None, false));
    }

    #[test]
    fn a_wrong_objective_is_explained() {
        for (text, part) in [
            ("voice_to_voice.p98 < 1", "p999"),
            ("voice.p99 < 1", "no such figure"),
            ("errors = 1", "compare"),
            ("errors < few", "no number"),
            ("errors", "write it"),
        ] {
            let error = Objective::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
