//! Frame by frame.

use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use thiserror::Error;

use crate::breath::Breath;
use crate::camera;
use crate::chance::{Chance, Stream};
use crate::heart::Heart;
use crate::light::{Lighting, encoded};
use crate::motion::Motion;
use crate::portrait::{Head, Portrait};
use crate::rows::Rows;
use crate::scene::{Scene, Subject};
use crate::truth::Truth;

/// Noise is drawn once and read from another place for each row.
const NOISE: usize = 1 << 16;
/// Part of a frame's time over which its rows are read.
const READOUT: f64 = 0.75;
/// Where a detector puts its box, in halves of the head's width and height: left, top, right, bottom.
const BOX: [f32; 4] = [-0.95, -0.5, 0.95, 0.95];

/// A frame could not be encoded: a side is beyond what JPEG has.
#[derive(Debug, Error)]
#[error("the frame cannot be encoded")]
pub struct EncodeError(#[from] EncodingError);

/// A frame of a clip.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The picture, RGB, with its capture time.
    pub view: FrameView<'a>,
    /// Where the face is, from above the brows to the chin; `None` if nobody is there.
    pub face: Option<Rect>,
    pixels: &'a [u8],
}

impl Frame<'_> {
    /// The pixels: red, green, blue, row after row.
    pub fn rgb(&self) -> &[u8] {
        self.pixels
    }

    /// The frame as a JPEG with colour at half the resolution, `quality` from 1 to 100, appended to `out`.
    pub fn to_jpeg(&self, quality: u8, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut encoder = Encoder::new(out, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        let (width, height) = (self.view.size().width(), self.view.size().height());
        Ok(encoder.encode(self.pixels, width as u16, height as u16, ColorType::Rgb)?)
    }
}

/// A video in the making.
#[derive(Debug)]
pub struct Clip {
    scene: Scene,
    truth: Truth,
    motion: Motion,
    lighting: Lighting,
    times: std::vec::IntoIter<f64>,
    sitting: Option<(Portrait, Head)>,
    room: Portrait,
    noise: Vec<f32>,
    chance: Chance,
    rows: Rows,
    pixels: Vec<u8>,
}

impl Clip {
    /// Begins a clip: the same for the same scene and seed.
    pub fn new(scene: &Scene, seed: u64) -> Self {
        let chance = |stream| Chance::new(seed, stream);
        let size = scene.camera.size;
        let usual = Subject::default();
        let subject = scene.subject.as_ref();
        let person = subject.unwrap_or(&usual);
        let breath = Breath::new(person.breaths_per_min, &mut chance(Stream::Breath));
        let heart = Heart::new(
            person.heart_bpm,
            person.heart_variability,
            scene.seconds,
            &breath,
            &mut chance(Stream::Heart),
        );
        let mut noise_chance = chance(Stream::Noise);
        let row = size.width() as usize * 3;
        let noise = (0..NOISE + row).map(|_| (noise_chance.normal() * scene.camera.noise) as f32);
        Self {
            truth: Truth { heart, breath },
            motion: Motion::new(
                &scene.behaviour,
                scene.seconds,
                &mut chance(Stream::Motion),
                &mut chance(Stream::Speech),
            ),
            lighting: Lighting::new(
                &scene.light,
                &scene.camera,
                scene.seconds,
                &mut chance(Stream::Light),
            ),
            times: camera::times(&scene.camera, scene.seconds, &mut chance(Stream::Timing)).into_iter(),
            sitting: subject.map(|subject| sit(size, subject)),
            room: Portrait::paint(size, None),
            noise: noise.collect(),
            chance: noise_chance,
            rows: Rows::new(size, scene.light.slope),
            pixels: vec![0; row * size.height() as usize],
            scene: scene.clone(),
        }
    }

