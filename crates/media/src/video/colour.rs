//! From luma and chroma to red, green and blue.

/// A colour: red, green and blue on the scale of 8-bit pixels, 0 to 255.
///
/// A mean keeps its fraction: the pulse moves it by less than one step of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rgb {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
}

/// What the numbers of a YCbCr picture span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Range {
    /// Luma 16 to 235, chroma 16 to 240, as in television and most video (ITU-R BT.601, section 2.5).
    #[default]
    Limited,
    /// All of 0 to 255, as in JPEG (ITU-T T.871, section 7).
    Full,
}

impl Range {
    /// The colour of luma `y` and chroma `cb`, `cr` by BT.601. Not clamped, so that the colour of a mean is the mean of
    /// the colours; it may lie a little outside 0 to 255.
    pub fn to_rgb(self, y: f32, cb: f32, cr: f32) -> Rgb {
        let (luma, chroma) = match self {
            Self::Limited => ((y - 16.0) * (255.0 / 219.0), 255.0 / 224.0),
            Self::Full => (y, 1.0),
        };
        let (cb, cr) = ((cb - 128.0) * chroma, (cr - 128.0) * chroma);
        // From the weights of red and blue in luma, 0.299 and 0.114.
        Rgb {
            r: luma + 1.402 * cr,
            g: luma - 0.344_136 * cb - 0.714_136 * cr,
            b: luma + 1.772 * cb,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Rgb, b: Rgb) -> bool {
        (a.r - b.r).abs() < 0.01 && (a.g - b.g).abs() < 0.01 && (a.b - b.b).abs() < 0.01
    }

    #[test]
    fn the_ends_of_a_range_are_black_and_white() {
        let (black, white) = (
            Rgb::default(),
            Rgb {
                r: 255.0,
                g: 255.0,
                b: 255.0,
            },
        );
        assert!(close(Range::Limited.to_rgb(16.0, 128.0, 128.0), black));
        assert!(close(Range::Limited.to_rgb(235.0, 128.0, 128.0), white));
        assert!(close(Range::Full.to_rgb(0.0, 128.0, 128.0), black));
        assert!(close(Range::Full.to_rgb(255.0, 128.0, 128.0), white));
    }

    #[test]
    fn pure_red_is_red_in_both_ranges() {
        let red = Rgb {
            r: 255.0,
            g: 0.0,
            b: 0.0,
        };
        // Luma 0.299, and chroma −0.299/1.772 and 0.701/1.402 of full scale.
        let full = Range::Full.to_rgb(76.245, 84.972, 255.5);
        let limited = Range::Limited.to_rgb(81.481, 90.203, 240.0);
        assert!(close(full, red), "{full:?}");
        assert!(close(limited, red), "{limited:?}");
    }
}
