//! What the client package for browsers sends of a camera: whole pictures until the server has told where the face is,
//! then a loose cut around it, which is moved with the face.
//!
//! The rules are those of the package's `FaceFollower`, written down a second time.

use std::collections::VecDeque;

use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::shrink::Shrinker;
use bedside_vitals::presence::Guidance;
use bedside_vitals::region::FaceBox;
use bedside_vitals::scan::Progress;

use crate::recoder::Recoder;
use crate::subject::Fault;

/// Quality of whole pictures, and how many frames there are for each that is sent.
const QUALITY: u8 = 92;
const WHOLE_EVERY: u64 = 2;
/// Frames until what the server tells is heeded: a sixth of a second.
const LATENCY: u64 = 5;
/// Tellings that must agree before the face is cut out, and how far edges lie apart that do, as a part of the side.
const AGREEING: u32 = 2;
const ONE_PLACE: f32 = 0.12;
/// Sides of what is sent of a face, and how much of the height of a cut the face has.
const SIDES: [u32; 2] = [72, 76];
const FACE_PART: f32 = 0.75;
/// When a cut is moved: by how far the face is off its middle, as a part of the side, and how much it has grown.
const MOST_OFF: f32 = 0.1;
const MOST_GROWN: f32 = 1.25;

#[derive(Debug, Clone, Copy, PartialEq)]
enum View {
    Whole,
    /// A square of the picture, and which of [`SIDES`] it is sent with.
    Cut {
        area: Rect,
        size: usize,
    },
}

/// A page that sends the frames of a clip.
pub(crate) struct Page {
    camera: Size,
    frames: u64,
    /// Since which frame each view is sent, the present one last.
    views: Vec<(u64, View)>,
    candidate: Option<(FaceBox, u32)>,
    /// What the server told, and after which frame.
    told: VecDeque<(u64, Progress)>,
    recoder: Recoder,
    shrinkers: [Shrinker; 2],
}

impl Page {
    pub(crate) fn new(camera: Size) -> Self {
        Self {
            camera,
            frames: 0,
            views: vec![(0, View::Whole)],
            candidate: None,
            told: VecDeque::new(),
            recoder: Recoder::new(camera),
            shrinkers: SIDES.map(|side| Shrinker::new(Size::new(side, side).unwrap_or(Size::MAX))),
        }
    }

    /// The picture that arrives of a frame, if any is sent.
    pub(crate) fn send(&mut self, frame: &FrameView<'_>) -> Result<Option<FrameView<'_>>, Fault> {
        self.frames += 1;
        while let Some((_, progress)) = self.told.pop_front_if(|(at, _)| *at + LATENCY <= self.frames) {
            self.heed(&progress);
        }
        match self.view() {
            View::Whole if !self.frames.is_multiple_of(WHOLE_EVERY) => Ok(None),
            View::Whole => Ok(Some(self.recoder.recode(frame, QUALITY)?)),
            View::Cut { area, size } => {
                let shrinker = &mut self.shrinkers[size];
                let size = shrinker.size();
                let pixels = shrinker.shrink(frame, area).ok_or("an empty cut")?;
                Ok(Some(FrameView::packed(
                    Layout::Rgb8,
                    pixels,
                    size,
                    frame.captured_us(),
                )?))
            }
        }
    }

    /// Takes what the server says of the picture sent last.
    pub(crate) fn tell(&mut self, progress: Progress) {
        self.told.push_back((self.frames, progress));
    }

    fn view(&self) -> View {
        self.views.last().map_or(View::Whole, |(_, view)| *view)
    }

    fn heed(&mut self, progress: &Progress) {
        let about = self.frames.saturating_sub(LATENCY);
        let current = self.views.last().is_some_and(|(since, _)| *since <= about);
        let Some(face) = progress.face else {
            self.candidate = None;
            if current && self.view() != View::Whole {
                self.views.push((self.frames, View::Whole));
            }
            return;
        };
        let Some(bounds) = face.bounds.filter(|_| current) else {
            return;
        };
        match self.view() {
            View::Whole if progress.guidance == Guidance::MoveCloser => self.candidate = None,
            View::Whole => self.consider(bounds),
            View::Cut { area, size } => {
                let scale = area.width as f32 / SIDES[size] as f32;
                let wanted = self.area(&FaceBox {
                    x: area.x as f32 + bounds.x * scale,
                    y: area.y as f32 + bounds.y * scale,
                    width: bounds.width * scale,
                    height: bounds.height * scale,
                });
                if has_left(area, wanted) {
                    let size = 1 - size;
                    self.views.push((self.frames, View::Cut { area: wanted, size }));
                }
            }
        }
    }

    fn consider(&mut self, face: FaceBox) {
        let agreed = match self.candidate {
            Some((before, count)) if in_one_place(&before, &face) => count + 1,
            _ => 1,
        };
        self.candidate = Some((face, agreed));
        if agreed >= AGREEING {
            let area = self.area(&face);
            self.views.push((self.frames, View::Cut { area, size: 0 }));
            self.candidate = None;
        }
    }

    /// A square with the face in its middle, or nearest to it where the picture ends.
    fn area(&self, face: &FaceBox) -> Rect {
        let (width, height) = (self.camera.width() as f32, self.camera.height() as f32);
        let side = (face.height / FACE_PART).min(width).min(height).round();
        let within = |middle: f32, most: f32| (middle - side / 2.0).clamp(0.0, most - side).round() as u32;
        let (x, y) = face.centre();
        Rect {
            x: within(x, width),
            y: within(y, height),
            width: side as u32,
            height: side as u32,
        }
    }
}

fn has_left(cut: Rect, wanted: Rect) -> bool {
    let side = cut.width as f32;
    let off =
        |from: u32, to: u32| (to as f32 + wanted.width as f32 / 2.0 - from as f32 - side / 2.0).abs() / side;
    let grown = wanted.width as f32 / side;
    off(cut.x, wanted.x).max(off(cut.y, wanted.y)) > MOST_OFF
        || !(1.0 / MOST_GROWN..=MOST_GROWN).contains(&grown)
}

fn in_one_place(one: &FaceBox, other: &FaceBox) -> bool {
    let off = [
        (one.x - other.x) / one.width,
        (one.x + one.width - other.x - other.width) / one.width,
        (one.y - other.y) / one.height,
        (one.y + one.height - other.y - other.height) / one.height,
    ];
    off.iter().all(|off| off.abs() <= ONE_PLACE)
}
