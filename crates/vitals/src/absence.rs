//! Why a figure is absent.

/// The reason a vital sign is not given. None of them is a fault of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Absence {
    /// Too little was seen yet since the scan began or was interrupted.
    #[error("not enough of the face was seen yet")]
    TooShort,
    /// No face is in the picture.
    #[error("no face is in the picture")]
    FaceLost,
    /// The face or the camera moves.
    #[error("the face moves too much")]
    Moving,
    /// The picture is too dark to tell colours apart.
    #[error("there is too little light")]
    TooDark,
    /// The brightness changes more than blood can make it.
    #[error("the light on the face changes too much")]
    UnsteadyLight,
    /// The strongest rhythm lies at the edge of what hearts do.
    #[error("the strongest rhythm is not within the range of a heart")]
    OutOfRange,
    /// No rhythm stands out.
    #[error("no single rhythm stands out")]
    NotPeaked,
    /// The pulse is weaker than the noise.
    #[error("the pulse is weaker than the noise")]
    Noisy,
    /// The wave does not repeat after the period found.
    #[error("the wave does not repeat")]
    NotRepeating,
    /// Regions of the face or methods give different rates.
    #[error("regions of the face do not agree")]
    Disagreement,
    /// What changes is not the colour of blood, alike in all regions.
    #[error("the change of colour is not that of blood")]
    NotBlood,
    /// The rate leapt, and has not settled.
    #[error("the rate changed faster than a heart does")]
    Leap,
    /// Beats are missing or doubled.
    #[error("too many beats are uncertain")]
    UncertainBeats,
}

impl Absence {
    /// The reason as programs are told it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::FaceLost => "face_lost",
            Self::Moving => "moving",
            Self::TooDark => "too_dark",
            Self::UnsteadyLight => "unsteady_light",
            Self::OutOfRange => "out_of_range",
            Self::NotPeaked => "not_peaked",
            Self::Noisy => "noisy",
            Self::NotRepeating => "not_repeating",
            Self::Disagreement => "disagreement",
            Self::NotBlood => "not_blood",
            Self::Leap => "leap",
            Self::UncertainBeats => "uncertain_beats",
        }
    }
}
