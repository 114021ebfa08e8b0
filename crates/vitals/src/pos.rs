//! Plane orthogonal to skin: Wang, den Brinker, Stuijk and de Haan, "Algorithmic principles of remote PPG", IEEE Trans.
//! Biomed. Eng. 64(7), 2017.
//!
//! With `R`, `G`, `B` divided by their means, `S₁ = G − B` and `S₂ = G + B − 2R` span the plane orthogonal to a change
//! of intensity, and the pulse is `S₁ + (σ₁ / σ₂) S₂`.

/// `−S₁` and `S₂`: the paper's wave falls as blood rises, `−S₁ − αS₂` rises with it.
pub const AXES: [[f64; 3]; 2] = [[0.0, -1.0, 1.0], [-2.0, 1.0, 1.0]];
