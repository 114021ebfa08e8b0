//! Cartesia: text to speech over a `WebSocket`.
//!
//! A response borrows a socket from a pool, speaks in a context of its own and gives the socket back: vendors count
//! contexts, not sockets, and a response that shares none waits for nobody. Each segment is followed by a flush, whose
//! acknowledgement says where its audio ends. Frames of other contexts, which a socket may still bring after an
//! interruption, are passed over. Text is reported as
//! [`Unit::Characters`](bedside_conversation::service::Unit::Characters).

mod client;
mod codec;
mod response;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;

use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::socket::{self, Dial, Pool, Warmth};
use crate::traits::{SynthesisParams, SynthesisStream, Synthesizer};

/// A second of 48 kHz audio in base64 is an eighth of it.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// Text alone is sent: a few segments.
const MOST_UNSENT: usize = 64 * 1024;

/// Rates the vendor speaks at.
const RATES: [u32; 6] = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];

/// Settings of Cartesia.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it is, without a path.
    pub url: String,
    /// The version of the interface, a date.
    pub version: String,
    /// The model.
    pub model: String,
    /// The language of what is spoken.
    pub language: String,
    /// The vendor's voices by the names that sessions ask for.
    pub voices: BTreeMap<String, String>,
    /// The name of the voice for sessions that ask for one that is not here.
    pub voice: String,
    /// Samples per second: 8000, 16000, 22050, 24000, 44100 or 48000.
    pub sample_rate: u32,
    /// How long connecting may take, ms.
    pub connect_ms: u64,
    /// The longest time without a sound while text is to be spoken, ms. Then the vendor has failed.
    pub event_ms: u64,
    /// Sockets kept ready. The vendor allows ten times as many as contexts at a time.
    pub warm: usize,
    /// How long a socket is kept unused, ms. The vendor says it hangs up after 5 minutes; some were after one.
    pub warm_ms: u64,
    /// How long sockets are kept ready after the last response, ms.
    pub linger_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "wss://api.cartesia.ai".into(),
            version: "2026-08-14".into(),
            model: "sonic-3".into(),
            language: "en".into(),
            // The voice of the vendor's own introduction.
            voices: [("katie".into(), "f786b574-daa5-4673-aa0c-cbe3e8534c02".into())].into(),
            voice: "katie".into(),
            sample_rate: 24_000,
            connect_ms: 3_000,
            event_ms: 2_500,
            warm: 2,
            warm_ms: 50_000,
            linger_ms: 600_000,
        }
    }
}

/// Text to speech by Cartesia.
#[derive(Debug, Clone)]
pub struct Cartesia {
    name: &'static str,
    config: Arc<Config>,
    address: Arc<str>,
    pool: Pool,
}

impl Cartesia {
    /// A synthesiser shown as `name`, with a key of the vendor's.
    pub fn new(name: &'static str, config: Config, key: Secret) -> Result<Self, ConfigFault> {
        check(&config)?;
        let address = format!("{}/tts/websocket", config.url.trim_end_matches('/'));
        let (limit, version) = (Duration::from_millis(config.connect_ms), config.version.clone());
        let warmth = Warmth {
            sockets: config.warm,
            life: Duration::from_millis(config.warm_ms),
            linger: Duration::from_millis(config.linger_ms),
        };
        let pool = Pool::new(warmth, move |address| Dial {
            url: address.to_owned(),
            headers: vec![
                (AUTHORIZATION, format!("Bearer {}", key.expose())),
                (HeaderName::from_static("cartesia-version"), version.clone()),
            ],
            largest: LARGEST_MESSAGE,
            most_unsent: MOST_UNSENT,
            limit,
        });
        Ok(Self {
            name,
            address: address.into(),
            config: Arc::new(config),
            pool,
        })
    }
}

fn check(config: &Config) -> Result<(), ConfigFault> {
    socket::check(&config.url)?;
    if !config.voices.contains_key(&config.voice) {
        return Err(ConfigFault::new("voice", "must be the name of one of the voices"));
    }
    if !RATES.contains(&config.sample_rate) {
        return Err(ConfigFault::new(
            "sample_rate",
            format!("must be one of {RATES:?}"),
        ));
    }
    Ok(())
}

impl Synthesizer for Cartesia {
    fn name(&self) -> &'static str {
        self.name
    }

    fn voices(&self) -> Vec<String> {
        let others = self
            .config
            .voices
            .keys()
            .filter(|&name| *name != self.config.voice);
        std::iter::once(&self.config.voice)
            .chain(others)
            .cloned()
            .collect()
    }

    fn open(
        &self,
        params: SynthesisParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        let Self {
            name,
            config,
            address,
            pool,
        } = self.clone();
        async move {
            let lease = pool
                .take(&address)
                .await
                .map_err(|kind| StageFault { provider: name, kind })?;
            let style = codec::Style::new(&config, &params);
            let limit = Duration::from_millis(config.event_ms);
            Ok(client::serve(name, style, limit, lease, reporter))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
