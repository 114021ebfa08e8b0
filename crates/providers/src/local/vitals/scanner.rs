use bedside_inference::model::ModelError;
use bedside_media::video::colour::Rgb;
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::Rect;
use bedside_sight::FaceModel;
use bedside_vitals::{
    CaptureTime, Colours, Face, FaceBox, FrameSample, Region, Scan, ScanEvent, ScanSettings, Summary,
};

use super::finder::{Finder, Found};

/// The part of a region that must lie within the picture: with less of it, what is measured is not the region.
const WITHIN: f32 = 0.5;

/// What pictures show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionMode {
    /// A person whose face must be found.
    Auto,
    /// A face and nothing else, from the hairline to the chin.
    FaceCrop,
}

/// Why a scan cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ScanFault {
    /// The face detection model failed.
    #[error("a picture cannot be searched for a face: {0}")]
    Detection(#[from] ModelError),
    /// Faces were to be found and there is no model to do it.
    #[error("faces cannot be found without a model")]
    NoModel,
}

/// One scan of one patient: pictures in, vital signs out.
///
/// The face is searched for twice a second of capture time and its box is held still between; each picture gives the
/// mean colours of the face's regions, and nothing of it is kept. Nothing here runs on its own or looks at a clock.
pub struct Scanner {
    finder: Option<Finder>,
    region: RegionMode,
    scan: Scan,
}

impl Scanner {
    /// A scan that has seen nothing yet. The model is needed for [`RegionMode::Auto`] alone.
    pub fn new(model: Option<FaceModel>, region: RegionMode, settings: ScanSettings) -> Self {
        Self {
            finder: model.map(|model| Finder::new(&model)),
            region,
            scan: Scan::new(settings),
        }
    }

    /// Looks at a picture. They come in the order of their capture; one that is late counts for nothing.
    pub fn push(&mut self, frame: &FrameView<'_>) -> Result<(), ScanFault> {
        let captured = CaptureTime::from_micros(frame.captured_us());
        let face = match self.region {
            RegionMode::FaceCrop => whole(frame),
            RegionMode::Auto => {
                let finder = self.finder.as_mut().ok_or(ScanFault::NoModel)?;
                finder
                    .find(frame, captured)?
                    .and_then(|found| measured(frame, found))
            }
        };
        self.scan.push(FrameSample {
            captured,
            sides: [frame.size().width(), frame.size().height()],
            face,
        });
        Ok(())
    }

    /// The next thing to tell; to be asked until there is none after each picture.
    pub fn poll_event(&mut self) -> Option<ScanEvent> {
        self.scan.poll_event()
    }

    /// What it came to so far.
    pub fn summary(&self) -> Summary {
        self.scan.summary()
    }
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A picture that is a face.
fn whole(frame: &FrameView<'_>) -> Option<Face> {
    let bounds = FaceBox {
        x: 0.0,
        y: 0.0,
        width: frame.size().width() as f32,
        height: frame.size().height() as f32,
    };
    Some(Face {
        colours: colours(frame, &bounds)?,
        held: None,
        detected: None,
    })
}

/// A face in a picture, unless too little of it is within.
fn measured(frame: &FrameView<'_>, Found { held, detected }: Found) -> Option<Face> {
    Some(Face {
        colours: colours(frame, &held)?,
        held: Some(held),
        detected,
    })
}

fn colours(frame: &FrameView<'_>, face: &FaceBox) -> Option<Colours> {
    let mut colours = Colours::default();
    for (colour, region) in colours.iter_mut().zip(Region::ALL) {
        let Rgb { r, g, b } = frame.mean_rgb(pixels(frame, region.within(face))?)?;
        *colour = [r, g, b];
    }
    Some(colours)
}

/// The pixels of a patch, if enough of it lies within the frame.
fn pixels(frame: &FrameView<'_>, patch: FaceBox) -> Option<Rect> {
    let within = |start: f32, len: f32, side: u32| {
        let (first, end) = (
            start.round().max(0.0) as u32,
            (start + len).round().max(0.0) as u32,
        );
        let count = end.min(side).saturating_sub(first);
        (count > 0 && count as f32 >= WITHIN * len.round()).then_some((first, count))
    };
    let (x, width) = within(patch.x, patch.width, frame.size().width())?;
    let (y, height) = within(patch.y, patch.height, frame.size().height())?;
    Some(Rect { x, y, width, height })
}

#[cfg(test)]
mod tests {
    use bedside_media::video::frame::Layout;
    use bedside_media::video::geometry::Size;

    use super::*;

    fn patch(x: f32, y: f32) -> FaceBox {
        FaceBox {
            x,
            y,
            width: 10.0,
            height: 4.0,
        }
    }

    #[test]
    fn a_patch_is_measured_while_half_of_it_is_in_the_picture() {
        let (data, size) = (vec![0; 40 * 20], Size::new(40, 20).expect("a size"));
        let frame = FrameView::packed(Layout::Grey8, &data, size, 0).expect("a frame");
        let rect = |x, y, width, height| Some(Rect { x, y, width, height });
        assert_eq!(pixels(&frame, patch(3.4, 5.6)), rect(3, 6, 10, 4));
        assert_eq!(pixels(&frame, patch(-5.0, 18.0)), rect(0, 18, 5, 2));
        assert_eq!(pixels(&frame, patch(-6.0, 0.0)), None);
        assert_eq!(pixels(&frame, patch(36.0, 0.0)), None);
        assert_eq!(pixels(&frame, patch(f32::NAN, 0.0)).map(|rect| rect.x), None);
    }
}
