//! The query of `/v2/listen`, and what can be changed of it later.

use serde_json::Value;

use super::Refused;
use super::audio::Coding;
use super::query::{coding, flag, number, too_many};
use super::turn::Thresholds;

/// What a client asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FluxQuery {
    pub(super) model: String,
    pub(super) coding: Option<Coding>,
    pub(super) thresholds: Thresholds,
    pub(super) keyterms: Vec<String>,
    pub(super) language_hints: Vec<String>,
    pub(super) numerals: bool,
}

impl FluxQuery {
    /// Reads and checks the pairs.
    pub(super) fn read(pairs: &[(String, String)]) -> Result<Self, Refused> {
        let find = |name: &str| {
            let pair = pairs.iter().rev().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_str())
        };
        let model = find("model").ok_or_else(|| Refused::bad("model is required."))?;
        if !matches!(model, "flux-general-en" | "flux-general-multi") {
            return Err(Refused::bad("No such model."));
        }
        let mut query = Self {
            model: model.to_owned(),
            coding: coding(find("encoding"), find("sample_rate"))?,
            thresholds: Thresholds {
                eot: 0.7,
                eager: None,
                timeout_ms: 5_000,
            },
            keyterms: Vec::new(),
            language_hints: Vec::new(),
            numerals: false,
        };
        for (key, value) in pairs {
            query.set(key, value)?;
        }
        query.check()?;
        Ok(query)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Refused> {
        match key {
            "model" | "encoding" | "sample_rate" | "tag" => {}
            "eot_threshold" => self.thresholds.eot = number(key, value, 0.5..=1.0)?,
            "eager_eot_threshold" => self.thresholds.eager = Some(number(key, value, 0.3..=0.9)?),
            "eot_timeout_ms" => self.thresholds.timeout_ms = number(key, value, 500..=60_000)?,
            "keyterm" => self.keyterms.push(value.to_owned()),
            "language_hint" => self.language_hints.push(value.to_owned()),
            "numerals" => self.numerals = flag(key, value)?,
            "profanity_filter" | "mip_opt_out" => drop(flag(key, value)?),
            "redact" if matches!(value, "numbers" | "aggressive_numbers") => {}
            _ => return Err(Refused::bad(format!("Unknown or invalid query parameter {key}."))),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Refused> {
        if !self.language_hints.is_empty() && self.model != "flux-general-multi" {
            return Err(Refused::bad("language_hint requires flux-general-multi."));
        }
        if too_many(&self.keyterms) {
            return Err(Refused::bad("Keyterm limit exceeded: at most 500 tokens in all."));
        }
        let Thresholds { eot, eager, .. } = self.thresholds;
        if eager.is_some_and(|eager| eager > eot) {
            return Err(Refused::bad("eager_eot_threshold must not exceed eot_threshold."));
        }
        Ok(())
    }

    /// The query with what a `Configure` message gives. What it leaves out stays.
    pub(super) fn configured(&self, message: &Value) -> Result<Self, Refused> {
        let mut changed = self.clone();
        if let Some(thresholds) = message.get("thresholds").and_then(Value::as_object) {
            for (key, value) in thresholds.iter().filter(|(_, value)| !value.is_null()) {
                changed.set(key, &value.to_string())?;
            }
        }
        let list = |name: &str| {
            let list = message.get(name).filter(|list| !list.is_null())?;
            let list = serde_json::from_value::<Vec<String>>(list.clone());
            Some(list.map_err(|_| Refused::bad(format!("{name} must be a list of texts."))))
        };
        if let Some(keyterms) = list("keyterms") {
            changed.keyterms = keyterms?;
        }
        if let Some(hints) = list("language_hints") {
            changed.language_hints = hints?;
        }
        if let Some(numerals) = message.get("numerals").and_then(Value::as_bool) {
            changed.numerals = numerals;
        }
        changed.check()?;
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deepgram::query::pairs;

    fn read(query: &str) -> Result<FluxQuery, Refused> {
        FluxQuery::read(&pairs(Some(query)))
    }

    #[test]
    fn what_the_vendor_refuses_is_refused() {
        for query in [
            "encoding=linear16&sample_rate=16000",
            "model=nova-3",
            "model=flux-general-en&eot_threshold=0.4",
            "model=flux-general-en&eager_eot_threshold=0.95",
            "model=flux-general-en&eager_eot_threshold=0.8&eot_threshold=0.6",
            "model=flux-general-en&eot_timeout_ms=100",
            "model=flux-general-en&language_hint=es",
            "model=flux-general-en&interim_results=true",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_configuration_changes_what_it_names() {
        let query = read("model=flux-general-en&eager_eot_threshold=0.4&keyterm=angina").expect("valid");
        let message = json!({ "type": "Configure", "thresholds": { "eot_threshold": 0.9 }, "keyterms": [] });
        let changed = query.configured(&message).expect("valid");
        let expected = Thresholds {
            eot: 0.9,
            eager: Some(0.4),
            timeout_ms: 5_000,
        };
        assert_eq!(
            (changed.thresholds, changed.keyterms),
            (expected, Vec::<String>::new())
        );
        let wrong = json!({ "thresholds": { "eot_threshold": 3 } });
        assert!(query.configured(&wrong).is_err());
    }
}
