//! The text of a context that waits to be spoken. Pure.

/// Inputs of a context, joined as they came.
#[derive(Debug, Default)]
pub(super) struct Buffer(String);

impl Buffer {
    /// Takes an input.
    pub(super) fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// The whole sentences, if there are any.
    pub(super) fn sentences(&mut self) -> Option<String> {
        let end = sentence_end(&self.0)?;
        let rest = self.0.split_off(end);
        Some(std::mem::replace(&mut self.0, rest))
    }

    /// Everything, if there is anything to speak.
    pub(super) fn all(&mut self) -> Option<String> {
        let text = std::mem::take(&mut self.0);
        (!text.trim().is_empty()).then_some(text)
    }

    /// Whether anything waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// The end of the last mark of a sentence with white space behind it, or at the very end.
fn sentence_end(text: &str) -> Option<usize> {
    let ends = text.char_indices().filter_map(|(at, c)| {
        let end = at + c.len_utf8();
        let next = text[end..].chars().next();
        (matches!(c, '.' | '?' | '!') && next.is_none_or(char::is_whitespace)).then_some(end)
    });
    ends.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_sentences_are_spoken_and_the_rest_waits() {
        let mut buffer = Buffer::default();
        buffer.push("It is 98.6 deg");
        assert_eq!(buffer.sentences(), None);
        buffer.push("rees. Does it hurt? Tell");
        assert_eq!(
            buffer.sentences().as_deref(),
            Some("It is 98.6 degrees. Does it hurt?")
        );
        assert!(!buffer.is_empty());
        assert_eq!(buffer.all().as_deref(), Some(" Tell"));
        assert_eq!(buffer.all(), None);
    }
}
