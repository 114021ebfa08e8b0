//! Deepgram: streaming speech to text by Nova (`/v1/listen`) or Flux (`/v2/listen`).
//!
//! Every sample that comes is sent, gapless, also between utterances: an utterance is announced up to half a second after
//! it began (and one that is held by hand when it is over), and since a vendor takes audio at most 1.25 times as fast as
//! it is spoken, what was held back would be late exactly when the patient waits. What is sent is reported as
//! [`Unit::AudioSeconds`](bedside_conversation::service::Unit::AudioSeconds). While no audio comes, Nova is sent
//! `KeepAlive` and Flux silence.
//!
//! Turns are decided by the conversation: `Finish` asks for what is outstanding (`Finalize`, `ForceEndTurn`), and the
//! utterance is the words between its begin and its end by the vendor's own timestamps.

mod address;
mod client;
mod codec;
mod flux;
mod hearing;
mod outbox;
mod timeline;
mod utterances;

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;

use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::socket::{Dial, Pool, Warmth};
use crate::traits::{Transcriber, TranscriberParams, TranscriberStream};

/// An answer holds the words of one stretch of speech: far less than this.
const LARGEST_MESSAGE: usize = 512 * 1024;

/// Two seconds of audio; a vendor that is further behind has failed.
const MOST_UNSENT: usize = 64 * 1024;

/// Which of the two interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `/v1/listen`, for Nova models.
    V1,
    /// `/v2/listen`, for Flux models.
    Flux,
}

/// Settings of Deepgram.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it is, without a path: `wss://api.deepgram.com`, or that of a region.
    pub url: String,
    /// Which interface.
    pub api: Api,
    /// The model; absent, `nova-3-medical` or `flux-general-en`.
    pub model: Option<String>,
    /// The language if a session names none. `flux-general-en` takes none.
    pub language: String,
    /// Words to expect, beside those of a session's prompt. At most 500 tokens in all.
    pub keyterms: Vec<String>,
    /// Whether numbers, dates and the like are written as figures (Nova).
    pub smart_format: bool,
    /// Silence after which Nova settles on what it heard so far, ms.
    pub endpointing_ms: u32,
    /// How sure Flux must be to end a turn by itself, 0.5 to 0.9. Turns are decided by the conversation: high.
    pub eot_threshold: f32,
    /// Silence after which Flux ends a turn by itself, ms.
    pub eot_timeout_ms: u32,
    /// Whether the vendor may learn from the audio. Patients' voices: not unless someone decided so.
    pub model_improvement: bool,
    /// How long connecting may take, ms.
    pub connect_ms: u64,
    /// After the vendor was asked for a final: how long it is waited for if everything up to the end was heard, ms.
    /// Then what is known is the answer.
    pub finalize_ms: u64,
    /// After the vendor was asked for a final: how long it is waited for in any case, ms. Then it has failed.
    pub answer_ms: u64,
    /// While no audio comes: a sign of life after so long, ms. The vendor hangs up after 10 s.
    pub keep_alive_ms: u64,
    /// Sockets dialled ahead for the next session (or for one whose connection breaks) while any session is open.
    pub warm: usize,
    /// How long a socket dialled ahead is kept, ms: the vendor hangs up on one that got no audio for 10 s.
    pub warm_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "wss://api.deepgram.com".into(),
            api: Api::V1,
            model: None,
            language: "en".into(),
            keyterms: Vec::new(),
            smart_format: true,
            endpointing_ms: 300,
            eot_threshold: 0.9,
            eot_timeout_ms: 5_000,
            model_improvement: false,
            connect_ms: 3_000,
            finalize_ms: 600,
            answer_ms: 1_500,
            keep_alive_ms: 4_000,
            warm: 1,
            warm_ms: 8_000,
        }
    }
}

/// Speech to text by Deepgram.
#[derive(Debug, Clone)]
pub struct Deepgram {
    name: &'static str,
    config: Arc<Config>,
    pool: Pool,
}

impl Deepgram {
    /// A transcriber shown as `name`, with a key of the vendor's.
    pub fn new(name: &'static str, config: Config, key: Secret) -> Result<Self, ConfigFault> {
        address::check(&config)?;
        let limit = Duration::from_millis(config.connect_ms);
        let warmth = Warmth {
            sockets: config.warm,
            life: Duration::from_millis(config.warm_ms),
            linger: Duration::ZERO,
        };
        let pool = Pool::new(warmth, move |address| Dial {
            url: address.to_owned(),
            headers: vec![(AUTHORIZATION, format!("Token {}", key.expose()))],
            largest: LARGEST_MESSAGE,
            most_unsent: MOST_UNSENT,
            limit,
        });
        Ok(Self {
            name,
            config: Arc::new(config),
            pool,
        })
    }
}

impl Transcriber for Deepgram {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open(
        &self,
        params: TranscriberParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        let Self { name, config, pool } = self.clone();
        async move {
            let address = address::address(&config, &params);
            let lease = pool
                .take(&address)
                .await
                .map_err(|kind| StageFault { provider: name, kind })?;
            Ok(client::serve(name, &config, params.partials, lease, reporter))
        }
        .boxed()
    }
}
