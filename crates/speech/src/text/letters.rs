//! Letters to sounds, for the words no lexicon has.

use super::lexicon::letter_name;

/// Spellings and their sounds in the lexicon's notation, the longest first within a letter. `^` and `$` mark the ends of
/// the word. Stress is placed afterwards.
const RULES: &[(&str, &str)] = &[
    ("^kn", "n"),
    ("^gn", "n"),
    ("^pn", "n"),
    ("^ps", "s"),
    ("^wr", "ɹ"),
    ("^x", "z"),
    ("^mc", "mək"),
    ("^rh", "ɹ"),
    ("tion", "ʃən"),
    ("sion", "ʒən"),
    ("cious", "ʃəs"),
    ("tious", "ʃəs"),
    ("cian", "ʃən"),
    ("ture", "ʧəɹ"),
    ("ough", "O"),
    ("augh", "ɔ"),
    ("eigh", "A"),
    ("igh", "I"),
    ("tch", "ʧ"),
    ("dge", "ʤ"),
    ("sch", "sk"),
    ("ology", "ɑləʤi"),
    ("itis$", "Iɾəs"),
    ("osis$", "Osəs"),
    ("emia$", "imiə"),
    ("opathy$", "ɑpəθi"),
    ("ectomy$", "ɛktəmi"),
    ("oscopy$", "ɑskəpi"),
    ("ase$", "As"),
    ("ide$", "Id"),
    ("ine$", "in"),
    ("one$", "On"),
    ("ole$", "Ol"),
    ("ate$", "At"),
    ("afil$", "əfɪl"),
    ("azole$", "əzOl"),
    ("mab$", "mæb"),
    ("nib$", "nɪb"),
    ("statin$", "stætən"),
    ("pril$", "pɹɪl"),
    ("sartan$", "sɑɹtæn"),
    ("olol$", "əlɔl"),
    ("cillin$", "sɪlən"),
    ("mycin$", "mIsən"),
    ("cycline$", "sIklin"),
    ("vir$", "vɪɹ"),
    ("ia$", "iə"),
    ("ism$", "ɪzəm"),
    ("le$", "əl"),
    ("ous$", "əs"),
    ("al$", "əl"),
    ("ey$", "i"),
    ("ie$", "i"),
    ("ies$", "iz"),
    ("y$", "i"),
    ("e$", ""),
    ("es$", "z"),
    ("ed$", "d"),
    ("a$", "ə"),
    ("o$", "O"),
    ("i$", "i"),
    ("air", "ɛɹ"),
    ("are$", "ɛɹ"),
    ("ear", "ɪɹ"),
    ("eer", "ɪɹ"),
    ("ere$", "ɪɹ"),
    ("ire$", "Iəɹ"),
    ("ore$", "ɔɹ"),
    ("oor", "ɔɹ"),
    ("our", "ɔɹ"),
    ("ure$", "jʊɹ"),
    ("ar", "ɑɹ"),
    ("er", "əɹ"),
    ("ir", "ɜɹ"),
    ("or", "ɔɹ"),
    ("ur", "ɜɹ"),
    ("yr", "ɪɹ"),
    ("ai", "A"),
    ("ay", "A"),
    ("au", "ɔ"),
    ("aw", "ɔ"),
    ("ee", "i"),
    ("ea", "i"),
    ("ei", "A"),
    ("ew", "u"),
    ("eu", "ju"),
    ("ie", "i"),
    ("oa", "O"),
    ("oe", "i"),
    ("oi", "Y"),
    ("oy", "Y"),
    ("oo", "u"),
    ("ou", "W"),
    ("ow", "O"),
    ("ue", "u"),
    ("ui", "u"),
    ("ae", "i"),
    ("ch", "ʧ"),
    ("ck", "k"),
    ("gh", "ɡ"),
    ("ng", "ŋ"),
    ("ph", "f"),
    ("qu", "kw"),
    ("sh", "ʃ"),
    ("th", "θ"),
    ("wh", "w"),
    ("cc", "k"),
    ("ss", "s"),
    ("ce", "sɛ"),
    ("ci", "sɪ"),
    ("cy", "sI"),
    ("ge", "ʤɛ"),
    ("gi", "ʤɪ"),
    ("gy", "ʤI"),
    ("ll", "l"),
    ("tt", "t"),
    ("pp", "p"),
    ("mm", "m"),
    ("nn", "n"),
    ("ff", "f"),
    ("rr", "ɹ"),
    ("bb", "b"),
    ("dd", "d"),
    ("gg", "ɡ"),
    ("zz", "z"),
    ("a", "æ"),
    ("b", "b"),
    ("c", "k"),
    ("d", "d"),
    ("e", "ɛ"),
    ("f", "f"),
    ("g", "ɡ"),
    ("h", "h"),
    ("i", "ɪ"),
    ("j", "ʤ"),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("o", "ɑ"),
    ("p", "p"),
    ("q", "k"),
    ("r", "ɹ"),
    ("s", "s"),
    ("t", "t"),
    ("u", "ʌ"),
    ("v", "v"),
    ("w", "w"),
    ("x", "ks"),
    ("y", "ɪ"),
    ("z", "z"),
];
const VOWELS: &str = "AIOWYiuæɑəɛɪʊʌɔɜ";

