//! Cuts a model's text into segments to speak: whole sentences, or clauses of a long one, as they complete.
//!
//! A segment never ends after an abbreviation ("Dr."), inside a number ("98.6", "1,000") or inside "e.g.". Segments,
//! concatenated, are the text.

/// A sentence shorter than this joins the next one, so that "Yes. I see." is one breath.
const MIN_CHARS: usize = 12;

/// A sentence longer than this is cut at a clause.
const LONG_CHARS: usize = 140;

/// Text with no place to cut is cut at a word here, so that no segment grows without bound.
const MAX_CHARS: usize = 320;

/// Written with a full stop that does not end a sentence, in lower case.
const ABBREVIATIONS: &[&str] = &[
    "dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "vs", "etc", "e.g", "i.e", "approx", "no", "dept",
    "est", "tab", "tabs", "cap", "caps", "inj", "max", "min", "temp", "wt", "ht", "hx", "rx", "dx", "p.r.n",
    "b.i.d", "t.i.d", "q.i.d", "q.d", "p.o", "a.m", "p.m", "u.s", "ph.d", "m.d", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "fig", "vol",
];

/// Collects text and gives out segments.
#[derive(Debug, Default)]
pub(crate) struct Chunker {
    pending: String,
}

impl Chunker {
    /// Adds the next piece of text.
    pub(crate) fn push(&mut self, text: &str) {
        self.pending.push_str(text);
    }

    /// The next complete segment. A segment is complete when the character after its last space is known, so that
    /// "98." waits for what follows.
    pub(crate) fn next_segment(&mut self) -> Option<String> {
        let end = self.find_cut()?;
        let rest = self.pending.split_off(end);
        Some(std::mem::replace(&mut self.pending, rest))
    }

    /// The text is complete: what remains is the last segment, if it has anything to say.
    pub(crate) fn finish(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.pending);
        (!rest.trim().is_empty()).then_some(rest)
    }

    /// No more of this text follows: drops the word that may not be complete. Returns the bytes dropped.
    pub(crate) fn break_off(&mut self) -> usize {
        let whole = whole_words(&self.pending);
        let dropped = self.pending.len() - whole;
        self.pending.truncate(whole);
        dropped
    }

    fn find_cut(&self) -> Option<usize> {
        let text = self.pending.as_str();
        let mut clause_end = None;
        let mut word_end = None;
        let mut chars = 0;
        let mut iter = text.char_indices().peekable();
        while let Some((at, c)) = iter.next() {
            chars += 1;
            let Some(&(after, next)) = iter.peek() else { break };
            if c == '\n' && next != '\n' && chars >= MIN_CHARS {
                return Some(after);
            }
            if !c.is_whitespace() || next.is_whitespace() {
                continue;
            }
            // `after` starts a word: may a segment end here?
            let before = text[..at].trim_end();
            if chars >= MIN_CHARS && ends_sentence(before, next) {
                return Some(after);
            }
            if before.ends_with([',', ';', ':', '–', '—']) && chars >= MIN_CHARS {
                clause_end = Some(after);
            }
            word_end = Some(after);
            if chars >= LONG_CHARS && clause_end.is_some() {
                return clause_end;
            }
            if chars >= MAX_CHARS {
                return word_end;
            }
        }
        if chars >= MAX_CHARS {
            Some(word_end.unwrap_or_else(|| floor_char(text, MAX_CHARS)))
        } else {
            None
        }
    }
}

/// Whether `before` ends a sentence, given the first character of the next word.
fn ends_sentence(before: &str, next: char) -> bool {
    let body = before.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
    if body.ends_with(['!', '?', '…', '。', '？', '！']) {
        return true;
    }
    let Some(body) = body.strip_suffix('.') else {
        return false;
    };
    let word = body
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or(body);
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) {
        // "at 8 a.m. Please …" ends a sentence; "Dr. Adams" does not, and neither does "approx. 5".
        return matches!(lower.as_str(), "a.m" | "p.m" | "etc") && next.is_uppercase();
    }
    // An initial ("J. Smith") or a list number ("2. Rest") does not end one; "vitamin D." before a capital may.
    let single_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let list_number = word.chars().all(|c| c.is_ascii_digit()) && word.len() == body.trim_start().len();
    !(single_letter && word != "I" || list_number)
}

