//! Chrominance: de Haan and Jeanne, "Robust pulse rate from chrominance-based rPPG", IEEE Trans. Biomed. Eng. 60(10),
//! 2013.
//!
//! With `R`, `G`, `B` divided by their means, `X = 3R − 2G` and `Y = 1.5R + G − 1.5B` do not see specular reflections of
//! white light on skin of the standardised tone `[0.77, 0.51, 0.38]`, and the pulse is `X − (σX / σY) Y`.

/// `X` and `Y`. Green falls as blood rises, and `X − αY` has it with a negative sign: the wave rises with blood.
pub const AXES: [[f64; 3]; 2] = [[3.0, -2.0, 0.0], [1.5, 1.0, -1.5]];
