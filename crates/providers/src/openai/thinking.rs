const OPENS: &str = "<think>";
const CLOSES: &str = "</think>";

/// Takes a model's thoughts out of its answer, where a server leaves them in: `<think>…</think>` before the first word.
/// They are not for the patient.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    at: At,
    /// What may yet turn out to be a mark.
    held: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Start,
    Thought,
    AfterThought,
    Answer,
}

impl Thinking {
    /// What of `delta`, and of what was held back, is to be said.
    pub(super) fn spoken(&mut self, delta: &str) -> String {
        if self.at == At::Answer {
            return delta.to_owned();
        }
        self.held.push_str(delta);
        loop {
            match self.at {
                At::Start => {
                    let begun = self.held.trim_start();
                    if begun.len() < OPENS.len() && OPENS.starts_with(begun) {
                        return String::new();
                    }
                    self.at = if begun.starts_with(OPENS) {
                        At::Thought
                    } else {
                        At::Answer
                    };
                }
                At::Thought => {
                    let Some(end) = self.held.find(CLOSES) else {
                        // The mark may be cut in two: its beginning is all that needs to be kept.
                        let keep = self.held.len().saturating_sub(CLOSES.len() - 1);
                        self.held.drain(..self.held.ceil_char_boundary(keep));
                        return String::new();
                    };
                    self.held.drain(..end + CLOSES.len());
                    self.at = At::AfterThought;
                }
                At::AfterThought => {
                    if self.held.trim_start().is_empty() {
                        self.held.clear();
                        return String::new();
                    }
                    self.held = self.held.trim_start().to_owned();
                    self.at = At::Answer;
                }
                At::Answer => return std::mem::take(&mut self.held),
            }
        }
    }

    /// What was held back to the end: an answer that is the beginning of a mark.
    pub(super) fn rest(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if self.at == At::Start { held } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str, piece: usize) -> String {
        let mut thinking = Thinking::default();
        let chars: Vec<char> = text.chars().collect();
        let mut out: String = chars
            .chunks(piece)
            .map(|delta| thinking.spoken(&delta.iter().collect::<String>()))
            .collect();
        out.push_str(&thinking.rest());
        out
    }

    #[test]
    fn thoughts_are_not_spoken_however_they_are_cut() {
        let cases = [
            ("Hello there.", "Hello there."),
            ("<think>Is she älter? </thin no</think>\n\nHello.", "Hello."),
            (" \n<think></think>Hello <think>", "Hello <think>"),
            ("<think>never ends", ""),
            ("<thi", "<thi"),
            ("< 120 is fine", "< 120 is fine"),
            ("", ""),
        ];
        for (text, expected) in cases {
            for piece in 1..=text.len().max(1) {
                assert_eq!(spoken(text, piece), expected, "{text:?} by {piece}");
            }
        }
    }
}
