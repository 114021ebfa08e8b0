use bytes::Bytes;

/// The samples of PCM16 little-endian; half a sample at the end is left out.
pub(super) fn samples(pcm: &[u8]) -> impl ExactSizeIterator<Item = i16> + '_ {
    pcm.chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
}

/// PCM16 little-endian of samples.
pub(super) fn bytes(samples: &[i16]) -> Bytes {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}
