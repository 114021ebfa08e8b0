//! What the session's settings mean for the shell and for turn-taking.

use bedside_protocol::{AudioFormat, TurnDetection};

use crate::Conversation;
use crate::io::{InputSettings, Output, OutputSettings};
use crate::listening::TurnTaking;
use crate::turn::endpoint::Endpointing;

/// Detection threshold and padding with `semantic_vad`, which does not let the client choose.
const SEMANTIC_THRESHOLD: f32 = 0.5;
const SEMANTIC_PREFIX_MS: u64 = 300;

impl Conversation {
    /// Tells the shell the form of audio, if it changed.
    pub(crate) fn configure(&mut self) {
        let input = &self.config.input;
        let extra = self.config.bedside.input;
        let transcription = input.transcription.as_ref();
        let listening = InputSettings {
            format: input.format,
            binary: self.config.bedside.media.binary_in(),
            noise_suppression: extra.noise_suppression || input.noise_reduction.is_some(),
            echo_cancellation: extra.echo_cancellation,
            gain_control: extra.gain_control,
            detect_speech: input.turn_detection.is_some(),
            judge_turns: self
                .turn_taking()
                .is_some_and(|turns| turns.endpointing.asks_judge()),
            language: transcription.and_then(|t| t.language.clone()),
            prompt: transcription.and_then(|t| t.prompt.clone()),
            video: self.config.bedside.vitals.enabled,
        };
        if self.listening.as_ref() != Some(&listening) {
            self.listening = Some(listening.clone());
            self.out.push_back(Output::ConfigureInput(listening));
        }
        self.configure_output(self.config.output.format);
    }

    /// Tells the shell the form of audio out, if it changed: a response may have its own.
    pub(crate) fn configure_output(&mut self, format: AudioFormat) {
        let settings = OutputSettings {
            format,
            binary: self.config.bedside.media.binary_out(),
        };
        if self.speaking.as_ref() != Some(&settings) {
            self.speaking = Some(settings.clone());
            self.out.push_back(Output::ConfigureOutput(settings));
        }
    }

    /// How turns are taken, if the server takes them.
    pub(crate) fn turn_taking(&self) -> Option<TurnTaking> {
        match self.config.input.turn_detection? {
            TurnDetection::ServerVad(vad) => Some(TurnTaking {
                endpointing: Endpointing::Silence {
                    ms: vad.silence_duration_ms.into(),
                },
                threshold: vad.threshold,
                prefix_ms: vad.prefix_padding_ms.into(),
                create_response: vad.create_response,
                interrupt_response: vad.interrupt_response,
                idle_ms: vad.idle_timeout_ms.map(u64::from),
            }),
            TurnDetection::SemanticVad(vad) => Some(TurnTaking {
                endpointing: Endpointing::Semantic {
                    max_wait_ms: vad.eagerness.max_wait_ms().into(),
                },
                threshold: SEMANTIC_THRESHOLD,
                prefix_ms: SEMANTIC_PREFIX_MS,
                create_response: vad.create_response,
                interrupt_response: vad.interrupt_response,
                idle_ms: None,
            }),
        }
    }

    /// Whether the patient's words are written down.
    pub(crate) fn transcription_wanted(&self) -> bool {
        self.config.input.transcription.is_some() || self.is_transcription_only()
    }

    /// How fast is spoken; 1.0 is the voice's own pace.
    pub(crate) fn speed(&self) -> f32 {
        self.config.output.speed
    }
}
