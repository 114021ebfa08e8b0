//! The query of `/v1/listen`.

use super::Refused;
use super::audio::Coding;
use super::query::{coding, flag, number, too_many};

const CODING_KEYS: [&str; 2] = ["encoding", "sample_rate"];

/// Booleans that change nothing the emulator writes.
const FLAGS: [&str; 6] = [
    "numerals",
    "dictation",
    "profanity_filter",
    "diarize",
    "mip_opt_out",
    "multichannel",
];

/// Texts that change nothing the emulator writes.
const TEXTS: [&str; 10] = [
    "language",
    "language_hint",
    "keywords",
    "search",
    "replace",
    "tag",
    "extra",
    "callback",
    "callback_method",
    "version",
];

const REDACTIONS: [&str; 6] = ["pci", "numbers", "aggressive_numbers", "ssn", "true", "false"];

/// What a client asked for.
#[allow(clippy::struct_excessive_bools, reason = "they are the vendor's")]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NovaQuery {
    pub(super) model: String,
    pub(super) coding: Option<Coding>,
    pub(super) channels: u32,
    pub(super) interim_results: bool,
    /// Milliseconds; none if it is off.
    pub(super) endpointing: Option<u64>,
    pub(super) utterance_end_ms: Option<u64>,
    pub(super) vad_events: bool,
    /// Whether transcripts have punctuation.
    pub(super) written: bool,
    /// Whether finals list entities.
    pub(super) entities: bool,
    /// Whether words say their language.
    pub(super) multilingual: bool,
}

impl NovaQuery {
    /// Reads and checks the pairs.
    pub(super) fn read(pairs: &[(String, String)]) -> Result<Self, Refused> {
        let find = |name: &str| {
            let pair = pairs.iter().rev().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_str())
        };
        let mut query = Self {
            model: "base-general".to_owned(),
            coding: coding(find("encoding"), find("sample_rate"))?,
            channels: 1,
            interim_results: false,
            endpointing: Some(10),
            utterance_end_ms: None,
            vad_events: false,
            written: false,
            entities: false,
            multilingual: find("language") == Some("multi"),
        };
        for (key, value) in pairs {
            query.set(key, value)?;
        }
        let keyterms: Vec<_> = pairs.iter().filter(|(key, _)| key == "keyterm").collect();
        if !keyterms.is_empty() && !query.takes_keyterms() {
            return Err(Refused::bad(
                "Keyterm Prompting is only supported by Nova-3 models.",
            ));
        }
        if too_many(
            &keyterms
                .into_iter()
                .map(|(_, term)| term.clone())
                .collect::<Vec<_>>(),
        ) {
            return Err(Refused::bad("Keyterm limit exceeded: at most 500 tokens in all."));
        }
        if query.utterance_end_ms.is_some() && !query.interim_results {
            return Err(Refused::bad("utterance_end_ms requires interim_results=true."));
        }
        Ok(query)
    }

    /// Whether the model knows keyterms.
    pub(super) fn takes_keyterms(&self) -> bool {
        self.model.starts_with("nova-3")
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Refused> {
        match key {
            "model" => self.model = model(value)?,
            "channels" => self.channels = number(key, value, 1..=20)?,
            "interim_results" => self.interim_results = flag(key, value)?,
            "endpointing" => {
                let off = value == "false";
                self.endpointing = (!off && value != "true")
                    .then(|| number(key, value, 0..=u64::from(u16::MAX)))
                    .transpose()?
                    .or((!off).then_some(10));
            }
            "utterance_end_ms" => self.utterance_end_ms = Some(number(key, value, 1_000..=5_000)?),
            "vad_events" => self.vad_events = flag(key, value)?,
            "smart_format" | "punctuate" => self.written |= flag(key, value)?,
            "detect_entities" => self.entities = flag(key, value)?,
            "keyterm" if !value.trim().is_empty() => {}
            "diarize_model" if matches!(value, "latest" | "v1") => {}
            "redact" if REDACTIONS.contains(&value) => {}
            _ if FLAGS.contains(&key) => drop(flag(key, value)?),
            _ if TEXTS.contains(&key) || CODING_KEYS.contains(&key) => {}
            "keyterm" | "diarize_model" | "redact" => {
                return Err(Refused::bad(format!("Invalid value of {key}.")));
            }
            _ => return Err(Refused::bad(format!("Unknown query parameter {key}."))),
        }
        Ok(())
    }
}

/// Whether this is what follows a family's name: not the number of another family.
fn is_variant(rest: &str) -> bool {
    let variant = rest.strip_prefix('-');
    variant.is_some_and(|variant| variant.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn model(name: &str) -> Result<String, Refused> {
    let family = ["nova-3", "nova-2", "nova", "enhanced", "base", "whisper"];
    let known = family.iter().any(|family| {
        name.strip_prefix(family)
            .is_some_and(|rest| rest.is_empty() || is_variant(rest))
    });
    if known {
        return Ok(name.to_owned());
    }
    Err(Refused::bad("No such model/language/tier combination found."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deepgram::query::pairs;

    fn read(query: &str) -> Result<NovaQuery, Refused> {
        NovaQuery::read(&pairs(Some(query)))
    }

    #[test]
    fn a_usual_query_is_understood() {
        let query = read(
            "model=nova-3-medical&encoding=linear16&sample_rate=16000&interim_results=true&endpointing=300\
             &utterance_end_ms=1000&vad_events=true&smart_format=true&keyterm=metoprolol&keyterm=atrial+flutter&tag=x",
        )
        .expect("valid");
        assert_eq!(
            (query.endpointing, query.utterance_end_ms),
            (Some(300), Some(1_000))
        );
        assert!(query.interim_results && query.vad_events && query.written);
        assert_eq!(read("endpointing=false").map(|query| query.endpointing), Ok(None));
    }

    #[test]
    fn what_the_vendor_refuses_is_refused() {
        for query in [
            "model=flux-general-en",
            "model=nova-4",
            "encoding=linear16",
            "interim_results=yes",
            "utterance_end_ms=1000",
            "utterance_end_ms=10&interim_results=true",
            "model=nova-2&keyterm=metoprolol",
            "endpointing=soon",
            "channels=0",
            "redact=names",
            "eot_threshold=0.7",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
        let keyterms = format!("model=nova-3&keyterm={}", "a+".repeat(400));
        assert!(read(&keyterms).is_err());
    }
}
