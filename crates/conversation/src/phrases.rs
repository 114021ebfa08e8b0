//! What is said when something went wrong: sentences that need no model.

/// The patient's words were lost.
pub(crate) const UNHEARD: &str = "I'm sorry, I didn't catch that. Could you say it again, please?";

/// No answer could be made.
pub(crate) const TROUBLE: &str =
    "I'm sorry, I'm having trouble answering just now. Could you say that again, please?";
