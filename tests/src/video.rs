//! A patient before a camera: a rendered face whose pulse is known, as messages of the wire.

use std::time::Duration;

use bedside_facegen::{Behaviour, Camera, Clip, Frame, Scene, SkinTone, Subject};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::shrink::Shrinker;
use bedside_protocol::binary::{FrameHeader, MediaFrame, MediaHeader, VideoFormat, VideoHeader};
use bedside_protocol::encode_audio;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

/// Someone at rest with a heart rate of 74, in a picture of these sides.
pub fn patient(width: u32, height: u32, head_width: f64, seconds: f64) -> Scene {
    Scene {
        subject: Some(Subject {
            skin: SkinTone::III,
            heart_bpm: 74.0,
            head_width,
            ..Subject::default()
        }),
        behaviour: Behaviour {
            sway: 0.005,
            ..Behaviour::default()
        },
        camera: Camera {
            size: Size::new(width, height).expect("a usual size"),
            ..Camera::default()
        },
        seconds,
        ..Scene::default()
    }
}

/// How pictures travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// Binary messages of RGB.
    Rgb,
    /// Binary messages of JPEG.
    Jpeg,
    /// JPEG in events.
    Base64,
    /// JPEG in binary messages up to a capture time, and from then on a square around the face, of so many pixels a side
    /// and as RGB.
    Cut {
        /// When the face is cut out.
        from: Duration,
        /// Sides of the picture that is sent of it, px.
        side: u16,
    },
}

/// A video ready to be sent.
#[derive(Debug)]
pub struct Film {
    /// Each picture and when it is due.
    pub schedule: Vec<(Duration, Message)>,
    /// What was cut out of the pictures, if anything was.
    pub area: Option<Rect>,
    clip: Clip,
}

impl Film {
    /// Renders a scene.
    pub fn new(scene: &Scene, pictures: Pictures) -> Self {
        let mut clip = Clip::new(scene, 11);
        let (mut schedule, mut area, mut shrinker) = (Vec::new(), None, None);
        while let Some(frame) = clip.next_frame() {
            let (mut size, captured_us) = (frame.view.size(), frame.view.captured_us());
            let mut jpeg = Vec::new();
            let (format, payload) = match pictures {
                Pictures::Rgb => (VideoFormat::Rgb24, frame.rgb()),
                Pictures::Cut { from, side } if captured_us >= from.as_micros() as u64 => {
                    size = Size::new(side.into(), side.into()).expect("a usual size");
                    let area = *area.get_or_insert_with(|| around_face(&frame));
                    let shrinker = shrinker.get_or_insert_with(|| Shrinker::new(size));
                    let cut = shrinker.shrink(&frame.view, area).expect("a face in the picture");
                    (VideoFormat::Rgb24, cut)
                }
                Pictures::Jpeg | Pictures::Base64 | Pictures::Cut { .. } => {
                    frame.to_jpeg(92, &mut jpeg).expect("a picture of ordinary size");
                    (VideoFormat::Jpeg, &jpeg[..])
                }
            };
            let message = if pictures == Pictures::Base64 {
                let event = json!({"type": "input_video_buffer.append", "image": encode_audio(payload),
                    "capture_time_us": captured_us});
                Message::text(event.to_string())
            } else {
                let header = VideoHeader {
                    format,
                    width: size.width() as u16,
                    height: size.height() as u16,
                };
                let header = FrameHeader {
                    sequence: schedule.len() as u16,
                    time_us: captured_us,
                    media: MediaHeader::Video(header),
                };
                Message::binary(MediaFrame::encode(&header, payload))
            };
            schedule.push((Duration::from_micros(captured_us), message));
        }
        Self { schedule, area, clip }
    }

    /// The true heart rate over the `window_s` seconds before a capture time, beats per minute.
    pub fn heart_rate_bpm(&self, captured_us: u64, window_s: f64) -> f64 {
        let end = captured_us as f64 / 1e6;
        self.clip.truth().heart_rate_bpm(end - window_s..end)
    }
}

/// A square around the face, half as high again as the face is from the brows to the chin.
fn around_face(frame: &Frame<'_>) -> Rect {
    let face = frame.face.expect("a face");
    let side = face.height * 3 / 2;
    Rect {
        x: (face.x + face.width / 2).saturating_sub(side / 2),
        y: (face.y + face.height / 2).saturating_sub(side * 6 / 10),
        width: side,
        height: side,
    }
}
