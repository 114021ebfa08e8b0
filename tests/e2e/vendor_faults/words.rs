//! Comparing what was said with what should have been.

/// Said to bridge a wait, and no part of an answer.
const FILLERS: [&str; 1] = ["one moment please"];

/// The words of a text, in lower case and without punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '\'' {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    plain.split_whitespace().map(str::to_owned).collect()
}

/// The words of an answer without those that bridge a wait.
pub(crate) fn answer(text: &str) -> Vec<String> {
    let mut said = words(text).join(" ");
    for filler in FILLERS {
        said = said.replace(filler, " ");
    }
    said.split_whitespace().map(str::to_owned).collect()
}

/// Words that are missing, added or others, for each word of `reference` (the word error rate).
pub(crate) fn errors(reference: &[String], heard: &[String]) -> f64 {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, expected) in reference.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, word) in heard.iter().enumerate() {
            let replaced = diagonal + usize::from(word != expected);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[heard.len()] as f64 / reference.len().max(1) as f64
}

/// The first three words in a row that come twice in `heard` but not in `reference`.
pub(crate) fn said_twice(reference: &[String], heard: &[String]) -> Option<String> {
    let count =
        |words: &[String], wanted: &[String]| words.windows(3).filter(|window| *window == wanted).count();
    heard
        .windows(3)
        .find(|window| count(heard, window) > count(reference, window).max(1))
        .map(|window| window.join(" "))
}
