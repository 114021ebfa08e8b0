//! How much a session may take.

use std::time::Duration;

use bedside_conversation::Timing;
use bedside_conversation::event_log::LogLimits;

/// Limits of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLimits {
    /// A client that sends no message for this long is closed with 4000.
    pub idle: Duration,
    /// A session older than this is closed with 4004.
    pub session: Duration,
    /// A larger message closes the session with 1009. The carrier should take several times this, so that a client
    /// that is a little over gets its answer instead of a broken connection.
    pub message_bytes: usize,
    /// A client that takes nothing for this long while messages wait is closed with 4002.
    pub slow_client: Duration,
    /// Messages waiting for the client beyond this many bytes close it with 4002 at once. Beyond a quarter of it the
    /// client is not read, so that a healthy one cannot bring this about by what it asks: the answer to one event is
    /// at most twice its size.
    pub outgoing_bytes: usize,
    /// Patient audio that waits longer than this for a consumer is dropped, oldest first, and the client is told.
    pub audio_backlog: Duration,
    /// A provider's stream must be open within this; a chain may try all its links in that time.
    pub open: Duration,
    /// The transcriber must answer within this, beside a part of the utterance's length. It stands behind what a chain
    /// of providers is given, and behind what this machine's models take when there are more patients than they can
    /// serve in time.
    pub transcript: Duration,
    /// The same for the synthesiser's next audio.
    pub synthesis: Duration,
    /// The end-of-turn model must answer within this.
    pub judge: Duration,
    /// A function of the server must return within this.
    pub tool: Duration,
    /// Inputs handled in one turn of the loop before everything due is sent.
    pub inputs_per_turn: u32,
    /// How long a session is kept after its connection was lost, if its client can come back.
    pub resume: Duration,
    /// Events kept for a client that may have missed them. They must live longer than a loss can go unnoticed and
    /// `resume` together.
    pub missed_events: LogLimits,
    /// How long a closing session may take to hand over its last messages.
    pub farewell: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        let timing = Timing::default();
        Self {
            idle: Duration::from_secs(300),
            session: Duration::from_secs(3_600),
            message_bytes: 4 << 20,
            slow_client: Duration::from_secs(5),
            outgoing_bytes: 4 << 20,
            audio_backlog: Duration::from_secs(2),
            open: Duration::from_secs(3),
            transcript: timing.transcript,
            synthesis: timing.synthesis,
            judge: Duration::from_millis(500),
            tool: Duration::from_secs(30),
            inputs_per_turn: 64,
            resume: Duration::from_secs(30),
            missed_events: LogLimits {
                bytes: 256 * 1024,
                age: Duration::from_secs(90),
            },
            farewell: Duration::from_secs(1),
        }
    }
}
