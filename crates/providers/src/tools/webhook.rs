use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::context::Tool as Description;
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::Unit;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::fault::ConfigFault;
use crate::http;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::traits::{Tool, ToolRun};

/// Bytes of a result that are read; a model makes nothing of more.
const LONGEST: usize = 16 * 1024;

const CONNECT: Duration = Duration::from_secs(2);

/// The provider named in faults and metrics. Functions have names of their own, which are not fixed texts.
const PROVIDER: &str = "webhook";

/// A function that another server runs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Address that calls are posted to.
    pub url: String,
    /// What the function does, for the model.
    pub description: String,
    /// JSON Schema of its arguments; an object.
    pub parameters: Map<String, Value>,
    /// Longest wait for the result, ms.
    pub timeout_ms: u64,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            description: String::new(),
            parameters: Map::new(),
            timeout_ms: 10_000,
        }
    }
}

/// A function run by an HTTP server: it is posted `{"call_id", "name", "arguments"}`, and its answer's text is the
/// result. The header `Idempotency-Key` holds the call's id, so that a call made twice is run once.
#[derive(Clone)]
pub struct Webhook {
    name: Arc<str>,
    config: Arc<WebhookConfig>,
    url: Url,
    key: Option<Secret>,
    client: Client,
}

impl Webhook {
    /// The function that models call by `name`; with a `key`, calls carry it as a bearer token.
    pub fn new(name: &str, config: WebhookConfig, key: Option<Secret>) -> Result<Self, ConfigFault> {
        let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || name.len() > 64 || !name.chars().all(valid) {
            return Err(ConfigFault::new(
                "tools",
                format!("{name:?} is no name of a function: 1 to 64 letters, digits, _ and -"),
            ));
        }
        if config.description.trim().is_empty() {
            return Err(ConfigFault::new("description", "must say what the function does"));
        }
        let url = http::address("url", &config.url, "")?;
        Ok(Self {
            name: name.into(),
            config: Arc::new(config),
            url,
            key,
            client: http::client(CONNECT)?,
        })
    }

    async fn call(self, call: ToolRun) -> Result<String, FaultKind> {
        let deadline = Instant::now() + Duration::from_millis(self.config.timeout_ms);
        let body = body(&self.name, &call);
        let id = http::sensitive(&call.call_id)?;
        let post = self
            .client
            .post(self.url.clone())
            .header("idempotency-key", id)
            .json(&body);
        let response = http::send(http::with_bearer(post, self.key.as_ref())?, deadline).await?;
        let (bytes, cut) = http::body(response, LONGEST, deadline).await?;
        Ok(text(&bytes, cut))
    }
}

/// Arguments that are JSON are posted as such; what is not is the server's to judge, as text.
fn body(name: &str, call: &ToolRun) -> Value {
    let arguments: Value =
        serde_json::from_str(&call.arguments).unwrap_or_else(|_| call.arguments.clone().into());
    json!({ "call_id": call.call_id, "name": name, "arguments": arguments })
}

/// A result as text. A character that was cut in two, and what is no text, is shown as such.
fn text(bytes: &[u8], cut: bool) -> String {
    let mut text = String::from_utf8_lossy(bytes).trim().to_owned();
    if cut {
        text.push_str("\n[cut: too long]");
    }
    if text.is_empty() {
        text.push_str("done");
    }
    text
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Tool for Webhook {
    fn description(&self) -> Description {
        let mut parameters = self.config.parameters.clone();
        // Vendors take nothing but an object's schema.
        parameters.entry("type").or_insert_with(|| json!("object"));
        parameters.entry("properties").or_insert_with(|| json!({}));
        Description {
            name: self.name.to_string(),
            description: self.config.description.clone(),
            parameters: parameters.into(),
        }
    }

    fn run(&self, call: ToolRun, reporter: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
        let webhook = self.clone();
        async move {
            let result = webhook.call(call).await;
            if result.is_ok() {
                reporter.used(Unit::Requests, 1.0);
            }
            result.map_err(|kind| StageFault {
                provider: PROVIDER,
                kind,
            })
        }
        .boxed()
    }
}