/// Length in bytes of what is surely complete of an unfinished text: up to the last space.
pub(crate) fn whole_words(text: &str) -> usize {
    text.char_indices()
        .rev()
        .find(|(_, c)| c.is_whitespace())
        .map_or(0, |(at, c)| at + c.len_utf8())
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the text in pieces of `step` bytes (at character borders) and collects the segments.
    fn chunks(text: &str, step: usize) -> Vec<String> {
        let mut chunker = Chunker::default();
        let mut out = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let mut to = (from + step).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            chunker.push(&text[from..to]);
            from = to;
            out.extend(std::iter::from_fn(|| chunker.next_segment()));
        }
        out.extend(chunker.finish());
        out
    }

    #[test]
    fn cuts_at_sentences_and_nowhere_else() {
        for (text, expected) in [
            (
                "I am Dr. Adams from the clinic. How are you?",
                vec!["I am Dr. Adams from the clinic. ", "How are you?"],
            ),
            (
                "Your temperature is 98.6 today. Good.",
                vec!["Your temperature is 98.6 today. ", "Good."],
            ),
            (
                "Take 1,000 mg, e.g. after lunch. Then rest.",
                vec!["Take 1,000 mg, e.g. after lunch. ", "Then rest."],
            ),
            ("Yes. I see. Tell me more.", vec!["Yes. I see. ", "Tell me more."]),
            (
                "Call at 8 a.m. Please do not wait.",
                vec!["Call at 8 a.m. ", "Please do not wait."],
            ),
            (
                "Ask Mr. J. Smith vs. the others first.",
                vec!["Ask Mr. J. Smith vs. the others first."],
            ),
            (
                "She said \"it hurts here.\" Where exactly?",
                vec!["She said \"it hurts here.\" ", "Where exactly?"],
            ),
            (
                "Is it worse at night?! Tell me.",
                vec!["Is it worse at night?! ", "Tell me."],
            ),
            ("   ", vec![]),
        ] {
            for step in [1, 3, 1_000] {
                assert_eq!(chunks(text, step), expected, "step {step}");
            }
        }
    }

    #[test]
    fn a_number_is_not_cut_while_its_end_is_unknown() {
        let mut chunker = Chunker::default();
        chunker.push("Your temperature was 98.");
        assert_eq!(chunker.next_segment(), None);
        chunker.push("6 degrees. ");
        assert_eq!(chunker.next_segment(), None);
        chunker.push("Fine");
        assert_eq!(
            chunker.next_segment().as_deref(),
            Some("Your temperature was 98.6 degrees. ")
        );
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_clause_and_a_run_without_one_at_a_word() {
        let clauses = "please tell me a little more about it, ".repeat(6);
        let first = &chunks(&clauses, 7)[0];
        assert!(
            first.ends_with(", ") && first.len() <= LONG_CHARS + 40,
            "{first:?}"
        );
        let words = "word ".repeat(200);
        assert!(
            chunks(&words, 11)
                .iter()
                .all(|s| s.chars().count() <= MAX_CHARS + 10)
        );
        let solid = "é".repeat(1_000);
        assert!(
            chunks(&solid, 50)
                .iter()
                .all(|s| s.chars().count() <= MAX_CHARS + 50)
        );
    }

    #[test]
    fn segments_concatenate_to_the_text() {
        let text = "Hello there. I'm Dr. Lee; it's 9.5, isn't it? Well… so be it!\nNew line. ".repeat(5);
        for step in 1..9 {
            assert_eq!(chunks(&text, step).concat(), text);
        }
    }
}
