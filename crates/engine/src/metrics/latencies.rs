//! How long every step of every answer took, since the process began.

use std::time::Duration;

use bedside_protocol::TurnMetrics;

use super::histogram::{Histogram, HistogramSnapshot};

/// Upper bounds of the buckets, microseconds. The objectives of an answer, 1 s and 2 s, are among them.
const BOUNDS_US: [u64; 17] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 500_000, 750_000, 1_000_000,
    1_500_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000,
];

/// What is measured of an answer. The first six are moments, told by the time since the patient's last voiced sample;
/// the others are shares of the time from voice to voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// The server decided that the patient had finished.
    EndOfTurn,
    /// The final transcript was there.
    TranscriptionFinal,
    /// The model's first token was there.
    ModelFirstToken,
    /// The first synthesised audio was there.
    SynthesisFirstAudio,
    /// The first audio was sent.
    FirstAudioSent,
    /// The first audible sample was sent.
    VoiceToVoice,
    /// The deliberate wait for the patient to go on.
    Wait,
    /// Models on the path of the answer.
    Models,
    /// The rest.
    Engine,
}

impl Latency {
    /// Everything that is measured, moments first.
    pub const ALL: [Self; 9] = [
        Self::EndOfTurn,
        Self::TranscriptionFinal,
        Self::ModelFirstToken,
        Self::SynthesisFirstAudio,
        Self::FirstAudioSent,
        Self::VoiceToVoice,
        Self::Wait,
        Self::Models,
        Self::Engine,
    ];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndOfTurn => "end_of_turn",
            Self::TranscriptionFinal => "transcription_final",
            Self::ModelFirstToken => "model_first_token",
            Self::SynthesisFirstAudio => "synthesis_first_audio",
            Self::FirstAudioSent => "first_audio_sent",
            Self::VoiceToVoice => "voice_to_voice",
            Self::Wait => "wait",
            Self::Models => "models",
            Self::Engine => "engine",
        }
    }

    /// Whether it is a share of the time from voice to voice, and no moment.
    pub const fn is_share(self) -> bool {
        matches!(self, Self::Wait | Self::Models | Self::Engine)
    }

    /// What `metrics` say of it, ms.
    fn of(self, metrics: &TurnMetrics) -> Option<f64> {
        match self {
            Self::EndOfTurn => metrics.end_of_turn,
            Self::TranscriptionFinal => metrics.transcription_final,
            Self::ModelFirstToken => metrics.model_first_token,
            Self::SynthesisFirstAudio => metrics.synthesis_first_audio,
            Self::FirstAudioSent => metrics.first_audio_sent,
            Self::VoiceToVoice => metrics.voice_to_voice,
            Self::Wait => metrics.wait_ms,
            Self::Models => metrics.models_ms,
            Self::Engine => metrics.engine_ms,
        }
    }
}

/// The latencies of all sessions.
#[derive(Debug)]
pub(super) struct Latencies([Histogram; Latency::ALL.len()]);

impl Default for Latencies {
    fn default() -> Self {
        Self(Latency::ALL.map(|_| Histogram::new(&BOUNDS_US)))
    }
}

impl Latencies {
    /// Counts what is known of an answer.
    pub(super) fn record(&self, metrics: &TurnMetrics) {
        for latency in Latency::ALL {
            if let Some(ms) = latency.of(metrics) {
                self.0[latency as usize].record(Duration::from_secs_f64(ms.max(0.0) / 1_000.0));
            }
        }
    }

    pub(super) fn snapshot(&self, latency: Latency) -> HistogramSnapshot {
        self.0[latency as usize].snapshot()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_has_is_counted_and_what_it_lacks_is_not() {
        let metrics: TurnMetrics = serde_json::from_value(serde_json::json!({
            "response_id": "resp_1", "end_of_turn": 224.0, "voice_to_voice": 2000.0, "engine_ms": 3.1,
            "providers": {}
        }))
        .expect("metrics");
        let latencies = Latencies::default();
        latencies.record(&metrics);
        let counted = Latency::ALL.map(|latency| latencies.snapshot(latency).count());
        assert_eq!(counted, [1, 0, 0, 0, 0, 1, 0, 0, 1]);
        let heard = latencies.snapshot(Latency::VoiceToVoice);
        assert!(heard.buckets.contains(&(Some(2_000_000), 1)), "{heard:?}");
        assert_eq!(latencies.snapshot(Latency::Engine).sum_us, 3_100);
    }
}
