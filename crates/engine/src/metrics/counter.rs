//! What the engine counts.

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Sessions begun.
    SessionsOpened,
    /// Sessions ended, for whatever reason.
    SessionsClosed,
    /// Connections lost whose sessions were kept.
    ConnectionsLost,
    /// Clients that came back to their session.
    SessionsResumed,
    /// Sessions refused at admission.
    SessionsRefused,
    /// Turns of a session's loop that used up their work budget.
    BudgetExceeded,
    /// Milliseconds of patient audio dropped because a consumer did not keep up.
    AudioDroppedMs,
    /// Milliseconds of patient audio lost on the way and replaced by concealment or silence.
    AudioConcealedMs,
    /// Milliseconds of patient audio lost on the way, too long to conceal.
    AudioLostMs,
    /// Client messages answered with an error.
    ClientMistakes,
    /// Sessions closed because the client did not read.
    SlowClients,
    /// Sessions closed because the client sent nothing.
    IdleClients,
    /// Faults of speech detection.
    DetectionFaults,
    /// Faults of the end-of-turn model.
    JudgeFaults,
    /// Faults of the transcriber.
    TranscriptionFaults,
    /// Faults of the chat model.
    ModelFaults,
    /// Faults of the synthesiser.
    SynthesisFaults,
    /// Faults of a knowledge base.
    KnowledgeFaults,
    /// Faults of the reader of devices.
    DeviceFaults,
    /// Faults of the server's functions.
    ToolFaults,
    /// Scans of vital signs begun.
    Scans,
    /// Faults of the provider of vital signs, each the end of a scan.
    ScanFaults,
    /// Pictures received for a scan.
    FramesReceived,
    /// Of these, dropped because the scan did not keep up.
    FramesDropped,
    /// Of these, damaged.
    FramesUnreadable,
}

impl Counter {
    /// All counters, in the order of [`Snapshot::counters`].
    pub const ALL: [Self; 25] = [
        Self::SessionsOpened,
        Self::SessionsClosed,
        Self::ConnectionsLost,
        Self::SessionsResumed,
        Self::SessionsRefused,
        Self::BudgetExceeded,
        Self::AudioDroppedMs,
        Self::AudioConcealedMs,
        Self::AudioLostMs,
        Self::ClientMistakes,
        Self::SlowClients,
        Self::IdleClients,
        Self::DetectionFaults,
        Self::JudgeFaults,
        Self::TranscriptionFaults,
        Self::ModelFaults,
        Self::SynthesisFaults,
        Self::KnowledgeFaults,
        Self::DeviceFaults,
        Self::ToolFaults,
        Self::Scans,
        Self::ScanFaults,
        Self::FramesReceived,
        Self::FramesDropped,
        Self::FramesUnreadable,
    ];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionsOpened => "sessions_opened",
            Self::SessionsClosed => "sessions_closed",
            Self::ConnectionsLost => "connections_lost",
            Self::SessionsResumed => "sessions_resumed",
            Self::SessionsRefused => "sessions_refused",
            Self::BudgetExceeded => "budget_exceeded",
            Self::AudioDroppedMs => "audio_dropped_ms",
            Self::AudioConcealedMs => "audio_concealed_ms",
            Self::AudioLostMs => "audio_lost_ms",
            Self::ClientMistakes => "client_mistakes",
            Self::SlowClients => "slow_clients",
            Self::IdleClients => "idle_clients",
            Self::DetectionFaults => "detection_faults",
            Self::JudgeFaults => "judge_faults",
            Self::TranscriptionFaults => "transcription_faults",
            Self::ModelFaults => "model_faults",
            Self::SynthesisFaults => "synthesis_faults",
            Self::KnowledgeFaults => "knowledge_faults",
            Self::DeviceFaults => "device_faults",
            Self::ToolFaults => "tool_faults",
            Self::Scans => "scans",
            Self::ScanFaults => "scan_faults",
            Self::FramesReceived => "frames_received",
            Self::FramesDropped => "frames_dropped",
            Self::FramesUnreadable => "frames_unreadable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = Counter::ALL.map(Counter::name).into();
        assert_eq!(names.len(), Counter::ALL.len());
    }
}
