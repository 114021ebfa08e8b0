//! The engine: one task per session drives the pure conversation core.
//!
//! Frames come in, the core decides, everything that is due goes out in one write. The engine owns the sessions, their
//! providers' streams and their limits. It must never know a transport (it speaks to any stream and sink of
//! [messages](ClientMessage)), a vendor, or what a consultation is about, and it decides nothing that a patient could
//! notice: that is the core's part.
//!
//! ```
//! use bedside_engine::{Demand, Reason, Refusal, Registry};
//!
//! let registry = Registry::new(1);
//! let admission = registry.admit(Demand::default())?;
//! let refusal = registry.admit(Demand::default()).err();
//! assert_eq!(refusal.map(Refusal::reason), Some(Reason::Sessions));
//! drop(admission);
//! assert_eq!(registry.live(), 0);
//! # Ok::<(), Refusal>(())
//! ```

mod admission;
mod backlog;
mod bell;
mod camera;
mod carrier;
mod cleaning;
mod clock;
mod echo;
mod egress;
mod format;
mod frames;
mod history;
mod ingress;
mod lane;
mod limits;
mod message;
mod metrics;
mod nobody;
mod observers;
mod orders;
mod presence;
mod profile;
mod registry;
mod resume;
mod roll;
mod scope;
mod session;
mod stages;
mod video;
mod view;
mod wire;

pub use admission::{
    Budget, Capacity, Coefficients, Cost, Demand, Lateness, Load, Place, Reason, Recent, Refusal, Signal,
    strain,
};
pub use carrier::{Carrier, Connection, LastWords, farewell};
pub use limits::SessionLimits;
pub use message::{ClientMessage, ServerMessage, SocketError};
pub use metrics::{
    Counter, FAILING_FROM, FinishedTurn, HistogramSnapshot, LastFault, Latency, Metrics, Percentiles, RECENT,
    STEP, Snapshot, Stage, StageHealth, TurnSummary, TurnTimes, Use, WINDOW,
};
pub use observers::{Observed, Observer};
pub use profile::{Profile, Profiles};
pub use registry::{Admission, OrderError, Registry};
pub use resume::{Door, ResumeError, ResumeRequest, Resumptions, SESSION_ENDED, Seat};
pub use session::{Session, SessionSetup};
pub use view::{Activity, Attachment, Backlog, ScanState, SessionState, SessionView, StageState, Stages};