/// Sounds an unknown word out, in the lexicon's notation; one without a vowel letter is spelled. Never empty for a word
/// with a letter.
pub(super) fn sounds(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let letters: String = lower.chars().filter(char::is_ascii_alphabetic).collect();
    if !letters.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        return spelled(&letters);
    }
    let mut sounds = String::new();
    let mut rest = letters.as_str();
    while !rest.is_empty() {
        let start = rest.len() == letters.len();
        let rule = RULES
            .iter()
            .filter(|(spelling, _)| matches(rest, spelling, start));
        let (spelling, sound) = rule
            .max_by_key(|(spelling, _)| spelling.len())
            .copied()
            .unwrap_or(("?", ""));
        sounds.push_str(sound);
        rest = &rest[spelling.trim_matches(['^', '$']).len()..];
    }
    if sounds.contains(|c| VOWELS.contains(c)) {
        stressed(&sounds)
    } else {
        spelled(&letters)
    }
}

fn matches(rest: &str, spelling: &str, start: bool) -> bool {
    let plain = spelling.trim_matches(['^', '$']);
    let ends = !spelling.ends_with('$') || rest.len() == plain.len();
    (start || !spelling.starts_with('^')) && ends && rest.starts_with(plain)
}

fn spelled(letters: &str) -> String {
    letters
        .chars()
        .filter_map(letter_name)
        .collect::<Vec<_>>()
        .join("")
}

/// Stresses the vowel before the last two, as long words in medicine are, or the first of a shorter word.
fn stressed(sounds: &str) -> String {
    let vowels: Vec<usize> = sounds
        .match_indices(|c| VOWELS.contains(c))
        .map(|(at, _)| at)
        .collect();
    let chosen = vowels.len().saturating_sub(3);
    match vowels.get(chosen) {
        Some(&at) => format!("{}ˈ{}", &sounds[..at], &sounds[at..]),
        None => sounds.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_sounded_out() {
        for (word, said) in [
            ("zoraprine", "zˈɔɹæpɹin"),
            ("blorvitis", "blˈɔɹvIɾəs"),
            ("Knuth", "nˈʌθ"),
            ("qzxwv", "kjˈuzˈiˈɛksdˈʌbəljuvˈi"),
        ] {
            assert_eq!(sounds(word), said, "{word}");
        }
    }

    #[test]
    fn no_letter_leaves_a_word_silent() {
        for first in 'a'..='z' {
            for second in 'a'..='z' {
                let word = format!("{first}{second}");
                assert!(sounds(&word).chars().any(|c| VOWELS.contains(c)), "{word}");
            }
        }
    }
}
