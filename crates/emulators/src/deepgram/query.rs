//! What both services check in a query.

use super::Refused;
use super::audio::{Coding, Encoding};

/// Keyterms take at most this many tokens in all; a word is taken for one and a half.
const KEYTERM_TOKENS: usize = 500;

/// Decodes the pairs of a query, in order.
pub(super) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let parts = query
        .unwrap_or_default()
        .split('&')
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next().unwrap_or(b'?')).to_digit(16);
                let (high, low) = (digit(), digit());
                high.zip(low).map_or(b'?', |(high, low)| (high * 16 + low) as u8)
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn flag(key: &str, value: &str) -> Result<bool, Refused> {
    value
        .parse()
        .map_err(|_| Refused::bad(format!("{key} must be true or false.")))
}

pub(super) fn number<T>(key: &str, value: &str, range: std::ops::RangeInclusive<T>) -> Result<T, Refused>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let bad = || {
        Refused::bad(format!(
            "{key} must be between {} and {}.",
            range.start(),
            range.end()
        ))
    };
    let number = value.parse().map_err(|_| bad())?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(bad())
    }
}

/// Whether these keyterms are too many.
pub(super) fn too_many(keyterms: &[String]) -> bool {
    let words: usize = keyterms.iter().map(|term| term.split_whitespace().count()).sum();
    words * 3 / 2 > KEYTERM_TOKENS
}

/// What raw audio is; `None` for a container.
pub(super) fn coding(encoding: Option<&str>, sample_rate: Option<&str>) -> Result<Option<Coding>, Refused> {
    let rate = sample_rate
        .map(|rate| number("sample_rate", rate, 8_000..=48_000))
        .transpose()?;
    let Some(name) = encoding else {
        return Ok(None);
    };
    let encoding = match name {
        "linear16" => Encoding::Linear16,
        "linear32" => Encoding::Linear32,
        "mulaw" => Encoding::MuLaw,
        "alaw" => Encoding::ALaw,
        "flac" | "amr-nb" | "amr-wb" | "opus" | "ogg-opus" | "speex" | "g729" => Encoding::Unsupported,
        _ => return Err(Refused::bad(format!("{name} is not a known encoding."))),
    };
    match rate {
        Some(rate) => Ok(Some(Coding { encoding, rate })),
        None if name == "ogg-opus" => Ok(None),
        None => Err(Refused::bad("encoding requires sample_rate.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_may_repeat_and_hold_spaces() {
        let pairs = pairs(Some("keyterm=chest+pain&keyterm=m%C3%BCde&smart_format"));
        let expected = [
            ("keyterm", "chest pain"),
            ("keyterm", "müde"),
            ("smart_format", ""),
        ];
        assert_eq!(pairs, expected.map(|(key, value)| (key.into(), value.into())));
    }

    #[test]
    fn raw_audio_needs_a_rate() {
        assert!(coding(Some("linear16"), None).is_err());
        assert!(coding(Some("linear17"), Some("16000")).is_err());
        assert!(coding(Some("linear16"), Some("fast")).is_err());
        let coding = coding(Some("mulaw"), Some("8000"));
        let encoding = Encoding::MuLaw;
        assert_eq!(
            coding,
            Ok(Some(Coding {
                encoding,
                rate: 8_000
            }))
        );
    }
}
