//! What kinds of jobs there are and how they rank.

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Is this window speech? Everything else waits for the answer.
    SpeechDetection,
    /// Has the patient finished?
    EndOfTurn,
    /// The first clause of an answer, for which the patient waits.
    FirstSynthesis,
    /// The words of a finished utterance.
    FinalTranscript,
    /// Further clauses; their deadline is when the audio before them runs out.
    LaterSynthesis,
    /// Vital signs from video.
    Vitals,
    /// Words so far, worth something only while they are news.
    PartialTranscript,
}

/// How classes rank against each other. Within a band the earliest deadline goes first, whatever its class.
///
/// Earliest-deadline-first misses no deadline that any order could keep, but under overload it misses nearly all of them.
/// So what may be late or lost is kept out of its way, in a band below; and what is tiny and gates the rest, above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Before everything, and on a thread of its own.
    Reflex,
    /// Someone waits for it.
    Firm,
    /// When nothing firm is waiting.
    Soft,
    /// When nothing else is waiting, and not once its deadline has passed.
    Sheddable,
}

/// What happens to a job that finds its class's queue full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The new job is refused: what waits was promised, and admission should have been tighter.
    RefuseNew,
    /// The job with the earliest deadline is dropped for it: the newer one makes it stale.
    DropOldest,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::SpeechDetection,
        Self::EndOfTurn,
        Self::FirstSynthesis,
        Self::FinalTranscript,
        Self::LaterSynthesis,
        Self::Vitals,
        Self::PartialTranscript,
    ];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpeechDetection => "speech_detection",
            Self::EndOfTurn => "end_of_turn",
            Self::FirstSynthesis => "first_synthesis",
            Self::FinalTranscript => "final_transcript",
            Self::LaterSynthesis => "later_synthesis",
            Self::Vitals => "vitals",
            Self::PartialTranscript => "partial_transcript",
        }
    }

    /// How it ranks.
    pub const fn band(self) -> Band {
        match self {
            Self::SpeechDetection => Band::Reflex,
            Self::EndOfTurn | Self::FirstSynthesis | Self::FinalTranscript | Self::LaterSynthesis => {
                Band::Firm
            }
            Self::Vitals => Band::Soft,
            Self::PartialTranscript => Band::Sheddable,
        }
    }

    /// What happens when its queue is full.
    pub const fn overflow(self) -> Overflow {
        match self.band() {
            Band::Reflex | Band::Firm => Overflow::RefuseNew,
            Band::Soft | Band::Sheddable => Overflow::DropOldest,
        }
    }
}
