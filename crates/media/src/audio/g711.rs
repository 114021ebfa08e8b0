//! The µ-law and A-law codecs of ITU-T Recommendation G.711 (11/88), tables 1a to 2b.
//!
//! Samples are 16-bit: the 14-bit µ-law and 13-bit A-law values of the recommendation, aligned to the top. A negative
//! sample exactly on a decision value falls to the smaller magnitude, as in the reference software of ITU-T G.191.

/// Added to a µ-law magnitude so that each segment starts at a power of two (33 in the 14 bits of the standard).
const MU_BIAS: u16 = 33 << 2;

/// The largest magnitude that stays inside the last µ-law segment.
const MU_CLIP: u16 = 0x7FFF - MU_BIAS;

/// A-law is sent with its even bits inverted.
const A_INVERSION: u8 = 0x55;

/// The code bit that is set for positive samples.
const POSITIVE: u8 = 0x80;

static MU_LAW: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_mu(code as u8);
        code += 1;
    }
    table
};

static A_LAW: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_a(code as u8);
        code += 1;
    }
    table
};

/// The sample that a µ-law code stands for.
pub fn decode_mu(code: u8) -> i16 {
    MU_LAW[usize::from(code)]
}

/// The sample that an A-law code stands for.
pub fn decode_a(code: u8) -> i16 {
    A_LAW[usize::from(code)]
}

/// The µ-law code of a sample.
pub fn encode_mu(sample: i16) -> u8 {
    let magnitude = magnitude(sample).min(MU_CLIP) + MU_BIAS;
    let segment = magnitude.ilog2() as u8 - 7;
    let step = (magnitude >> (segment + 3)) as u8 & 0x0F;
    !(segment << 4 | step) & !POSITIVE | sign(sample)
}

/// The A-law code of a sample.
pub fn encode_a(sample: i16) -> u8 {
    let magnitude = magnitude(sample);
    let segment = (magnitude >> 7).checked_ilog2().unwrap_or(0) as u8;
    // Segments 0 and 1 share one step size; from there each doubles it.
    let step = (magnitude >> (segment.max(1) + 3)) as u8 & 0x0F;
    (segment << 4 | step | sign(sample)) ^ A_INVERSION
}

fn sign(sample: i16) -> u8 {
    if sample < 0 { 0 } else { POSITIVE }
}

fn magnitude(sample: i16) -> u16 {
    (if sample < 0 { !sample } else { sample }) as u16
}

const fn expand_mu(code: u8) -> i16 {
    let (segment, step) = ((!code >> 4) & 0x07, (!code & 0x0F) as i16);
    // The middle of the step, less the bias that encoding added.
    let magnitude = (((step << 3) + 0x84) << segment) - MU_BIAS as i16;
    if code & POSITIVE == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn expand_a(code: u8) -> i16 {
    let code = code ^ A_INVERSION;
    let (segment, step) = ((code >> 4) & 0x07, (code & 0x0F) as i16);
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & POSITIVE == 0 {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decision values of table 2a, positive input, in the 14 bits of µ-law: the upper edge of each segment.
    const MU_SEGMENT_EDGES: [i16; 8] = [31, 95, 223, 479, 991, 2015, 4063, 8159];
    /// Decision values of table 1a, positive input, in the 13 bits of A-law: the upper edge of each segment.
    const A_SEGMENT_EDGES: [i16; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

    #[test]
    fn the_recommendation_s_landmarks_are_met() {
        assert_eq!(
            [decode_mu(0x80), decode_mu(0x00), decode_mu(0xFF), decode_mu(0x7F)],
            [32_124, -32_124, 0, 0]
        );
        assert_eq!(
            [decode_a(0xAA), decode_a(0x2A), decode_a(0xD5), decode_a(0x55)],
            [32_256, -32_256, 8, -8]
        );
        assert_eq!([encode_mu(0), encode_a(0)], [0xFF, 0xD5]);
        assert_eq!([encode_mu(i16::MAX), encode_mu(i16::MIN)], [0x80, 0x00]);
        assert_eq!([encode_a(i16::MAX), encode_a(i16::MIN)], [0xAA, 0x2A]);
    }

    #[test]
    fn segments_begin_at_the_decision_values_of_the_tables() {
        for (segment, edge) in MU_SEGMENT_EDGES.into_iter().enumerate().take(7) {
            let below = !encode_mu((edge << 2) - 1) >> 4 & 7;
            let above = !encode_mu(edge << 2) >> 4 & 7;
            assert_eq!((usize::from(below), usize::from(above)), (segment, segment + 1));
        }
        for (index, edge) in A_SEGMENT_EDGES.into_iter().enumerate().take(7) {
            let segment_of = |sample| usize::from((encode_a(sample) ^ A_INVERSION) >> 4 & 7);
            assert_eq!(
                (segment_of((edge << 3) - 1), segment_of(edge << 3)),
                (index, index + 1)
            );
        }
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for code in 0..=255 {
            assert_eq!(encode_a(decode_a(code)), code);
            // Negative zero has a code of its own but no sample.
            let expected = if code == 0x7F { 0xFF } else { code };
            assert_eq!(encode_mu(decode_mu(code)), expected);
        }
    }

    #[test]
    fn every_sample_gets_the_nearest_value_and_order_is_kept() {
        let half_step = |magnitude: u32| (magnitude.max(1).ilog2().saturating_sub(4)).max(2);
        for (encode, decode) in [
            (encode_mu as fn(i16) -> u8, decode_mu as fn(u8) -> i16),
            (encode_a as fn(i16) -> u8, decode_a as fn(u8) -> i16),
        ] {
            let mut previous = i16::MIN;
            for sample in i16::MIN..=i16::MAX {
                let heard = decode(encode(sample));
                assert!(heard >= previous, "{sample}");
                previous = heard;
                let error = (i32::from(sample) - i32::from(heard)).unsigned_abs();
                let magnitude = (u32::from(sample.unsigned_abs()) + 132).min(32_767);
                let clipped = sample.unsigned_abs() > 32_635;
                assert!(
                    clipped || error <= 1 << half_step(magnitude),
                    "{sample} became {heard}"
                );
            }
        }
    }
}
