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
    /// Answers to patients, heard or not.
    Turns,
    /// Responses that came to their end.
    ResponsesCompleted,
    /// Responses that the patient or the client ended.
    ResponsesCancelled,
    /// Responses that a limit ended.
    ResponsesIncomplete,
    /// Responses that a fault ended.
    ResponsesFailed,
    /// Turns of a session's loop that used up their work budget.
    BudgetExceeded,
    /// Milliseconds of patient audio dropped because a consumer did not keep up.
    AudioDroppedMs,
    /// Milliseconds of it that waited for speech detection.
    DetectionDroppedMs,
    /// Milliseconds of it that waited for the transcriber.
    TranscriptionDroppedMs,
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
    /// Scans that gave vital signs.
    ScansCompleted,
    /// Scans that gave none.
    ScansFailed,
    /// Faults of the provider of vital signs, each the end of a scan.
    ScanFaults,
    /// Pictures received for a scan.
    FramesReceived,
    /// Of these, dropped because the scan did not keep up.
    FramesDropped,
    /// Of these, damaged.
    FramesUnreadable,
    /// Events dropped for those who listen in on a session and did not keep up.
    ObserverEventsDropped,
}

impl Counter {
    /// All counters, in the order of [`Snapshot::counters`].
    pub const ALL: [Self; 35] = [
        Self::SessionsOpened,
        Self::SessionsClosed,
        Self::ConnectionsLost,
        Self::SessionsResumed,
        Self::SessionsRefused,
        Self::Turns,
        Self::ResponsesCompleted,
        Self::ResponsesCancelled,
        Self::ResponsesIncomplete,
        Self::ResponsesFailed,
        Self::BudgetExceeded,
        Self::AudioDroppedMs,
        Self::DetectionDroppedMs,
        Self::TranscriptionDroppedMs,
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
        Self::ScansCompleted,
        Self::ScansFailed,
        Self::ScanFaults,
        Self::FramesReceived,
        Self::FramesDropped,
        Self::FramesUnreadable,
        Self::ObserverEventsDropped,
    ];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionsOpened => "sessions_opened",
            Self::SessionsClosed => "sessions_closed",
            Self::ConnectionsLost => "connections_lost",
            Self::SessionsResumed => "sessions_resumed",
            Self::SessionsRefused => "sessions_refused",
            Self::Turns => "turns",
            Self::ResponsesCompleted => "responses_completed",
            Self::ResponsesCancelled => "responses_cancelled",
            Self::ResponsesIncomplete => "responses_incomplete",
            Self::ResponsesFailed => "responses_failed",
            Self::BudgetExceeded => "budget_exceeded",
            Self::AudioDroppedMs => "audio_dropped_ms",
            Self::DetectionDroppedMs => "detection_dropped_ms",
            Self::TranscriptionDroppedMs => "transcription_dropped_ms",
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
            Self::ScansCompleted => "scans_completed",
            Self::ScansFailed => "scans_failed",
            Self::ScanFaults => "scan_faults",
            Self::FramesReceived => "frames_received",
            Self::FramesDropped => "frames_dropped",
            Self::FramesUnreadable => "frames_unreadable",
            Self::ObserverEventsDropped => "observer_events_dropped",
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
