//! Skin: its colour, and how strongly a pulse shows in it.

/// Fitzpatrick's types of skin, from the lightest to the darkest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum SkinTone {
    I,
    II,
    III,
    IV,
    V,
    VI,
}

/// How a pulse divides among red, green and blue under white light, relative to each channel's own brightness: haemoglobin
/// absorbs green most and red least (de Haan and van Leest, "Improved motion robustness of remote-PPG by using the blood
/// volume pulse signature", 2014), here with green as 1.
const SIGNATURE: [f64; 3] = [0.43, 1.0, 0.69];

impl SkinTone {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::VI];

    /// Red, green and blue in even light, 0 to 255 as a camera encodes them.
    pub fn colour(self) -> [u8; 3] {
        match self {
            Self::I => [236, 201, 181],
            Self::II => [222, 180, 156],
            Self::III => [201, 155, 127],
            Self::IV => [166, 120, 92],
            Self::V => [119, 82, 62],
            Self::VI => [76, 52, 42],
        }
    }

    /// By how much a usual pulse dims red, green and blue light from the skin, trough to peak, as fractions of it.
    ///
    /// Melanin lies above the vessels and takes light twice, so the darkest skin shows a fifth of the lightest one's
    /// pulse. The levels span what cameras are reported to see, from one per cent in green to a fifth of that.
    pub fn pulse(self) -> [f64; 3] {
        let green = match self {
            Self::I => 0.010,
            Self::II => 0.009,
            Self::III => 0.007_5,
            Self::IV => 0.005_5,
            Self::V => 0.003_5,
            Self::VI => 0.002,
        };
        SIGNATURE.map(|share| share * green)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn darker_skin_is_darker_and_shows_less_pulse() {
        for pair in SkinTone::ALL.windows(2) {
            for channel in 0..3 {
                assert!(pair[0].colour()[channel] > pair[1].colour()[channel], "{pair:?}");
                assert!(pair[0].pulse()[channel] > pair[1].pulse()[channel], "{pair:?}");
            }
        }
        let [red, green, blue] = SkinTone::II.pulse();
        assert!(green > blue && blue > red);
    }
}
