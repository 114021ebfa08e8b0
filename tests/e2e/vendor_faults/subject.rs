//! The vendors that are made to fail, and how they are set up.

/// What a vendor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Transcription,
    Model,
    Synthesis,
    Vitals,
}

impl Stage {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transcription => "transcription",
            Self::Model => "model",
            Self::Synthesis => "synthesis",
            Self::Vitals => "vitals",
        }
    }
}

/// A vendor that is made to fail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// As people name it.
    pub(crate) title: &'static str,
    /// As the emulators and the configuration name it.
    pub(crate) vendor: &'static str,
    pub(crate) stage: Stage,
    /// Who takes over, best first.
    pub(crate) others: &'static [&'static str],
    /// Messages the vendor sends before a fault in the middle of something strikes.
    pub(crate) after: u32,
}

/// All vendors.
pub(crate) const SUBJECTS: [Subject; 8] = [
    Subject {
        title: "Deepgram Nova",
        vendor: "deepgram",
        stage: Stage::Transcription,
        others: &["local"],
        after: 0,
    },
    Subject {
        title: "Deepgram Flux",
        vendor: "flux",
        stage: Stage::Transcription,
        others: &["local"],
        after: 1,
    },
    Subject {
        title: "Bedrock",
        vendor: "bedrock",
        stage: Stage::Model,
        others: &["openai", "scripted"],
        after: 7,
    },
    Subject {
        title: "OpenAI-compatible",
        vendor: "openai",
        stage: Stage::Model,
        others: &["bedrock", "scripted"],
        after: 7,
    },
    Subject {
        title: "Gemini",
        vendor: "gemini",
        stage: Stage::Model,
        others: &["openai", "scripted"],
        after: 7,
    },
    Subject {
        title: "SageMaker",
        vendor: "sagemaker",
        stage: Stage::Model,
        others: &["openai", "scripted"],
        // Its messages are parts of words.
        after: 16,
    },
    Subject {
        title: "Cartesia",
        vendor: "cartesia",
        stage: Stage::Synthesis,
        others: &["local"],
        after: 3,
    },
    Subject {
        title: "CAIRE",
        vendor: "caire",
        stage: Stage::Vitals,
        others: &["local"],
        after: 2,
    },
];
