//! Kernels between samples as numbers and PCM16 as little-endian bytes.

use bytes::{BufMut, Bytes, BytesMut};
use thiserror::Error;

/// PCM16 that ends in the middle of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{bytes} bytes do not hold whole 16-bit samples")]
pub struct OddLength {
    /// How many bytes there were.
    pub bytes: usize,
}

/// The samples in `bytes`, each as its two little-endian bytes.
pub fn pairs(bytes: &[u8]) -> Result<&[[u8; 2]], OddLength> {
    match bytes.as_chunks() {
        (pairs, []) => Ok(pairs),
        _ => Err(OddLength { bytes: bytes.len() }),
    }
}

/// The samples in little-endian `bytes`; half a sample at the end is left out.
pub fn samples(bytes: &[u8]) -> impl ExactSizeIterator<Item = i16> + '_ {
    let (pairs, _) = bytes.as_chunks();
    pairs.iter().map(|pair| i16::from_le_bytes(*pair))
}

/// Appends the samples in little-endian `bytes` to `samples`; on an error nothing is appended.
pub fn extend_from_le(samples: &mut Vec<i16>, bytes: &[u8]) -> Result<(), OddLength> {
    samples.extend(pairs(bytes)?.iter().map(|pair| i16::from_le_bytes(*pair)));
    Ok(())
}

/// The samples in little-endian `bytes`.
pub fn from_le(bytes: &[u8]) -> Result<Vec<i16>, OddLength> {
    let mut samples = Vec::new();
    extend_from_le(&mut samples, bytes)?;
    Ok(samples)
}

/// Appends `samples` to `bytes`, little-endian.
pub fn extend_le(bytes: &mut BytesMut, samples: &[i16]) {
    bytes.reserve(samples.len() * 2);
    for sample in samples {
        bytes.put_i16_le(*sample);
    }
}

/// `samples` as little-endian bytes, in a buffer of their own.
pub fn to_le(samples: &[i16]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(samples.len() * 2);
    extend_le(&mut bytes, samples);
    bytes.freeze()
}

/// A sample as a fraction of full scale, −1 to just under 1.
pub fn to_f32(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

/// A fraction of full scale as a sample: rounded to the nearest, saturated outside −1 to 1; NaN is silence.
pub fn from_f32(value: f32) -> i16 {
    // Adding and subtracting 1.5·2²³ leaves no bits for a fraction. It vectorises everywhere, whereas the
    // rounding functions are library calls on x86-64 without SSE4.1.
    const ROUND: f32 = 12_582_912.0;
    let scaled = (value * 32_768.0).clamp(-32_768.0, 32_767.0);
    ((scaled + ROUND) - ROUND) as i16
}

/// A sample in memory: a number, or the two little-endian bytes of one.
pub trait Sample: Copy {
    /// The sample as a fraction of full scale.
    fn to_f32(self) -> f32;

    /// The sample nearest to a fraction of full scale.
    fn from_f32(value: f32) -> Self;
}

impl Sample for i16 {
    fn to_f32(self) -> f32 {
        to_f32(self)
    }

    fn from_f32(value: f32) -> Self {
        from_f32(value)
    }
}

impl Sample for [u8; 2] {
    fn to_f32(self) -> f32 {
        to_f32(i16::from_le_bytes(self))
    }

    fn from_f32(value: f32) -> Self {
        from_f32(value).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_survives_floats_and_bytes() {
        let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        assert!(samples.iter().all(|s| from_f32(to_f32(*s)) == *s));
        assert_eq!(from_le(&to_le(&samples)), Ok(samples));
    }

    #[test]
    fn an_odd_byte_is_noticed_and_nothing_is_taken() {
        let mut samples = vec![1];
        assert_eq!(
            extend_from_le(&mut samples, &[0, 1, 2]),
            Err(OddLength { bytes: 3 })
        );
        assert_eq!(samples, [1]);
        assert_eq!(super::samples(&[1, 0, 2]).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn bytes_are_little_endian() {
        assert_eq!(to_le(&[0x1234, -2]).as_ref(), [0x34, 0x12, 0xFE, 0xFF]);
    }

    #[test]
    fn floats_beyond_full_scale_saturate() {
        assert_eq!(
            (from_f32(1.0), from_f32(-7.0), from_f32(f32::NAN)),
            (i16::MAX, i16::MIN, 0)
        );
    }
}
