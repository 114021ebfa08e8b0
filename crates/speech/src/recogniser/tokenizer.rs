//! Whisper's vocabulary: token numbers to text, and the numbers that mean something else than text.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::RecogniserError;

/// A token's number.
pub type Token = u32;

/// The part of a `tokenizer.json` that turns tokens into text.
#[derive(Debug)]
pub struct Tokenizer {
    bytes: Vec<Box<[u8]>>,
    /// Ends the text; every token from here on is special.
    pub end_of_text: Token,
    /// Opens every decoding.
    pub start: Token,
    /// Says that the audio holds no speech; judged, never chosen.
    pub no_speech: Token,
    transcribe: Token,
    no_timestamps: Token,
    languages: HashMap<String, Token>,
}

#[derive(Deserialize)]
struct File {
    added_tokens: Vec<Added>,
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Added {
    id: Token,
    content: String,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: HashMap<String, Token>,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    pub fn load(path: &Path) -> Result<Self, RecogniserError> {
        let read = || -> std::io::Result<File> { Ok(serde_json::from_slice(&std::fs::read(path)?)?) };
        let file = read().map_err(|source| RecogniserError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::new(&file)
    }

    fn new(file: &File) -> Result<Self, RecogniserError> {
        let special: HashMap<&str, Token> = file
            .added_tokens
            .iter()
            .map(|token| (token.content.as_str(), token.id))
            .collect();
        let find = |name: &'static str| {
            special
                .get(name)
                .copied()
                .ok_or(RecogniserError::MissingToken(name))
        };
        let end_of_text = find("<|endoftext|>")?;
        let mut bytes = vec![Box::from([].as_slice()); end_of_text as usize];
        for (text, token) in &file.model.vocab {
            if let Some(slot) = bytes.get_mut(*token as usize) {
                *slot = text.chars().filter_map(byte).collect();
            }
        }
        let languages = special
            .iter()
            .filter_map(|(name, token)| {
                let code = name.strip_prefix("<|")?.strip_suffix("|>")?;
                (matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase()))
                    .then(|| (code.to_owned(), *token))
            })
            .collect();
        Ok(Self {
            bytes,
            end_of_text,
            start: find("<|startoftranscript|>")?,
            no_speech: find("<|nospeech|>").or_else(|_| find("<|nocaptions|>"))?,
            transcribe: find("<|transcribe|>")?,
            no_timestamps: find("<|notimestamps|>")?,
            languages,
        })
    }

    /// The tokens between [`Tokenizer::start`] and the text. English where the language is unknown; the models for
    /// English alone end their text one token earlier and are told neither language nor task.
    pub fn prompt(&self, language: Option<&str>) -> Vec<Token> {
        const ENGLISH_ONLY_END: Token = 50_256;
        if self.end_of_text == ENGLISH_ONLY_END {
            return vec![self.no_timestamps];
        }
        let code = |code| self.languages.get(code).copied();
        language
            .and_then(code)
            .or_else(|| code("en"))
            .into_iter()
            .chain([self.transcribe, self.no_timestamps])
            .collect()
    }

    /// The text of tokens, special ones left out.
    pub fn decode(&self, tokens: &[Token]) -> String {
        let bytes: Vec<u8> = tokens
            .iter()
            .flat_map(|token| self.bytes_of(*token))
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What a token adds to the text: UTF-8, possibly a fragment of a character.
    pub fn bytes_of(&self, token: Token) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], |bytes| bytes)
    }
}

/// The byte that a character of the vocabulary stands for. Byte-level BPE (GPT-2) writes printable bytes as themselves
/// and the others, in order, as the characters from U+0100 on.
fn byte(character: char) -> Option<u8> {
    let printable = |byte: &u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    match u32::from(character) {
        code @ 0x100.. => (0..=255)
            .filter(|byte| !printable(byte))
            .nth(code as usize - 0x100),
        code => u8::try_from(code).ok().filter(printable),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A vocabulary of words numbered from zero, and the special tokens after them.
    pub(in super::super) fn small(words: &[&str]) -> Tokenizer {
        let vocab = words
            .iter()
            .zip(0..)
            .map(|(word, id)| ((*word).to_owned(), id))
            .collect();
        let first = words.len() as Token;
        let special = [
            "<|endoftext|>",
            "<|startoftranscript|>",
            "<|en|>",
            "<|de|>",
            "<|transcribe|>",
            "<|nocaptions|>",
            "<|notimestamps|>",
        ];
        let added_tokens = special
            .iter()
            .zip(first..)
            .map(|(content, id)| Added {
                id,
                content: (*content).to_owned(),
            })
            .collect();
        let model = Vocabulary { vocab };
        Tokenizer::new(&File { added_tokens, model }).expect("all special tokens are there")
    }

    #[test]
    fn text_comes_back_byte_by_byte() {
        let tokenizer = small(&["ĠHello", ",", "ĠcafÃ", "©", "Ċ"]);
        assert_eq!(tokenizer.decode(&[0, 1, 2, 3, 4, 5, 6]), " Hello, café\n");
    }

    #[test]
    fn every_byte_has_one_character() {
        let mut bytes: Vec<u8> = (0..0x200).filter_map(char::from_u32).filter_map(byte).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn languages_are_told_and_default_to_english() {
        let tokenizer = small(&["a"]);
        assert_eq!(tokenizer.prompt(Some("de")), [4, 5, 7]);
        assert_eq!(tokenizer.prompt(Some("xx")), [3, 5, 7]);
        assert_eq!(tokenizer.prompt(None), [3, 5, 7]);
    }
}