    /// The truth about the person; about nobody in particular if the room is empty.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The next frame that arrives, captured so many microseconds after the clip's beginning; `None` at the end.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        let t = self.times.next()?;
        let present = !self
            .scene
            .behaviour
            .away
            .as_ref()
            .is_some_and(|away| away.contains(&t));
        let face = if present { self.render_person(t) } else { None };
        if face.is_none() {
            let room = &self.room;
            self.rows.beat([0.0; 3]);
            for (y, row) in rows_of(&mut self.pixels, room.size).enumerate() {
                self.rows.take(room, [0.0, y as f32]);
                let light = row_light(&self.lighting, &self.scene, t, y);
                self.rows.expose(light, noise(&self.noise, &mut self.chance), row);
            }
        }
        let captured_us = (t * 1e6).round() as u64;
        let view = FrameView::packed(Layout::Rgb8, &self.pixels, self.room.size, captured_us).ok()?;
        Some(Frame {
            view,
            face,
            pixels: &self.pixels,
        })
    }

    /// Renders whoever sits there, and says where their face is.
    fn render_person(&mut self, t: f64) -> Option<Rect> {
        let (portrait, head) = self.sitting.as_ref()?;
        let subject = self.scene.subject.as_ref()?;
        let size = self.scene.camera.size;
        let [dx, dy] = if self.motion.is_still() {
            [0.0; 2]
        } else {
            self.motion.offset(t).map(|offset| offset as f32 * head.width)
        };
        let margin = margin(head.width) as f32;
        let moved = Head {
            middle: [head.middle[0] - margin + dx, head.middle[1] - margin + dy],
            ..*head
        };
        let blood = self.truth.heart.blood(t, &self.truth.breath) * subject.perfusion;
        let dimmed = subject
            .skin
            .pulse()
            .map(|part| (encoded(1.0 - part * blood) - 1.0) as f32);
        self.rows.beat(dimmed);
        let mouth = self.motion.mouth(t) as f32;
        for (y, row) in rows_of(&mut self.pixels, size).enumerate() {
            self.rows.take(portrait, [margin - dx, y as f32 + margin - dy]);
            self.rows.open_mouth(moved, mouth, y as f32 + 0.5);
            let light = row_light(&self.lighting, &self.scene, t, y);
            self.rows.expose(light, noise(&self.noise, &mut self.chance), row);
        }
        moved.bounds().clipped(size)
    }
}

/// Light of a row of the frame taken at `t`, as a factor of encoded numbers.
fn row_light(lighting: &Lighting, scene: &Scene, t: f64, y: usize) -> f32 {
    let late = READOUT / scene.camera.fps * y as f64 / f64::from(scene.camera.size.height());
    let flicker = if lighting.flickers() {
        lighting.flicker(t + late)
    } else {
        1.0
    };
    encoded(lighting.level(t) * flicker) as f32
}

fn rows_of(pixels: &mut [u8], size: Size) -> impl Iterator<Item = &mut [u8]> {
    pixels.chunks_exact_mut(size.width() as usize * 3)
}

fn noise<'a>(table: &'a [f32], chance: &mut Chance) -> &'a [f32] {
    &table[chance.index(NOISE)..]
}

/// What is painted around a frame, px, so that a head may move: nearly half its width to each side.
fn margin(head_width: f32) -> u32 {
    (head_width * 0.45).ceil() as u32
}

/// Paints a person with room to move, as far as a picture may be large.
fn sit(size: Size, subject: &Subject) -> (Portrait, Head) {
    let width = size.width() as f32 * subject.head_width as f32;
    let margin = margin(width);
    let painted = Size::new(size.width() + 2 * margin, size.height() + 2 * margin).unwrap_or(Size::MAX);
    let head = Head {
        middle: [painted.width() as f32 / 2.0, painted.height() as f32 * 0.5],
        width,
    };
    (Portrait::paint(painted, Some((subject, head))), head)
}

impl Head {
    fn bounds(self) -> Rect {
        let [half_width, half_height] = self.radii();
        let [left, top, right, bottom] = BOX;
        let (x, y) = (
            self.middle[0] + left * half_width,
            self.middle[1] + top * half_height,
        );
        Rect {
            x: x.max(0.0) as u32,
            y: y.max(0.0) as u32,
            width: ((right - left) * half_width + x.min(0.0)).max(0.0) as u32,
            height: ((bottom - top) * half_height + y.min(0.0)).max(0.0) as u32,
        }
    }
}
