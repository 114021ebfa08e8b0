//! What is known of one video frame: when it was captured, and the mean colour of the regions of a face in it.

use std::time::Duration;

use crate::region::FaceBox;

/// The instant a frame was captured: microseconds of the sender's monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CaptureTime(u64);

impl CaptureTime {
    /// `micros` microseconds on the sender's clock.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds on the sender's clock.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to `self`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The instant `duration` after this one.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_micros() as u64))
    }
}

/// A mean colour: red, green, blue, each 0–255.
pub type Rgb = [f32; 3];

/// The mean colours of the regions of a face, in the order of [`crate::region::Region::ALL`].
pub type Colours = [Rgb; 3];

/// A face in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// The mean colour of each region.
    pub colours: Colours,
    /// The box the regions were taken from; absent if the whole frame is the face.
    pub held: Option<FaceBox>,
    /// What the face detector found in this very frame; absent if it did not run on it.
    pub detected: Option<FaceBox>,
}

/// What a scan is told of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameSample {
    /// When the frame was captured.
    pub captured: CaptureTime,
    /// Its width and height in pixels. Where they change, so does the view: what boxes of one mean, those of another do
    /// not.
    pub sides: [u32; 2],
    /// The face in it; absent if there was none.
    pub face: Option<Face>,
}
