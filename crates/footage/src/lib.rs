//! Video files as frames with the time each was captured.
//!
//! y4m and motion JPEG (in an AVI file or bare) are read as they are; everything else goes through the `ffmpeg` program,
//! if there is one. Times are those of the file: a variable frame rate stays variable, and no frame is invented or dropped
//! to even it out.
//!
//! It must never know what is looked for in the frames, and never hold more than one of them.
//!
//! ```no_run
//! use bedside_footage::{Footage, FootageError};
//!
//! fn seconds(path: &std::path::Path) -> Result<f64, FootageError> {
//!     let (mut footage, mut last_us) = (Footage::open(path, None)?, 0);
//!     while let Some(frame) = footage.next_frame()? {
//!         last_us = frame.captured_us();
//!     }
//!     Ok(last_us as f64 / 1e6)
//! }
//! ```

mod error;
mod ffmpeg;
mod file;
mod times;

pub use error::FootageError;
pub use file::Footage;
