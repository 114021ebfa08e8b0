//! The session every simulated consultation begins with.

use std::sync::{Arc, LazyLock};

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::{Safety, SessionFunctions, SessionStart, Timing};
use bedside_protocol::SessionConfig;

/// Reading a protocol takes longer than many a consultation.
static SAFETY: LazyLock<Arc<Safety>> = LazyLock::new(|| {
    let protocol =
        Protocol::general_intake().unwrap_or_else(|error| panic!("the embedded protocol: {error}"));
    let emergency_sentence = protocol.emergency_sentence("en").to_owned();
    Arc::new(Safety {
        red_flags: RedFlags::new(&protocol),
        emergency_sentence,
    })
});

/// What the core is started with.
pub(crate) fn session_start(seed: u64) -> SessionStart {
    SessionStart {
        id: format!("sim{seed}"),
        config: SessionConfig::new("simulated", "simulated"),
        safety: SAFETY.clone(),
        timing: Timing::default(),
        expires_at: None,
        started_at: None,
        vitals: true,
        model_name: crate::vendors::PROVIDER,
        tools: Vec::new(),
        functions: SessionFunctions::default(),
        currency: "USD".to_owned(),
    }
}
