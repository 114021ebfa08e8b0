use super::{Api, Config};
use crate::fault::ConfigFault;
use crate::socket::{self, encode};
use crate::traits::TranscriberParams;

/// Tokens that all keyterms may have; past it the vendor stops transcribing without a word.
const MOST_TOKENS: usize = 500;

/// Keyterms of one session: more do not fit a request line that every proxy takes.
const MOST_KEYTERMS: usize = 100;

/// Whether a transcriber can work with these settings.
pub(super) fn check(config: &Config) -> Result<(), ConfigFault> {
    socket::check(&config.url)?;
    if config.keyterms.len() > MOST_KEYTERMS || tokens_of(&config.keyterms) > MOST_TOKENS {
        let problem = format!("must be at most {MOST_KEYTERMS} with {MOST_TOKENS} tokens in all");
        return Err(ConfigFault::new("keyterms", problem));
    }
    if !(0.5..=1.0).contains(&config.eot_threshold) {
        return Err(ConfigFault::new("eot_threshold", "must be 0.5 to 1.0"));
    }
    if !(500..=60_000).contains(&config.eot_timeout_ms) {
        return Err(ConfigFault::new("eot_timeout_ms", "must be 500 to 60000"));
    }
    if config.finalize_ms > config.answer_ms {
        return Err(ConfigFault::new(
            "finalize_ms",
            "must not be longer than answer_ms",
        ));
    }
    Ok(())
}

/// Where a session's audio is sent, with all settings in the query.
pub(super) fn address(config: &Config, params: &TranscriberParams) -> String {
    let language = params.language.as_deref().unwrap_or(&config.language);
    let (path, default_model) = match config.api {
        Api::V1 => ("v1", "nova-3-medical"),
        Api::Flux => ("v2", "flux-general-en"),
    };
    let model = config.model.as_deref().unwrap_or(default_model);
    let mut address = format!("{}/{path}/listen?", config.url.trim_end_matches('/'));
    let mut add = |name: &str, value: &str| {
        if !address.ends_with('?') {
            address.push('&');
        }
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
    };
    add("model", model);
    add("encoding", "linear16");
    add("sample_rate", "16000");
    match config.api {
        Api::V1 => {
            add("channels", "1");
            add("language", language);
            add("interim_results", "true");
            add("punctuate", "true");
            add("smart_format", if config.smart_format { "true" } else { "false" });
            let endpointing = config.endpointing_ms.map(|ms| ms.to_string());
            add("endpointing", endpointing.as_deref().unwrap_or("false"));
        }
        Api::Flux => {
            add("eot_threshold", &config.eot_threshold.to_string());
            add("eot_timeout_ms", &config.eot_timeout_ms.to_string());
            if model.ends_with("-multi") {
                add("language_hint", language);
            }
        }
    }
    if !config.model_improvement {
        add("mip_opt_out", "true");
    }
    for keyterm in keyterms(config, params) {
        add("keyterm", keyterm);
    }
    address
}

/// The configured keyterms, and those of a session's prompt (separated by commas or lines) that still fit.
fn keyterms<'a>(config: &'a Config, params: &'a TranscriberParams) -> Vec<&'a str> {
    let mut terms: Vec<&str> = config.keyterms.iter().map(String::as_str).collect();
    let mut tokens = tokens_of(&terms);
    let prompt = params.prompt.as_deref().unwrap_or_default();
    for term in prompt.split([',', ';', '\n']).map(str::trim) {
        let more = tokens_in(term);
        // A sentence is no term.
        let fits = more > 0 && term.split_whitespace().count() <= 5 && tokens + more <= MOST_TOKENS;
        if fits && terms.len() < MOST_KEYTERMS && !terms.contains(&term) {
            terms.push(term);
            tokens += more;
        }
    }
    terms
}

fn tokens_of<T: AsRef<str>>(terms: &[T]) -> usize {
    terms.iter().map(|term| tokens_in(term.as_ref())).sum()
}

/// Tokens of a term, at most: the vendor's tokeniser is not public, and no common one splits finer than two letters on
/// average.
fn tokens_in(term: &str) -> usize {
    term.split_whitespace()
        .map(|word| word.chars().count().div_ceil(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nova_is_asked_for_interim_results_of_raw_audio() {
        let config = Config {
            url: "ws://127.0.0.1:9/".into(),
            keyterms: vec!["metoprolol".into()],
            ..Config::default()
        };
        let params = TranscriberParams {
            prompt: Some("Müller, atrial fibrillation\nThis is a sentence and not a term".into()),
            ..TranscriberParams::default()
        };
        assert_eq!(
            address(&config, &params),
            "ws://127.0.0.1:9/v1/listen?model=nova-3-medical&encoding=linear16&sample_rate=16000&channels=1\
             &language=en&interim_results=true&punctuate=true&smart_format=true&endpointing=false&mip_opt_out=true\
             &keyterm=metoprolol&keyterm=M%C3%BCller&keyterm=atrial%20fibrillation"
        );
    }

    #[test]
    fn flux_is_hinted_at_a_language_only_if_it_knows_several() {
        let config = |model: Option<&str>| Config {
            api: Api::Flux,
            model: model.map(Into::into),
            ..Config::default()
        };
        let params = TranscriberParams {
            language: Some("de".into()),
            ..TranscriberParams::default()
        };
        assert_eq!(
            address(&config(None), &params),
            "wss://api.deepgram.com/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000\
             &eot_threshold=1&eot_timeout_ms=5000&mip_opt_out=true"
        );
        assert!(address(&config(Some("flux-general-multi")), &params).contains("&language_hint=de"));
    }

    #[test]
    fn too_many_keyterms_are_a_fault_of_the_settings_and_left_out_of_a_prompt() {
        let long: Vec<String> = (0..90).map(|n| format!("hydrochlorothiazide-{n}")).collect();
        let config = Config {
            keyterms: long.clone(),
            ..Config::default()
        };
        assert_eq!(check(&config).map_err(|fault| fault.field), Err("keyterms"));
        let params = TranscriberParams {
            prompt: Some(long.join(",")),
            ..TranscriberParams::default()
        };
        let config = Config::default();
        assert_eq!(check(&config), Ok(()));
        let terms = keyterms(&config, &params);
        assert!(!terms.is_empty() && tokens_of(&terms) <= MOST_TOKENS);
    }

    #[test]
    fn an_address_must_be_that_of_a_socket() {
        for url in ["https://api.deepgram.com", "wss://", "wss://host?x=1"] {
            let config = Config {
                url: url.into(),
                ..Config::default()
            };
            assert_eq!(check(&config).map_err(|fault| fault.field), Err("url"), "{url}");
        }
    }
}
