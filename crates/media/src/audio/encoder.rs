//! From PCM16 at any rate to a client's format, in frames of 20 ms.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::format::{AudioFormat, Encoding, SampleRate};
use super::framer::Framer;
use super::g711;
use super::opus::{OpusError, PACKET_SAMPLES, PacketEncoder};
use super::pcm::{self, OddLength};
use super::resample::{ResampleError, Resampler};

/// How long every frame but the last lasts.
pub const FRAME: Duration = Duration::from_millis(20);

/// Why audio could not be encoded.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// PCM16 with half a sample at its end. Nothing of it was taken.
    #[error(transparent)]
    OddLength(#[from] OddLength),
    /// The Opus codec failed.
    #[error(transparent)]
    Opus(#[from] OpusError),
    /// The resampler failed.
    #[error(transparent)]
    Resample(#[from] ResampleError),
}

/// Audio as the client gets it: for Opus one packet, otherwise samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    /// The encoded bytes.
    pub data: Bytes,
    /// How long they play: [`FRAME`], or less for the last frame of a stream that is not Opus.
    pub duration: Duration,
}

/// Encodes one client's stream.
///
/// One response is one stream: [`Encoder::finish`] at its end brings out the last, shorter frame, so that what is
/// played lasts as long as what was pushed; [`Encoder::reset`] at an interruption drops what was not yet framed.
/// PCM16 already at the client's rate is framed without a copy.
#[derive(Debug)]
pub struct Encoder {
    format: AudioFormat,
    resampler: Option<Resampler>,
    framer: Framer,
    cut: Vec<Bytes>,
    codec: Codec,
    started: bool,
}

#[derive(Debug)]
enum Codec {
    Linear,
    Companded(fn(i16) -> u8),
    Packets(PacketEncoder),
}

impl Encoder {
    /// An encoder for a stream in `format`.
    pub fn new(format: AudioFormat) -> Result<Self, EncodeError> {
        let samples = format.rate().samples_in(FRAME);
        // Framing happens on linear samples, two bytes each, before any codec.
        let frame_bytes = NonZeroUsize::new(samples * 2).unwrap_or(NonZeroUsize::MIN);
        let codec = match format.encoding() {
            Encoding::Pcm16 => Codec::Linear,
            Encoding::MuLaw => Codec::Companded(g711::encode_mu),
            Encoding::ALaw => Codec::Companded(g711::encode_a),
            Encoding::Opus => Codec::Packets(PacketEncoder::new()?),
        };
        let framer = Framer::new(frame_bytes);
        Ok(Self {
            format,
            resampler: None,
            framer,
            cut: Vec::new(),
            codec,
            started: false,
        })
    }

    /// The format that is encoded to.
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// Takes the next `pcm` (PCM16 little-endian, whole samples, any length, at `rate`) and appends the frames it
    /// completes to `frames`. A change of rate within a stream is seamless.
    pub fn push(
        &mut self,
        pcm: &Bytes,
        rate: SampleRate,
        frames: &mut Vec<EncodedFrame>,
    ) -> Result<(), EncodeError> {
        let samples = pcm::pairs(pcm)?;
        if self
            .resampler
            .as_ref()
            .is_some_and(|resampler| resampler.from() != rate)
        {
            self.release_tail(frames)?;
            self.resampler = None;
        }
        if rate == self.format.rate() {
            return self.frame(pcm.clone(), frames);
        }
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(rate, self.format.rate())?),
        };
        let mut converted = Vec::new();
        resampler.process(samples, &mut converted)?;
        self.frame(Bytes::from(converted.into_flattened()), frames)
    }

    /// Ends the stream: appends what was held back, and starts afresh. The last frame is shorter than the others,
    /// except with Opus, where silence fills the packet (and carries the codec's own delay out).
    pub fn finish(&mut self, frames: &mut Vec<EncodedFrame>) -> Result<(), EncodeError> {
        self.release_tail(frames)?;
        if let Codec::Packets(opus) = &self.codec
            && self.started
        {
            let silence = vec![0; opus.lookahead() * 2];
            self.frame(Bytes::from(silence), frames)?;
        }
        if let Some(last) = self.framer.finish() {
            frames.push(self.encode(last)?);
        }
        self.reset()
    }

    /// Forgets the stream and all that was not yet framed.
    pub fn reset(&mut self) -> Result<(), EncodeError> {
        self.started = false;
        self.framer.reset();
        if let Some(resampler) = &mut self.resampler {
            resampler.reset()?;
        }
        if let Codec::Packets(opus) = &mut self.codec {
            opus.reset()?;
        }
        Ok(())
    }

    fn release_tail(&mut self, frames: &mut Vec<EncodedFrame>) -> Result<(), EncodeError> {
        let Some(resampler) = &mut self.resampler else {
            return Ok(());
        };
        let mut tail: Vec<[u8; 2]> = Vec::new();
        resampler.finish(&mut tail)?;
        self.frame(Bytes::from(tail.into_flattened()), frames)
    }

    fn frame(&mut self, pcm: Bytes, frames: &mut Vec<EncodedFrame>) -> Result<(), EncodeError> {
        self.started |= !pcm.is_empty();
        let mut cut = std::mem::take(&mut self.cut);
        self.framer.push(pcm, &mut cut);
        let encoded = cut.drain(..).try_for_each(|frame| {
            frames.push(self.encode(frame)?);
            Ok(())
        });
        self.cut = cut;
        encoded
    }

    fn encode(&mut self, pcm: Bytes) -> Result<EncodedFrame, EncodeError> {
        let samples = pcm::pairs(&pcm)?;
        let duration = self.format.rate().duration_of(samples.len());
        match &mut self.codec {
            Codec::Linear => Ok(EncodedFrame { data: pcm, duration }),
            Codec::Companded(compress) => {
                let data = samples
                    .iter()
                    .map(|pair| compress(i16::from_le_bytes(*pair)))
                    .collect();
                Ok(EncodedFrame { data, duration })
            }
            Codec::Packets(opus) => {
                let mut packet = [0; PACKET_SAMPLES];
                for (slot, pair) in packet.iter_mut().zip(samples) {
                    *slot = i16::from_le_bytes(*pair);
                }
                Ok(EncodedFrame {
                    data: opus.encode(&packet)?,
                    duration: FRAME,
                })
            }
        }
    }
}
