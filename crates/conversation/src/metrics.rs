//! Where the time of a turn went, from the patient's last voiced sample to our first audible one.

use std::time::Duration;

use crate::time::Time;

/// The instants of one turn; each is set once.
#[derive(Debug, Clone, Default)]
pub(crate) struct TurnClock {
    /// The last voiced sample had arrived.
    pub(crate) voiced: Option<Time>,
    /// The silence was long enough that work on an answer began.
    pub(crate) likely_end: Option<Time>,
    /// Part of the silence that was waited for on purpose, up to the end of the turn.
    pub(crate) waited: Duration,
    pub(crate) end_of_turn: Option<Time>,
    /// The final text was asked for.
    pub(crate) transcription_asked: Option<Time>,
    pub(crate) transcription_final: Option<Time>,
    pub(crate) generation_start: Option<Time>,
    pub(crate) model_first_token: Option<Time>,
    pub(crate) synthesis_start: Option<Time>,
    pub(crate) synthesis_first_audio: Option<Time>,
    pub(crate) first_audio_sent: Option<Time>,
    /// Time the recogniser ran for the final text; of a remote one, time it was waited for.
    pub(crate) transcription_busy: Duration,
    /// Time the end-of-turn model ran.
    pub(crate) judge_busy: Duration,
    pub(crate) transcription_provider: Option<&'static str>,
    pub(crate) model_provider: Option<&'static str>,
    pub(crate) synthesis_provider: Option<&'static str>,
}

/// One turn's figures, in milliseconds after the patient's last voiced sample unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct TurnFigures {
    pub(crate) end_of_turn: Option<f64>,
    pub(crate) transcription_final: Option<f64>,
    pub(crate) model_first_token: Option<f64>,
    pub(crate) synthesis_first_audio: Option<f64>,
    pub(crate) first_audio_sent: Option<f64>,
    pub(crate) voice_to_voice: Option<f64>,
    /// Length of the deliberate wait.
    pub(crate) wait: Option<f64>,
    /// Time models ran on the path from voice to voice.
    pub(crate) models: Option<f64>,
    /// The rest: what the engine itself cost.
    pub(crate) engine: Option<f64>,
}

impl TurnClock {
    pub(crate) fn mark(slot: &mut Option<Time>, now: Time) {
        slot.get_or_insert(now);
    }

    /// The final text was asked for, at a likely end of the turn or after it.
    pub(crate) fn asks_for_text(&mut self, now: Time) {
        self.likely_end = Some(now);
        self.transcription_asked = Some(now);
    }

    /// The final text is there. A remote provider tells no time of its own: all of the wait for it is the model's.
    pub(crate) fn has_text(&mut self, now: Time, busy: Duration, provider: &'static str) {
        Self::mark(&mut self.transcription_final, now);
        let waited = self
            .transcription_asked
            .map_or(Duration::ZERO, |at| now.since(at));
        self.transcription_busy = if busy.is_zero() { waited } else { busy };
        self.transcription_provider = Some(provider);
    }

    /// The figures of a turn of a client that came `back` last at that time. An answer that waited for it tells nothing of
    /// how fast we are.
    pub(crate) fn figures(&self, back: Option<Time>) -> TurnFigures {
        let Some(voiced) = self.voiced else {
            return TurnFigures::default();
        };
        let after = |at: Option<Time>| at.map(|at| millis(at.since(voiced)));
        let waited_for = |sent: Time| back.is_some_and(|back| voiced < back && back <= sent);
        let total = after(self.first_audio_sent.filter(|sent| !waited_for(*sent)));
        let wait = total.map(|_| millis(self.waited));
        let models = total.map(|_| millis(self.models()));
        let engine = match (total, wait, models) {
            (Some(total), Some(wait), Some(models)) => Some((total - wait - models).max(0.0)),
            _ => None,
        };
        TurnFigures {
            end_of_turn: after(self.end_of_turn),
            transcription_final: after(self.transcription_final),
            model_first_token: after(self.model_first_token),
            synthesis_first_audio: after(self.synthesis_first_audio),
            first_audio_sent: total,
            voice_to_voice: total,
            wait,
            models,
            engine,
        }
    }

