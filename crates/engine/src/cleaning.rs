//! Cleans the patient's microphone, and remembers what we played for the sake of echo cancellation.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::io::{AudioOut, InputSettings};
use bedside_conversation::time::Time;
use bedside_media::audio::decoder::Decoder;
use bedside_media::audio::enhance::{BLOCK_SAMPLES, EnhanceError, EnhanceSettings, Enhancer};
use bedside_media::audio::pcm;
use bedside_protocol::AudioFormat;
use bytes::{Bytes, BytesMut};

use crate::format::media_format;

/// How long one block lasts.
const BLOCK: Duration = Duration::from_millis(10);

/// What we played is forgotten once the microphone is this far past it: the client stopped sending.
const STALE: Duration = Duration::from_millis(500);

/// The most samples of what we played that are kept (two seconds): more waits only if no microphone is heard.
const KEPT: usize = 2 * 100 * BLOCK_SAMPLES;

/// One session's microphone and loudspeaker, on the bus's rate.
pub(crate) struct Cleaner {
    enhancer: Enhancer,
    far_end: Option<FarEnd>,
    partial: Vec<i16>,
}

impl Cleaner {
    /// A cleaner, if any of the settings asks for one.
    pub(crate) fn new(settings: &InputSettings) -> Option<Self> {
        let enhance = EnhanceSettings {
            echo_cancellation: settings.echo_cancellation,
            noise_suppression: settings.noise_suppression,
            gain_control: settings.gain_control,
        };
        (enhance != EnhanceSettings::default()).then(|| Self {
            enhancer: Enhancer::new(enhance),
            far_end: settings.echo_cancellation.then(FarEnd::default),
            partial: Vec::new(),
        })
    }

    /// Notes what the client is about to play.
    pub(crate) fn played(&mut self, audio: &AudioOut, format: AudioFormat) {
        if let Some(far_end) = &mut self.far_end {
            far_end.push(audio, format);
        }
    }

    /// The client dropped what it had not played yet.
    pub(crate) fn silenced(&mut self) {
        if let Some(far_end) = &mut self.far_end {
            far_end.samples.clear();
        }
    }

    /// Cleans the next audio (PCM16, 16 kHz, any length). Less than a block is held back.
    pub(crate) fn clean(&mut self, now: Time, heard: &[u8]) -> Result<Bytes, EnhanceError> {
        let mut clean = BytesMut::with_capacity(heard.len() + BLOCK_SAMPLES * 2);
        let mut block = [0; BLOCK_SAMPLES];
        for sample in pcm::samples(heard) {
            self.partial.push(sample);
            if self.partial.len() == BLOCK_SAMPLES {
                block.copy_from_slice(&self.partial);
                self.partial.clear();
                if let Some(far_end) = &mut self.far_end {
                    self.enhancer.render(&far_end.next_block(now))?;
                }
                self.enhancer.capture(&mut block)?;
                pcm::extend_le(&mut clean, &block);
            }
        }
        Ok(clean.freeze())
    }
}

/// What we sent, by the time at which it plays.
#[derive(Default)]
struct FarEnd {
    decoder: Option<Decoder>,
    /// When the first sample plays.
    starts: Time,
    samples: VecDeque<i16>,
}

impl FarEnd {
    fn push(&mut self, audio: &AudioOut, format: AudioFormat) {
        let Ok(format) = media_format(format) else { return };
        if self
            .decoder
            .as_ref()
            .is_none_or(|decoder| decoder.format() != format)
        {
            self.decoder = Decoder::new(format).ok();
        }
        let Some(Ok(sent)) = self.decoder.as_mut().map(|decoder| decoder.push(&audio.data)) else {
            return;
        };
        if self.samples.is_empty() {
            self.starts = Time::from_micros(audio.presentation_us);
        }
        self.samples.extend(pcm::samples(&sent));
        while self.samples.len() > KEPT {
            self.skip_block();
        }
    }

    /// What plays during the microphone's next block, recorded at about `now`.
    fn next_block(&mut self, now: Time) -> [i16; BLOCK_SAMPLES] {
        let mut block = [0; BLOCK_SAMPLES];
        while now.since(self.starts) > STALE && !self.samples.is_empty() {
            self.skip_block();
        }
        if self.starts <= now {
            for (slot, sample) in block.iter_mut().zip(&self.samples) {
                *slot = *sample;
            }
            self.skip_block();
        }
        block
    }

    fn skip_block(&mut self) {
        self.samples.drain(..BLOCK_SAMPLES.min(self.samples.len()));
        self.starts += BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use bedside_conversation::io::Epoch;

    use super::*;

    const BUS: AudioFormat = AudioFormat::Pcm { rate: 16_000 };

    fn audio(at_ms: u64, sample: i16) -> AudioOut {
        AudioOut {
            epoch: Epoch(1),
            response_id: String::new(),
            item_id: String::new(),
            output_index: 0,
            content_index: 0,
            data: Bytes::from(sample.to_le_bytes().repeat(BLOCK_SAMPLES)),
            presentation_us: at_ms * 1_000,
            duration: BLOCK,
        }
    }

    #[test]
    fn what_we_sent_reaches_the_canceller_when_it_plays() {
        let mut far_end = FarEnd::default();
        far_end.push(&audio(100, 5), BUS);
        far_end.push(&audio(110, 6), BUS);
        assert_eq!(far_end.next_block(Time::from_millis(90))[0], 0);
        assert_eq!(far_end.next_block(Time::from_millis(100))[0], 5);
        assert_eq!(far_end.next_block(Time::from_millis(110))[0], 6);
        assert_eq!(far_end.next_block(Time::from_millis(120))[0], 0);
    }

    #[test]
    fn what_played_while_the_microphone_was_silent_is_forgotten() {
        let mut far_end = FarEnd::default();
        far_end.push(&audio(0, 5), BUS);
        assert_eq!(far_end.next_block(Time::from_millis(2_000))[0], 0);
        far_end.push(&audio(2_010, 7), BUS);
        assert_eq!(far_end.next_block(Time::from_millis(2_010))[0], 7);
    }

    #[test]
    fn a_client_without_a_microphone_costs_no_more_than_two_seconds() {
        let mut far_end = FarEnd::default();
        for block in 0..1_000 {
            far_end.push(&audio(block * 10, block as i16), BUS);
        }
        assert_eq!(far_end.samples.len(), 2 * 16_000);
        assert_eq!(far_end.next_block(Time::from_millis(8_000))[0], 800);
    }

    #[test]
    fn whole_blocks_come_out_and_the_rest_waits() {
        let settings = InputSettings {
            format: BUS,
            binary: false,
            noise_suppression: true,
            echo_cancellation: false,
            gain_control: false,
            detect_speech: true,
            judge_turns: false,
            language: None,
            prompt: None,
            video: false,
        };
        let mut cleaner = Cleaner::new(&settings).expect("noise suppression is on");
        let mut out = |bytes| cleaner.clean(Time::ZERO, &vec![0; bytes]).expect("it runs").len();
        assert_eq!((out(500), out(140), out(320)), (320, 320, 320));
        assert!(
            Cleaner::new(&InputSettings {
                noise_suppression: false,
                ..settings
            })
            .is_none()
        );
    }
}
