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

/// A chat model of a server that speaks like OpenAI's. Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct OpenAi {
    name: &'static str,
    config: Arc<Config>,
    url: Url,
    key: Option<Secret>,
    client: Client,
}

impl OpenAi {
    /// A model called `name` in events and metrics. Servers of one's own often need no key.
    pub fn new(name: &'static str, config: Config, key: Option<Secret>) -> Result<Self, ConfigFault> {
        let url = http::address("url", &config.url, "/chat/completions")?;
        if config.model.trim().is_empty() {
            return Err(ConfigFault::new("model", "must not be empty"));
        }
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

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi")
            .field("name", &self.name)
            .field("model", &self.config.model)
            .finish_non_exhaustive()
    }
}

impl ChatModel for OpenAi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sees(&self) -> bool {
        self.config.sees
    }

    fn generate(
        &self,
        request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        let body = request::body(&self.config, &request);
        let post = self
            .client
            .post(self.url.clone())
            .header(ACCEPT, "text/event-stream")
            .json(&body);
        let waits = Waits {
            open: Duration::from_millis(self.config.open_timeout_ms),
            next: Duration::from_millis(self.config.event_timeout_ms),
        };
        sse::answer(
            self.name,
            http::with_bearer(post, self.key.as_ref()),
            Decoder::default(),
            waits,
        )
    }
}
