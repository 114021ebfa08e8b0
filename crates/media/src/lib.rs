//! What a media frame is, and how it changes form: formats, framing, resampling, codecs, levels, enhancement.
//!
//! Everything here is a state machine over bytes: no clock, no socket, no thread, no runtime. The crate must never
//! know of sessions, of the wire's own names for formats, or of who speaks. PCM16 that needs no conversion is never
//! copied.
//!
//! ```
//! use bedside_media::audio::{decoder::Decoder, encoder::Encoder, format::{AudioFormat, SampleRate}};
//! use bytes::Bytes;
//!
//! let mut decoder = Decoder::new(AudioFormat::MU_LAW)?;
//! let bus = decoder.push(&Bytes::from(vec![0xFF; 160]))?;
//!
//! let mut encoder = Encoder::new(AudioFormat::pcm16(SampleRate::HZ_24000))?;
//! let mut frames = Vec::new();
//! encoder.push(&bus, SampleRate::HZ_16000, &mut frames)?;
//! encoder.finish(&mut frames)?;
//! # let _ = frames;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audio;
pub mod video;
