//! The wire's names of audio formats as the media crate's formats.

use bedside_media::audio::format::{AudioFormat, FormatError, SampleRate};
use bedside_protocol::AudioFormat as WireFormat;

/// The media format of a wire format; fails for a PCM rate that the protocol does not allow.
pub(crate) fn media_format(format: WireFormat) -> Result<AudioFormat, FormatError> {
    Ok(match format {
        WireFormat::Pcm { rate } => AudioFormat::pcm16(SampleRate::try_from(rate)?),
        WireFormat::Pcmu => AudioFormat::MU_LAW,
        WireFormat::Pcma => AudioFormat::A_LAW,
        WireFormat::Opus => AudioFormat::OPUS,
    })
}
