/// Words a passage aims at: enough to answer from, little enough to be read by a model several at a time.
const AIM: usize = 120;

/// Words of a passage at most. A longer paragraph is cut.
const MOST: usize = 240;

/// A piece of a document and the heading it stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) heading: String,
    pub(super) text: String,
}

/// A document in passages: paragraphs of one heading are joined up to a readable length, and headings never are.
pub(super) fn pieces(document: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut heading = String::new();
    let mut text = String::new();
    for block in blocks(document) {
        if let Some(title) = title(&block) {
            flush(&mut out, &heading, &mut text);
            title.clone_into(&mut heading);
            continue;
        }
        let (words, more) = (count(&text), count(&block));
        if words > 0 && (words >= AIM || words + more > MOST) {
            flush(&mut out, &heading, &mut text);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&block);
        while count(&text) > MOST {
            let rest = split_off(&mut text, MOST);
            flush(&mut out, &heading, &mut text);
            text = rest;
        }
    }
    flush(&mut out, &heading, &mut text);
    out
}

/// Paragraphs and headings, as single lines where the document breaks them.
fn blocks(document: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut block = String::new();
    for line in document.lines().map(str::trim) {
        if line.is_empty() || title(line).is_some() {
            out.extend((!block.is_empty()).then(|| std::mem::take(&mut block)));
        }
        if title(line).is_some() {
            out.push(line.to_owned());
        } else if !line.is_empty() {
            if !block.is_empty() {
                block.push(' ');
            }
            block.push_str(line);
        }
    }
    out.extend((!block.is_empty()).then_some(block));
    out
}

fn title(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| rest.trim())
}

fn flush(out: &mut Vec<Piece>, heading: &str, text: &mut String) {
    if !text.trim().is_empty() {
        out.push(Piece {
            heading: heading.to_owned(),
            text: std::mem::take(text),
        });
    }
    text.clear();
}

fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// What follows the first `words` words.
fn split_off(text: &mut String, words: usize) -> String {
    let rest: Vec<_> = text.split_whitespace().skip(words).collect();
    let rest = rest.join(" ");
    let first: Vec<_> = text.split_whitespace().take(words).collect();
    *text = first.join(" ");
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_under_their_heading() {
        let pieces = pieces("Intro\nline.\n\n# Lisinopril\nFirst.\n\nSecond.\n## Doses\n#no title\n");
        let lines: Vec<_> = pieces
            .iter()
            .map(|piece| format!("{}: {}", piece.heading, piece.text))
            .collect();
        assert_eq!(
            lines,
            [": Intro line.", "Lisinopril: First.\nSecond.", "Doses: #no title"]
        );
    }

    #[test]
    fn no_word_is_lost_and_no_passage_too_long() {
        let word = |n: usize| format!("w{n} ");
        let long: String = (0..1_000).map(word).collect();
        let document = format!("{long}\n\n{}\n\n{long}", "short ".repeat(20));
        let pieces = pieces(&document);
        assert!(pieces.iter().all(|piece| count(&piece.text) <= MOST));
        assert_eq!(
            pieces.iter().map(|piece| count(&piece.text)).sum::<usize>(),
            2_020
        );
    }
}
