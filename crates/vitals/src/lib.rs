//! Vital signs from the colour of a face: heart rate, its variability, and breathing, each with its quality or the
//! reason for its absence.
//!
//! Told for every video frame when it was captured and the mean colour of three patches of skin, a [`Scan`] follows the
//! faint pulse of the blood in them. It never sees a picture, never looks at a clock, never guesses a frame rate, and
//! must never know who the patient is or what was said. It refuses rather than guesses: a figure that is given passed
//! every rule of [`gate`].
//!
//! ```
//! use bedside_vitals::{CaptureTime, Face, FrameSample, Scan, ScanEvent, ScanSettings};
//!
//! let mut scan = Scan::new(ScanSettings::default());
//! for frame in 0..360_u64 {
//!     let pulse = (frame as f32 / 30.0 * std::f32::consts::TAU * 1.2).sin(); // 72 beats a minute
//!     let skin = [180.0 - 0.2 * pulse, 120.0 - 0.6 * pulse, 95.0 - 0.3 * pulse];
//!     let face = Face { colours: [skin; 3], held: None, detected: None };
//!     let captured = CaptureTime::from_micros(frame * 33_333);
//!     scan.push(FrameSample { captured, sides: [72, 72], face: Some(face) });
//! }
//! let readings = std::iter::from_fn(|| scan.poll_event()).filter(|event| matches!(event, ScanEvent::Reading(_)));
//! assert!(readings.count() > 3);
//! let rate = scan.summary().heart_rate?;
//! assert!((rate.bpm - 72.0).abs() < 0.5);
//! # Ok::<(), bedside_vitals::Absence>(())
//! ```

pub mod absence;
pub mod beats;
pub mod chrom;
pub mod detrend;
pub mod filter;
pub mod gate;
pub mod heart_rate;
pub mod pos;
pub mod presence;
pub mod projection;
pub mod pulse;
pub mod reading;
pub mod region;
pub mod respiration;
pub mod sample;
pub mod scan;
mod slow;
pub mod spectrum;
mod tally;
pub mod trace;
mod tracker;
pub mod variability;

pub use absence::Absence;
pub use presence::{FaceState, Guidance};
pub use reading::{HeartRate, Hrv, Reading, RespiratoryRate, Stage, Summary};
pub use region::{BoxHold, FaceBox, Region};
pub use sample::{CaptureTime, Colours, Face, FrameSample, Rgb};
pub use scan::{Progress, Scan, ScanEvent, ScanSettings, Waveform};
