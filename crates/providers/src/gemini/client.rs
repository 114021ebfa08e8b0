use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::StageFault;
use futures::stream::BoxStream;
use reqwest::header::ACCEPT;
use reqwest::{Client, Url};

use super::codec::Decoder;
use super::{Config, request};
use crate::fault::ConfigFault;
use crate::http;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::sse::{self, Waits};
use crate::traits::ChatModel;

/// The header of the key. The key is never part of an address, which logs keep.
const KEY: &str = "x-goog-api-key";

/// A Gemini model. Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct Gemini {
    name: &'static str,
    config: Arc<Config>,
    url: Url,
    key: Secret,
    client: Client,
}

impl Gemini {
    /// A model called `name` in events and metrics.
    pub fn new(name: &'static str, config: Config, key: Secret) -> Result<Self, ConfigFault> {
        let plain = |text: &str| {
            let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !text.is_empty() && text.chars().all(valid)
        };
        if !plain(&config.version) {
            return Err(ConfigFault::new("version", "must be such as v1beta"));
        }
        if !plain(&config.model) {
            return Err(ConfigFault::new(
                "model",
                "must be a name such as gemini-2.5-flash",
            ));
        }
        let path = format!(
            "/{}/models/{}:streamGenerateContent?alt=sse",
            config.version, config.model
        );
        let url = http::address("url", &config.url, &path)?;
        let client = http::client(Duration::from_millis(config.connect_timeout_ms))?;
        Ok(Self {
            name,
            config: Arc::new(config),
            url,
            key,
            client,
        })
    }
}

impl fmt::Debug for Gemini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gemini")
            .field("name", &self.name)
            .field("model", &self.config.model)
            .finish_non_exhaustive()
    }
}

impl ChatModel for Gemini {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sees(&self) -> bool {
        true
    }

    fn generate(
        &self,
        request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        let body = request::body(&self.config, &request);
        let post = http::sensitive(&self.key.expose()).map(|key| {
            self.client
                .post(self.url.clone())
                .header(ACCEPT, "text/event-stream")
                .header(KEY, key)
                .json(&body)
        });
        let waits = Waits {
            open: Duration::from_millis(self.config.open_timeout_ms),
            next: Duration::from_millis(self.config.event_timeout_ms),
        };
        sse::answer(self.name, post, Decoder::default(), waits)
    }
}
