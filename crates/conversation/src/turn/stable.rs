//! The part of a growing transcript that will not change, so that it can be sent as deltas.

/// Follows the partial transcripts of one utterance. A word is stable once two partials in a row agree on it and on
/// every word before it (local agreement: Macháček et al., "Turning Whisper into Real-Time Transcription System", 2023).
#[derive(Debug, Default, Clone)]
pub(crate) struct StableText {
    last: String,
    /// Bytes already given out; always a prefix of what was agreed.
    given: String,
}

impl StableText {
    /// Takes the next partial; returns the words that have become stable since the last call, if any.
    pub(crate) fn partial(&mut self, text: &str) -> Option<String> {
        let agreed = common_words(&self.last, text);
        text.clone_into(&mut self.last);
        let delta = text[..agreed]
            .strip_prefix(self.given.as_str())
            .filter(|delta| !delta.is_empty())?;
        let delta = delta.to_owned();
        self.given.push_str(&delta);
        Some(delta)
    }

    /// Takes the final text; returns what is still missing from the deltas, if they were right so far.
    pub(crate) fn finish(&mut self, text: &str) -> Option<String> {
        let delta = text
            .strip_prefix(self.given.as_str())
            .filter(|delta| !delta.is_empty())?;
        Some(delta.to_owned())
    }
}

/// Length in bytes of the longest common prefix of whole words, with the space after the last one left out.
fn common_words(a: &str, b: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    for (left, right) in a.split_inclusive(' ').zip(b.split_inclusive(' ')) {
        let (word, other) = (left.trim_end(), right.trim_end());
        if word != other {
            break;
        }
        end = at + other.len();
        at += right.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_agreed_words_are_given_out_and_the_deltas_make_the_final_text() {
        let mut stable = StableText::default();
        assert_eq!(stable.partial("I have"), None);
        assert_eq!(stable.partial("I have a pane"), Some("I have".into()));
        assert_eq!(stable.partial("I have a pain in"), Some(" a".into()));
        assert_eq!(
            stable.finish("I have a pain in my knee."),
            Some(" pain in my knee.".into())
        );
    }

    #[test]
    fn a_revised_beginning_gives_nothing_more() {
        let mut stable = StableText::default();
        stable.partial("I have");
        stable.partial("I have");
        assert_eq!(stable.partial("Eye halve a"), None);
        assert_eq!(stable.finish("He has a cough."), None);
    }
}
