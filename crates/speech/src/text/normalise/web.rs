//! E-mail and web addresses.

use super::super::number;
use super::reader::{Reader, Spoken};
use super::words::ascii;

const ENDINGS: [&str; 10] = [
    "com", "org", "net", "gov", "edu", "io", "uk", "health", "info", "care",
];

/// `jo@clinic.org`, `https://www.nhs.uk/flu`: names as words, short ones letter by letter.
pub(super) fn address(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    reader.word(at).or_else(|| reader.number(at))?;
    let chunk = reader
        .chunk(at)
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\'']);
    let bare = chunk.trim_start_matches("https://").trim_start_matches("http://");
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let (before, domain) = host
        .rsplit_once('@')
        .map_or(("", host), |(before, domain)| (before, domain));
    let (name, ending) = domain.rsplit_once('.')?;
    let address = name.chars().any(char::is_alphabetic)
        && name
            .chars()
            .chain(before.chars())
            .all(|c| c.is_alphanumeric() || "._-+".contains(c))
        && !name.starts_with('.')
        && (ENDINGS.contains(&ending) || !before.is_empty() && ending.chars().all(char::is_alphabetic));
    if !address || reader.glued(at) {
        return None;
    }
    let taken = reader.tokens_in(at, chunk.len());
    spoken.say(&spelled(bare), reader.span(at..at + taken));
    Some(taken)
}

fn spelled(address: &str) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut rest = address;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            c.is_alphabetic() == first.is_alphabetic() && c.is_ascii_digit() == first.is_ascii_digit()
        };
        let run = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric() || !same(c))
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(run);
        said.push(match first {
            '.' => "dot".to_owned(),
            '@' => "at".to_owned(),
            '/' => "slash".to_owned(),
            '-' => "dash".to_owned(),
            '_' => "underscore".to_owned(),
            '+' => "plus".to_owned(),
            _ if first.is_ascii_digit() => number::digits(piece),
            _ if first.is_alphabetic() => name(piece),
            _ => String::new(),
        });
        rest = after;
    }
    said.join(" ")
}

fn name(piece: &str) -> String {
    let vowels = piece.chars().filter(|c| "aeiouyAEIOUY".contains(*c)).count();
    let known = ENDINGS.contains(&piece) && piece != "uk" && piece != "io";
    if known || vowels > 0 && piece != "io" && piece != "uk" {
        return ascii(piece);
    }
    let letters: Vec<String> = ascii(piece)
        .chars()
        .map(|c| c.to_uppercase().to_string())
        .collect();
    letters.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_said_piece_by_piece() {
        for (written, said) in [
            ("a.jones_2@nhs.net", "a dot jones underscore two at N H S dot net"),
            ("my-clinic.com/help", "my dash clinic dot com slash help"),
        ] {
            assert_eq!(spelled(written), said);
        }
    }
}
