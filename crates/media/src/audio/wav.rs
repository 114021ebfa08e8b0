//! WAV files: any usual one in, PCM16 mono out.

use std::io::{Read, Seek, Write};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use thiserror::Error;

use super::pcm;

/// Why a WAV file could not be read or written.
#[derive(Debug, Error)]
pub enum WavError {
    /// The file is not WAV, is cut short, or the medium failed.
    #[error("the WAV file cannot be read or written")]
    File(#[from] hound::Error),
    /// The file is WAV, but not mono or stereo of 8, 16, 24 or 32 bits or float.
    #[error("WAV with {channels} channels of {bits} bits is not supported")]
    Unsupported {
        /// Channels in the file.
        channels: u16,
        /// Bits per sample in the file.
        bits: u16,
    },
}

/// A sound read from a WAV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wav {
    /// Mono samples; of a stereo file the mean of both sides.
    pub samples: Vec<i16>,
    /// Samples per second, whatever the file says.
    pub rate_hz: u32,
}

impl Wav {
    /// Reads a whole file: integer samples of 8 to 32 bits or 32-bit float, mono or stereo.
    pub fn read(source: impl Read) -> Result<Self, WavError> {
        let reader = WavReader::new(source)?;
        let WavSpec {
            channels,
            sample_rate,
            bits_per_sample: bits,
            sample_format,
        } = reader.spec();
        if !matches!(channels, 1 | 2) || !matches!(bits, 8 | 16 | 24 | 32) {
            return Err(WavError::Unsupported { channels, bits });
        }
        let values: Vec<f32> = match sample_format {
            SampleFormat::Float => reader.into_samples::<f32>().collect::<Result<_, _>>()?,
            SampleFormat::Int => {
                let full_scale = f64::from(1_u32 << (bits - 1));
                let scaled = |sample: i32| (f64::from(sample) / full_scale) as f32;
                reader
                    .into_samples::<i32>()
                    .map(|sample| sample.map(scaled))
                    .collect::<Result<_, _>>()?
            }
        };
        let mean = |sides: &[f32]| pcm::from_f32(sides.iter().sum::<f32>() / f32::from(channels));
        let samples = values.chunks_exact(usize::from(channels)).map(mean).collect();
        Ok(Self {
            samples,
            rate_hz: sample_rate,
        })
    }
}

/// Writes a PCM16 mono WAV file piece by piece.
///
/// The sizes in its header are right only after [`WavSink::finish`].
pub struct WavSink<W: Write + Seek> {
    writer: WavWriter<W>,
}

impl<W: Write + Seek> std::fmt::Debug for WavSink<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WavSink")
            .field("spec", &self.writer.spec())
            .finish_non_exhaustive()
    }
}

impl<W: Write + Seek> WavSink<W> {
    /// Begins a file at `rate_hz` samples per second.
    pub fn new(sink: W, rate_hz: u32) -> Result<Self, WavError> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: rate_hz,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        Ok(Self {
            writer: WavWriter::new(sink, spec)?,
        })
    }

    /// Appends `samples`.
    pub fn write(&mut self, samples: &[i16]) -> Result<(), WavError> {
        let mut block = self.writer.get_i16_writer(samples.len() as u32);
        for sample in samples {
            block.write_sample(*sample);
        }
        Ok(block.flush()?)
    }

    /// Completes the header and the file.
    pub fn finish(self) -> Result<(), WavError> {
        Ok(self.writer.finalize()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn file<S: hound::Sample + Copy>(
        channels: u16,
        bits: u16,
        format: SampleFormat,
        samples: &[S],
    ) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: 22_050,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for sample in samples {
            writer.write_sample(*sample).unwrap();
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_depth_is_read_to_the_same_samples() {
        let expected = Wav {
            samples: vec![0, 16_384, -32_768],
            rate_hz: 22_050,
        };
        for bits in [8, 16, 24, 32] {
            let half = 1_i32 << (bits - 2);
            let bytes = file(1, bits, SampleFormat::Int, &[0, half, -half * 2]);
            assert_eq!(Wav::read(&bytes[..]).unwrap(), expected, "{bits} bits");
        }
        let bytes = file(1, 32, SampleFormat::Float, &[0.0_f32, 0.5, -1.0]);
        assert_eq!(Wav::read(&bytes[..]).unwrap(), expected);
    }

    #[test]
    fn stereo_becomes_the_mean_of_its_sides() {
        let bytes = file(2, 16, SampleFormat::Int, &[100_i16, 300, -32_768, -32_768]);
        assert_eq!(Wav::read(&bytes[..]).unwrap().samples, [200, -32_768]);
    }

    #[test]
    fn what_is_written_in_pieces_is_read_back() {
        let samples: Vec<i16> = (-500..500).collect();
        let mut bytes = Cursor::new(Vec::new());
        let mut sink = WavSink::new(&mut bytes, 16_000).unwrap();
        for piece in samples.chunks(333) {
            sink.write(piece).unwrap();
        }
        sink.finish().unwrap();
        assert_eq!(
            Wav::read(bytes.get_ref().as_slice()).unwrap(),
            Wav {
                samples,
                rate_hz: 16_000
            }
        );
    }

    #[test]
    fn what_is_not_a_usual_wav_is_refused() {
        assert!(matches!(
            Wav::read(&b"RIFFxxxxWAVEjunk"[..]),
            Err(WavError::File(_))
        ));
        let surround = file(6, 16, SampleFormat::Int, &[0_i16; 6]);
        let refused = Wav::read(&surround[..]).unwrap_err();
        assert!(matches!(
            refused,
            WavError::Unsupported {
                channels: 6,
                bits: 16
            }
        ));
    }
}
