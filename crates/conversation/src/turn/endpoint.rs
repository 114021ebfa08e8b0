//! When a silence is the end of a turn.

/// With `semantic_vad`, the end-of-turn model is asked after this much silence; transcription and the model start
/// speculatively then, whatever the turn detection.
pub(crate) const LIKELY_END_MS: u64 = 200;

/// Silence that ends a turn when the end-of-turn model has failed or is late.
const FALLBACK_MS: u64 = 800;

/// The shortest silence that ends a turn the end-of-turn model judged unfinished.
const UNFINISHED_MIN_MS: u64 = 700;

/// Above this probability the turn is over (the operating point Smart Turn was trained for).
const FINISHED: f32 = 0.5;

/// How eager the session is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpointing {
    /// A fixed silence.
    Silence { ms: u64 },
    /// The end-of-turn model's judgement, with this much silence at most.
    Semantic { max_wait_ms: u64 },
}

/// What the end-of-turn model said of the present silence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Judgement {
    /// It has not been asked, or has not answered yet.
    #[default]
    Pending,
    /// It failed.
    Failed,
    /// Probability that the patient has finished.
    Finished(f32),
}

impl Endpointing {
    /// The silence, in milliseconds, that ends the turn.
    ///
    /// A turn judged unfinished waits longer the surer the model is, up to the session's maximum: "I take, um …"
    /// deserves the whole wait, an even chance does not.
    pub(crate) fn required_silence_ms(self, judgement: Judgement) -> u64 {
        match self {
            Self::Silence { ms } => ms,
            Self::Semantic { max_wait_ms } => match judgement {
                Judgement::Finished(p) if p >= FINISHED => LIKELY_END_MS,
                Judgement::Finished(p) => {
                    let doubt = f64::from((FINISHED - p) / FINISHED).clamp(0.0, 1.0);
                    let span = max_wait_ms.saturating_sub(UNFINISHED_MIN_MS) as f64;
                    UNFINISHED_MIN_MS + (span * doubt) as u64
                }
                Judgement::Pending | Judgement::Failed => FALLBACK_MS.min(max_wait_ms),
            },
        }
    }

    /// The silence, in milliseconds, after which an end is likely enough to start work on an answer.
    pub(crate) fn likely_end_ms(self) -> u64 {
        match self {
            Self::Silence { ms } => ms.min(LIKELY_END_MS),
            Self::Semantic { .. } => LIKELY_END_MS,
        }
    }

    pub(crate) fn asks_judge(self) -> bool {
        matches!(self, Self::Semantic { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_silence_ignores_the_judge() {
        let fixed = Endpointing::Silence { ms: 500 };
        assert_eq!(fixed.required_silence_ms(Judgement::Finished(0.99)), 500);
        assert_eq!(fixed.likely_end_ms(), 200);
        assert_eq!(Endpointing::Silence { ms: 100 }.likely_end_ms(), 100);
    }

    #[test]
    fn a_finished_turn_ends_at_once_and_an_unfinished_one_waits_with_the_doubt() {
        let semantic = Endpointing::Semantic { max_wait_ms: 4_000 };
        let wait = |p| semantic.required_silence_ms(Judgement::Finished(p));
        assert_eq!(wait(0.9), LIKELY_END_MS);
        assert_eq!(wait(0.0), 4_000);
        assert!(wait(0.4) < wait(0.2) && wait(0.49) < 800);
        assert_eq!(semantic.required_silence_ms(Judgement::Failed), 800);
        assert_eq!(semantic.required_silence_ms(Judgement::Pending), 800);
    }
}
