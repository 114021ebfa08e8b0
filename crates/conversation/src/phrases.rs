//! What is said when something went wrong: sentences that need no model.

/// The patient's words were lost.
pub(crate) const UNHEARD: &str = "I'm sorry, I didn't catch that. Could you say it again, please?";

/// The answer takes its time. A space follows: it is the beginning of the answer.
pub(crate) const ONE_MOMENT: &str = "One moment, please. ";

/// The consultation is over and nobody has said so.
pub(crate) const GOODBYE: &str = "Thank you for talking with me. Goodbye.";

/// No answer could be made.
pub(crate) const TROUBLE: &str =
    "I'm sorry, I'm having trouble answering just now. Could you say that again, please?";
