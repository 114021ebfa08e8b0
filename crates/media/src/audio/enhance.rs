//! Cleaning up the patient's microphone: echo cancellation, noise suppression, gain control.
//!
//! The stages are those of WebRTC's audio processing (AEC3, NS, AGC2), in the `sonora` port.

use std::fmt;

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, NoiseSuppression, NoiseSuppressionLevel,
};
use sonora::{AudioProcessing, Config, StreamConfig};
use thiserror::Error;

use super::format::SampleRate;

/// Samples in one block: 10 ms at 16 kHz.
pub const BLOCK_SAMPLES: usize = 160;

/// Which stages run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnhanceSettings {
    /// Remove what the patient's loudspeaker plays from what the microphone hears.
    pub echo_cancellation: bool,
    /// Lower steady background noise, by about 12 dB.
    pub noise_suppression: bool,
    /// Bring quiet and loud speakers to a common level.
    pub gain_control: bool,
}

/// The processor refused a block.
#[derive(Debug, Error)]
#[error("audio enhancement failed")]
pub struct EnhanceError(#[from] sonora::Error);

/// Enhances one microphone stream of mono audio at 16 kHz, block by block, without added delay in blocks.
///
/// About 110 µs a block. State is bounded; nothing is shared between streams.
pub struct Enhancer {
    processor: AudioProcessing,
    scratch: [i16; BLOCK_SAMPLES],
}

impl fmt::Debug for Enhancer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enhancer").finish_non_exhaustive()
    }
}

impl Enhancer {
    /// An enhancer with `settings`, at the start of a stream.
    pub fn new(settings: EnhanceSettings) -> Self {
        let stream = StreamConfig::new(SampleRate::HZ_16000.hz(), 1);
        let config = Config {
            high_pass_filter: Some(HighPassFilter::default()),
            echo_canceller: settings.echo_cancellation.then(EchoCanceller::default),
            noise_suppression: settings.noise_suppression.then(|| NoiseSuppression {
                level: NoiseSuppressionLevel::Moderate,
                ..NoiseSuppression::default()
            }),
            gain_controller2: settings.gain_control.then(|| GainController2 {
                adaptive_digital: Some(AdaptiveDigital::default()),
                ..GainController2::default()
            }),
            ..Config::default()
        };
        let processor = AudioProcessing::builder()
            .config(config)
            .capture_config(stream)
            .render_config(stream)
            .build();
        Self {
            processor,
            scratch: [0; BLOCK_SAMPLES],
        }
    }

    /// Tells what the far end is about to play: the next 10 ms. Must run in step with [`Enhancer::capture`],
    /// silence included.
    pub fn render(&mut self, block: &[i16; BLOCK_SAMPLES]) -> Result<(), EnhanceError> {
        Ok(self.processor.process_render_i16(block, &mut self.scratch)?)
    }

    /// Enhances the next 10 ms of the microphone in place.
    pub fn capture(&mut self, block: &mut [i16; BLOCK_SAMPLES]) -> Result<(), EnhanceError> {
        self.processor.process_capture_i16(block, &mut self.scratch)?;
        block.copy_from_slice(&self.scratch);
        Ok(())
    }
}
