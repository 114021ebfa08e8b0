//! What a session starts with, and the times the core allows.

use std::sync::Arc;
use std::time::Duration;

use bedside_protocol::SessionConfig;

use crate::consultation::RedFlags;
use crate::context::Tool;

/// Everything a conversation needs to begin.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// Tells this session's identifiers from all others': a short random string of letters and digits.
    pub id: String,
    /// The session as the server offers it; the client may change it.
    pub config: SessionConfig,
    /// When the session must end, seconds since the Unix epoch, if it must.
    pub expires_at: Option<u64>,
    /// When it begins, milliseconds since the Unix epoch; without it, observations carry no time.
    pub started_at: Option<u64>,
    /// Whether there is anyone to read vital signs; without, a client cannot enable them.
    pub vitals: bool,
    /// Name of the chat model, for metrics.
    pub model_name: &'static str,
    /// Functions the server runs by [`Output::RunTool`](crate::io::Output::RunTool). A client that declares one of the
    /// same name runs it itself.
    pub tools: Vec<Tool>,
    /// Which of the functions that the session runs itself are offered.
    pub functions: SessionFunctions,
    /// ISO 4217 code of the currency of prices.
    pub currency: String,
    /// What makes an utterance an emergency, and what is said then. Shared by all sessions of a protocol.
    pub safety: Arc<Safety>,
    /// Deadlines.
    pub timing: Timing,
}

/// Functions that the session runs itself, beside the scan, which is offered while the client has vital signs enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionFunctions {
    /// `escalate`: reports an emergency that the model sees.
    pub escalate: bool,
    /// `end_consultation`: says goodbye and ends the session.
    pub end_consultation: bool,
}

/// The part of a consultation protocol that must not depend on any model; by default nothing is an emergency.
#[derive(Debug, Default)]
pub struct Safety {
    /// Finds an emergency in a transcript.
    pub red_flags: RedFlags,
    /// Said at once when one is found.
    pub emergency_sentence: String,
}

/// How long the core waits for others before it goes on without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For the final text of an utterance, beside a part of its length.
    pub transcript: Duration,
    /// For the chat model's next event.
    pub model: Duration,
    /// For the synthesiser's next audio.
    pub synthesis: Duration,
    /// For a function of the server to return.
    pub tool: Duration,
    /// From the end of the patient's turn, for the first word of an answer, before the patient is asked for a moment.
    pub silence: Duration,
    /// The same from a call of functions on.
    pub tool_silence: Duration,
}

impl Default for Timing {
    /// A chain of providers has deadlines of its own (1.2 s for a transcript and for audio, 2.5 s for a model's first
    /// word) and hands over when one passes. These stand behind it: each is longer than it takes the second provider to
    /// answer, so that the core does not give up what a chain is about to mend.
    ///
    /// The patient hears a word within 4 s even if a provider of every stage fails in the same turn. After 2 s without
    /// one they are asked for a moment; if the voice fails just then, that is noticed after 1.2 s and the next voice needs
    /// a few hundred milliseconds. Half a second is left. In the middle of an answer a chain reports a model that stops
    /// after 2.5 s at the latest, while the voice is still speaking what was written.
    fn default() -> Self {
        Self {
            transcript: Duration::from_secs(4),
            model: Duration::from_secs(6),
            synthesis: Duration::from_secs(3),
            tool: Duration::from_secs(20),
            silence: Duration::from_secs(2),
            tool_silence: Duration::from_millis(1_500),
        }
    }
}