    /// Model time on the critical path: of recognition and end-of-turn judgement, which run side by side during the
    /// wait, only what outlasted it; then the chat model; then the first audio.
    fn models(&self) -> Duration {
        let between = |from: Option<Time>, to: Option<Time>| match (from, to) {
            (Some(from), Some(to)) => to.since(from),
            _ => Duration::ZERO,
        };
        let listening = self.transcription_busy.max(self.judge_busy);
        let hidden = match (self.voiced, self.likely_end) {
            (Some(voiced), Some(likely)) => self.waited.saturating_sub(likely.since(voiced)),
            _ => Duration::ZERO,
        };
        // A speculative answer may be ready before the turn ends; then its model cost nothing.
        let ready = self
            .end_of_turn
            .max(self.transcription_final)
            .max(self.generation_start);
        let answering = match (ready, self.model_first_token) {
            (Some(ready), Some(first)) => first.since(ready),
            _ => Duration::ZERO,
        };
        listening.saturating_sub(hidden)
            + answering
            + between(self.synthesis_start, self.synthesis_first_audio)
    }
}

fn millis(duration: Duration) -> f64 {
    // Tenths of a millisecond are all that is meaningful.
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::unnecessary_wraps, reason = "the fields it fills are optional")]
    fn at(ms: u64) -> Option<Time> {
        Some(Time::from_millis(ms))
    }

    #[test]
    fn a_turn_is_split_into_wait_models_and_engine() {
        let clock = TurnClock {
            voiced: at(1_000),
            likely_end: at(1_224),
            waited: Duration::from_millis(224),
            end_of_turn: at(1_300),
            transcription_final: at(1_350),
            generation_start: at(1_350),
            model_first_token: at(1_351),
            synthesis_start: at(1_352),
            synthesis_first_audio: at(1_480),
            first_audio_sent: at(1_481),
            transcription_busy: Duration::from_millis(120),
            judge_busy: Duration::from_millis(70),
            ..TurnClock::default()
        };
        let figures = clock.figures(None);
        assert_eq!(figures.end_of_turn, Some(300.0));
        assert_eq!(figures.voice_to_voice, Some(481.0));
        assert_eq!(figures.wait, Some(224.0));
        assert_eq!(figures.models, Some(120.0 + 1.0 + 128.0));
        assert_eq!(figures.engine, Some(481.0 - 224.0 - 249.0));
    }

    #[test]
    fn the_wait_for_a_remote_transcriber_is_the_models_time_and_of_a_local_one_only_its_work() {
        let figures = |busy: u64| {
            let mut clock = TurnClock {
                voiced: at(1_000),
                waited: Duration::from_millis(224),
                end_of_turn: at(1_230),
                first_audio_sent: at(1_500),
                ..TurnClock::default()
            };
            clock.asks_for_text(Time::from_millis(1_224));
            clock.has_text(Time::from_millis(1_490), Duration::from_millis(busy), "test");
            clock.figures(None)
        };
        assert_eq!((figures(0).models, figures(0).engine), (Some(266.0), Some(10.0)));
        assert_eq!(
            (figures(60).models, figures(60).engine),
            (Some(60.0), Some(216.0))
        );
    }

    #[test]
    fn an_answer_that_waited_for_its_listener_is_not_called_slow() {
        let clock = TurnClock {
            voiced: at(1_000),
            end_of_turn: at(1_300),
            first_audio_sent: at(21_000),
            ..TurnClock::default()
        };
        let waited = clock.figures(at(20_900));
        assert_eq!((waited.voice_to_voice, waited.engine), (None, None));
        assert_eq!(waited.end_of_turn, Some(300.0));
        for back in [at(900), at(21_001), None] {
            assert_eq!(clock.figures(back).voice_to_voice, Some(20_000.0));
        }
    }

    #[test]
    fn models_hidden_by_a_long_wait_are_not_counted() {
        let clock = TurnClock {
            voiced: at(0),
            likely_end: at(200),
            waited: Duration::from_millis(2_000),
            end_of_turn: at(2_000),
            transcription_final: at(330),
            model_first_token: at(331),
            generation_start: at(330),
            synthesis_start: at(2_000),
            synthesis_first_audio: at(2_100),
            first_audio_sent: at(2_101),
            transcription_busy: Duration::from_millis(120),
            ..TurnClock::default()
        };
        assert_eq!(clock.figures(None).engine, Some(1.0));
    }

    #[test]
    fn a_turn_without_speech_has_no_figures() {
        assert_eq!(TurnClock::default().figures(None), TurnFigures::default());
    }
}
