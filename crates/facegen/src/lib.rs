//! Videos of faces that nobody has, whose pulse and breath are known: what is measured on them can be checked.
//!
//! A [`Scene`] says who sits there, how they behave, in what light and before what camera; a [`Clip`] renders it frame by
//! frame. The same scene and seed give the same bytes. It must never be part of the program, and must never know how
//! vital signs are measured: truth and measurement share no code.
//!
//! What the model leaves out: skin has no texture, the pulse arrives everywhere at once, and heads move without turning.
//! A method that does well here may still fail on people; one that fails here will.
//!
//! ```
//! use bedside_facegen::{Clip, Scene, SkinTone, Subject};
//!
//! let subject = Subject { skin: SkinTone::V, heart_bpm: 72.0, ..Subject::default() };
//! let scene = Scene { subject: Some(subject), seconds: 2.0, ..Scene::default() };
//! let mut clip = Clip::new(&scene, 7);
//! let rate = clip.truth().heart_rate_bpm(0.0..2.0);
//! assert!((rate - 72.0).abs() < 10.0);
//! while let Some(frame) = clip.next_frame() {
//!     let face = frame.face.unwrap_or_default();
//!     assert!(frame.view.mean_rgb(face).is_some());
//! }
//! ```

mod breath;
mod camera;
mod chance;
mod clip;
mod heart;
mod light;
mod motion;
mod portrait;
mod rows;
mod scene;
mod skin;
mod truth;

pub use clip::{Clip, EncodeError, Frame};
pub use scene::{Behaviour, Camera, Light, Mains, Scene, Subject};
pub use skin::SkinTone;
pub use truth::Truth;
