//! From a client's format to the bus: PCM16, mono, 16 kHz.

use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::format::{AudioFormat, Encoding, SampleRate};
use super::g711;
use super::opus::{OpusError, PacketDecoder};
use super::pcm::{self, OddLength, Sample};
use super::resample::{ResampleError, Resampler};

/// The rate of the bus.
const BUS: SampleRate = SampleRate::HZ_16000;

/// Why audio could not be decoded. The first two are the client's, and the stream goes on after them as if the
/// message had not been.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// PCM16 with half a sample at its end.
    #[error(transparent)]
    OddLength(#[from] OddLength),
    /// An Opus packet is not one, or the codec failed.
    #[error(transparent)]
    Opus(#[from] OpusError),
    /// The resampler failed.
    #[error(transparent)]
    Resample(#[from] ResampleError),
}

/// Decodes one client's stream.
///
/// Every message yields what it makes available on the bus: PCM16 at 16 kHz is handed on as it is, the same bytes in
/// the same buffer; anything else is converted once, into a buffer of its own. A resampler holds back at most 8.3 ms,
/// which [`Decoder::finish`] releases at the end of an utterance.
#[derive(Debug)]
pub struct Decoder {
    format: AudioFormat,
    codec: Codec,
}

#[derive(Debug)]
enum Codec {
    PassThrough,
    Linear(Resampler),
    Companded {
        expand: fn(u8) -> i16,
        samples: Vec<i16>,
        resampler: Resampler,
    },
    Packets(PacketDecoder),
}

impl Decoder {
    /// A decoder for a stream in `format`.
    pub fn new(format: AudioFormat) -> Result<Self, DecodeError> {
        let rate = format.rate();
        let companded = |expand| -> Result<Codec, DecodeError> {
            Ok(Codec::Companded {
                expand,
                samples: Vec::new(),
                resampler: Resampler::new(rate, BUS)?,
            })
        };
        let codec = match format.encoding() {
            Encoding::Pcm16 if rate == BUS => Codec::PassThrough,
            Encoding::Pcm16 => Codec::Linear(Resampler::new(rate, BUS)?),
            Encoding::MuLaw => companded(g711::decode_mu)?,
            Encoding::ALaw => companded(g711::decode_a)?,
            Encoding::Opus => Codec::Packets(PacketDecoder::new()?),
        };
        Ok(Self { format, codec })
    }

    /// The format that is decoded.
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// Decodes the next message: whole samples, or one Opus packet.
    pub fn push(&mut self, message: &Bytes) -> Result<Bytes, DecodeError> {
        match &mut self.codec {
            Codec::PassThrough => {
                pcm::pairs(message)?;
                Ok(message.clone())
            }
            Codec::Linear(resampler) => resampled(resampler, pcm::pairs(message)?),
            Codec::Companded {
                expand,
                samples,
                resampler,
            } => {
                samples.clear();
                samples.extend(message.iter().map(|code| expand(*code)));
                resampled(resampler, samples)
            }
            Codec::Packets(packets) => Ok(pcm::to_le(packets.decode(message)?)),
        }
    }

    /// Fills in for `lost` audio between two messages: Opus makes it up from what came before, 120 ms at most and
    /// in steps of 2.5 ms; other formats get silence of that length.
    pub fn conceal(&mut self, lost: Duration) -> Result<Bytes, DecodeError> {
        match &mut self.codec {
            Codec::PassThrough => Ok(Bytes::from(vec![0; BUS.samples_in(lost) * 2])),
            Codec::Linear(resampler) | Codec::Companded { resampler, .. } => {
                let silence = vec![0_i16; resampler.from().samples_in(lost)];
                resampled(resampler, &silence)
            }
            Codec::Packets(packets) => Ok(pcm::to_le(packets.conceal(BUS.samples_in(lost))?)),
        }
    }

    /// Ends an utterance: returns what was held back, and starts afresh. All output since the last start then lasts
    /// exactly as long as the input.
    pub fn finish(&mut self) -> Result<Bytes, DecodeError> {
        match &mut self.codec {
            Codec::PassThrough => Ok(Bytes::new()),
            Codec::Linear(resampler) | Codec::Companded { resampler, .. } => {
                let mut pcm = Vec::new();
                resampler.finish(&mut pcm)?;
                Ok(into_bytes(pcm))
            }
            Codec::Packets(packets) => {
                packets.reset()?;
                Ok(Bytes::new())
            }
        }
    }

    /// Forgets the stream, what was held back included: the client cleared its buffer.
    pub fn reset(&mut self) -> Result<(), DecodeError> {
        match &mut self.codec {
            Codec::PassThrough => {}
            Codec::Linear(resampler) | Codec::Companded { resampler, .. } => resampler.reset()?,
            Codec::Packets(packets) => packets.reset()?,
        }
        Ok(())
    }
}

fn resampled<I: Sample>(resampler: &mut Resampler, input: &[I]) -> Result<Bytes, DecodeError> {
    let mut pcm = Vec::new();
    resampler.process(input, &mut pcm)?;
    Ok(into_bytes(pcm))
}

fn into_bytes(pcm: Vec<[u8; 2]>) -> Bytes {
    Bytes::from(pcm.into_flattened())
}
