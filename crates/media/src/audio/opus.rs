//! Opus (RFC 6716) for speech: packets in at the bus's rate, packets out at full band.

use bytes::Bytes;
use thiserror::Error;

use super::format::SampleRate;

/// Samples in one encoded packet: 20 ms at 48 kHz.
pub const PACKET_SAMPLES: usize = 960;

/// Bits per second of what we send: full-band mono speech is transparent from about 28 kbit/s (RFC 7587, 3.1.1).
const BITRATE: i32 = 32_000;

/// The longest a packet may last, in samples at 16 kHz: 120 ms.
const LONGEST_PACKET: usize = 1_920;

/// The unit that concealment comes in, in samples at 16 kHz: 2.5 ms.
const CONCEALMENT_UNIT: usize = 40;

/// The largest packet of one frame (RFC 6716, 3.2.1).
const LARGEST_PACKET: usize = 1_275;

/// Why Opus failed.
#[derive(Debug, Error)]
pub enum OpusError {
    /// A message without a byte is no packet.
    #[error("an Opus packet is empty")]
    EmptyPacket,
    /// The packet cannot be decoded; the decoder is unharmed.
    #[error("an Opus packet is corrupt")]
    CorruptPacket,
    /// The codec itself failed.
    #[error("the Opus codec failed")]
    Codec(#[source] opus::Error),
}

impl From<opus::Error> for OpusError {
    fn from(error: opus::Error) -> Self {
        match error.code() {
            opus::ErrorCode::InvalidPacket | opus::ErrorCode::BufferTooSmall => Self::CorruptPacket,
            _ => Self::Codec(error),
        }
    }
}

/// Decodes one stream of packets to mono at 16 kHz. Stereo packets are mixed down.
#[derive(Debug)]
pub struct PacketDecoder {
    codec: opus::Decoder,
    samples: Box<[i16; LONGEST_PACKET]>,
}

impl PacketDecoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Result<Self, OpusError> {
        let codec = opus::Decoder::new(SampleRate::HZ_16000.hz(), opus::Channels::Mono)?;
        Ok(Self {
            codec,
            samples: Box::new([0; LONGEST_PACKET]),
        })
    }

    /// The samples of the next packet, 2.5 to 120 ms.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[i16], OpusError> {
        if packet.is_empty() {
            return Err(OpusError::EmptyPacket);
        }
        let decoded = self.codec.decode(packet, &mut self.samples[..], false)?;
        Ok(&self.samples[..decoded])
    }

    /// What the decoder makes up in place of lost packets: `samples` rounded up to 2.5 ms, 120 ms at most.
    pub fn conceal(&mut self, samples: usize) -> Result<&[i16], OpusError> {
        let lost = samples.next_multiple_of(CONCEALMENT_UNIT).min(LONGEST_PACKET);
        if lost == 0 {
            return Ok(&[]);
        }
        let made_up = self.codec.decode(&[], &mut self.samples[..lost], false)?;
        Ok(&self.samples[..made_up])
    }

    /// Forgets the stream.
    pub fn reset(&mut self) -> Result<(), OpusError> {
        Ok(self.codec.reset_state()?)
    }
}

/// Encodes one stream of mono speech at 48 kHz to packets of 20 ms.
#[derive(Debug)]
pub struct PacketEncoder {
    codec: opus::Encoder,
    lookahead: usize,
    packet: Box<[u8; LARGEST_PACKET]>,
}

impl PacketEncoder {
    /// An encoder at the start of a stream.
    pub fn new() -> Result<Self, OpusError> {
        let rate = SampleRate::HZ_48000.hz();
        let mut codec = opus::Encoder::new(rate, opus::Channels::Mono, opus::Application::Voip)?;
        codec.set_bitrate(opus::Bitrate::Bits(BITRATE))?;
        codec.set_signal(opus::Signal::Voice)?;
        let lookahead = codec.get_lookahead()? as usize;
        Ok(Self {
            codec,
            lookahead,
            packet: Box::new([0; LARGEST_PACKET]),
        })
    }

    /// Samples at 48 kHz by which decoded audio is late: as many zeros bring the end of a stream out.
    pub fn lookahead(&self) -> usize {
        self.lookahead
    }

    /// The packet for the next 20 ms.
    pub fn encode(&mut self, samples: &[i16; PACKET_SAMPLES]) -> Result<Bytes, OpusError> {
        let written = self.codec.encode(samples, &mut self.packet[..])?;
        Ok(Bytes::copy_from_slice(&self.packet[..written]))
    }

    /// Forgets the stream.
    pub fn reset(&mut self) -> Result<(), OpusError> {
        Ok(self.codec.reset_state()?)
    }
}
