//! Sight on this machine: where in a picture a face is.
//!
//! It must never know of sessions, of scans or of what is measured on a face: it takes pictures and gives boxes and
//! landmarks. Whose face it is cannot be told from them.
//!
//! ```no_run
//! use bedside_inference::store::{ModelStore, Source};
//! use bedside_media::video::frame::FrameView;
//! use bedside_sight::{Face, FaceModel};
//!
//! fn largest(frame: &FrameView<'_>) -> Result<Option<Face>, Box<dyn std::error::Error>> {
//!     let path = ModelStore::new("models", Source::Pip).face_detection()?;
//!     let faces = FaceModel::load(&path)?.open().detect(frame)?;
//!     Ok(faces.into_iter().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area())))
//! }
//! ```

mod anchors;
mod decoding;
mod detector;
mod face;
mod overlap;

pub use detector::{FaceDetector, FaceModel};
pub use face::{Bounds, Face, Landmark, Point};
