//! From the lexicon's notation to the phonemes the voice was trained on.

/// Primary and secondary stress; each stands just before its vowel.
const STRESS: [char; 2] = ['ˈ', 'ˌ'];
const VOWELS: &str = "AIOWYiuæɑəɛɪʊʌɔɜᵊᵻɐ";

/// The symbols [`to_voice`] may give: those of Piper's English voices that American English needs.
#[cfg(test)]
pub(super) const VOICE: &str = "abdefhijklmnoprstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒˈˌːθᵻ";

/// Rewrites a word from the lexicon's notation (one letter a diphthong, no length marks) to the American English IPA of
/// the eSpeak phoneme set, which Piper voices are trained on.
///
/// The differences are length (`iː ɑː ɔː uː ɜː`), r-coloured schwa (`ɚ`), and open schwa at the start of a word (`ɐ`).
pub(super) fn to_voice(word: &str) -> String {
    let symbols: Vec<char> = word.chars().collect();
    let mut ipa = String::with_capacity(word.len() + 8);
    let mut at = 0;
    while let Some(&symbol) = symbols.get(at) {
        let next = symbols.get(at + 1).copied();
        let after = symbols.get(at + 2).copied();
        let stressed = at > 0 && STRESS.contains(&symbols[at - 1]);
        let mut taken = 1;
        match symbol {
            'A' => ipa.push_str("eɪ"),
            'I' => ipa.push_str("aɪ"),
            'O' => ipa.push_str("oʊ"),
            'W' => ipa.push_str("aʊ"),
            'Y' => ipa.push_str("ɔɪ"),
            'ʤ' => ipa.push_str("dʒ"),
            'ʧ' => ipa.push_str("tʃ"),
            'i' if stressed => ipa.push_str("iː"),
            'u' => ipa.push_str("uː"),
            'ɑ' => ipa.push_str("ɑː"),
            'ɔ' => ipa.push_str("ɔː"),
            'ɜ' if next == Some('ɹ') && !after.is_some_and(is_nucleus) => {
                ipa.push_str("ɜː");
                taken = 2;
            }
            'ɜ' => ipa.push_str("ɜː"),
            'ə' if next == Some('ɹ') && !after.is_some_and(|c| STRESS.contains(&c)) => {
                ipa.push('ɚ');
                taken = if after.is_some_and(is_nucleus) { 1 } else { 2 };
            }
            'ə' if at == 0 && symbols.len() > 1 => ipa.push('ɐ'),
            'ᵊ' => ipa.push('ə'),
            'T' => ipa.push('ɾ'),
            other => ipa.push(other),
        }
        at += taken;
    }
    ipa
}

fn is_nucleus(symbol: char) -> bool {
    VOWELS.contains(symbol) || STRESS.contains(&symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrites_the_notation() {
        for (lexicon, voice) in [
            ("pˈAn", "pˈeɪn"),
            ("plˈiz", "plˈiːz"),
            ("hˈæpi", "hˈæpi"),
            ("dˈɑktəɹ", "dˈɑːktɚ"),
            ("bˈɜɹd", "bˈɜːd"),
            ("əbˈWt", "ɐbˈaʊt"),
            ("ɑpəɹˈAʃən", "ɑːpəɹˈeɪʃən"),
            ("mˈɛməɹi", "mˈɛmɚɹi"),
            ("ˈATi", "ˈeɪɾi"),
            ("ʤˈʌʤ", "dʒˈʌdʒ"),
            ("ðə", "ðə"),
        ] {
            assert_eq!(to_voice(lexicon), voice, "{lexicon}");
        }
    }
}
