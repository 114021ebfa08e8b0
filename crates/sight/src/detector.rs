//! The short-range `BlazeFace` of `MediaPipe`: faces within about two metres of the camera.

use std::path::Path;

use bedside_inference::model::{LoadOptions, Model, ModelError, Plan, Threads};
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::shrink::Shrinker;
use rten_tensor::NdTensorView;

use crate::decoding::{self, Placement};
use crate::face::{Face, Point};
use crate::overlap;

/// Side of the model's picture, px.
const SIDE: u32 = 128;
const INPUT: [usize; 4] = [1, SIDE as usize, SIDE as usize, 3];
/// A black pixel as the model takes it: 0 to 255 becomes −1 to 1.
const BLACK: f32 = -1.0;

/// The model; opens one [`FaceDetector`] per stream of pictures. Cloning shares it.
#[derive(Debug, Clone)]
pub struct FaceModel {
    plan: Plan,
}

impl FaceModel {
    /// Loads the ONNX file: a picture 1×128×128×3 in, 896 boxes of 16 numbers and 896 scores out.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let options = LoadOptions {
            prepack: true,
            threads: Threads::One,
        };
        let plan = Model::load_with(path, options)?.plan(&["input"], &["regressors", "classificators"])?;
        Ok(Self { plan })
    }

    /// A detector with buffers of its own.
    pub fn open(&self) -> FaceDetector {
        FaceDetector {
            plan: self.plan.clone(),
            shrinker: None,
            input: vec![BLACK; INPUT.iter().product()],
        }
    }
}

/// Finds faces. It remembers nothing of the pictures before.
#[derive(Debug)]
pub struct FaceDetector {
    plan: Plan,
    /// For frames of the shape last seen.
    shrinker: Option<Shrinker>,
    input: Vec<f32>,
}

impl FaceDetector {
    /// All faces in a frame, surest first, in px of the frame.
    pub fn detect(&mut self, frame: &FrameView<'_>) -> Result<Vec<Face>, ModelError> {
        let placement = self.fill(frame);
        let input = NdTensorView::from_data(INPUT, &self.input[..]);
        let [values, scores] = self.plan.run_n([input])?;
        let (_, values) = values.into_shape_vec::<f32, 3>()?;
        let (_, scores) = scores.into_shape_vec::<f32, 3>()?;
        Ok(overlap::join(decoding::faces(
            &values,
            &scores,
            SIDE as f32,
            placement,
        )))
    }

    /// Puts the whole frame into the middle of the model's picture, as large as it fits, on black.
    fn fill(&mut self, frame: &FrameView<'_>) -> Placement {
        let fitted = fitted(frame.size());
        let shrinker = match &mut self.shrinker {
            Some(shrinker) if shrinker.size() == fitted => shrinker,
            other => {
                self.input.fill(BLACK);
                other.insert(Shrinker::new(fitted))
            }
        };
        let (left, top) = ((SIDE - fitted.width()) / 2, (SIDE - fitted.height()) / 2);
        let pixels = shrinker
            .shrink(frame, Rect::whole(frame.size()))
            .unwrap_or_default();
        let rows = self.input.chunks_exact_mut(SIDE as usize * 3).skip(top as usize);
        for (row, pixels) in rows.zip(pixels.chunks_exact(fitted.width() as usize * 3)) {
            for (value, byte) in row[left as usize * 3..].iter_mut().zip(pixels) {
                *value = f32::from(*byte) / 127.5 - 1.0;
            }
        }
        Placement {
            scale: Point {
                x: fitted.width() as f32 / frame.size().width() as f32,
                y: fitted.height() as f32 / frame.size().height() as f32,
            },
            offset: Point {
                x: left as f32,
                y: top as f32,
            },
        }
    }
}

/// The largest size of a frame's shape within the model's picture.
fn fitted(frame: Size) -> Size {
    let longest = frame.width().max(frame.height());
    let side = |side: u32| (SIDE * side / longest).max(1);
    Size::new(side(frame.width()), side(frame.height())).unwrap_or(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_shape() {
        for (from, to) in [
            ((640, 480), (128, 96)),
            ((480, 640), (96, 128)),
            ((36, 36), (128, 128)),
            ((4_096, 1), (128, 1)),
        ] {
            let fitted = fitted(Size::new(from.0, from.1).unwrap());
            assert_eq!((fitted.width(), fitted.height()), to);
        }
    }
}
