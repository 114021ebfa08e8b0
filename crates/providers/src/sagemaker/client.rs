use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sagemakerruntime::Client;
use aws_sdk_sagemakerruntime::error::SdkError;
use aws_sdk_sagemakerruntime::primitives::Blob;
use aws_sdk_sagemakerruntime::types::ResponseStream as Event;
use aws_sdk_sagemakerruntime::types::error::ResponseStreamError as EventFault;
use aws_smithy_types::event_stream::RawMessage;
use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::codec::{Reader, body};
use super::config::{Config, Format};
use crate::answering::{self, Events};
use crate::aws::{begun_within, code_kind, connect_within, event_kind, no_retries, region, request_kind};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::traits::ChatModel;

/// A chat model on an endpoint of SageMaker. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SageMaker {
    name: &'static str,
    client: Client,
    config: Arc<Config>,
}

impl SageMaker {
    /// A model that is asked with the credentials of `sdk`.
    pub fn new(name: &'static str, config: Config, sdk: &SdkConfig) -> Result<Self, ConfigFault> {
        if config.endpoint.trim().is_empty() {
            return Err(ConfigFault::new("endpoint", "is not set"));
        }
        if config.sees && config.decoder != Format::OpenaiSse {
            return Err(ConfigFault::new("sees", "needs the decoder openai_sse"));
        }
        let mut settings = aws_sdk_sagemakerruntime::config::Builder::from(sdk)
            .region(region(config.region.as_deref(), sdk)?)
            .retry_config(no_retries())
            .timeout_config(connect_within(Duration::from_millis(config.connect_ms)));
        if let Some(url) = &config.endpoint_url {
            settings = settings.endpoint_url(url);
        }
        Ok(Self {
            name,
            client: Client::from_conf(settings.build()),
            config: Arc::new(config),
        })
    }

    async fn ask(self, request: ChatRequest) -> Result<Events<Vec<u8>>, FaultKind> {
        let config = &self.config;
        let accept = match config.decoder {
            Format::OpenaiSse => "text/event-stream",
            Format::JsonLines => "application/jsonlines",
            Format::RawText => "text/plain",
        };
        let request = self
            .client
            .invoke_endpoint_with_response_stream()
            .endpoint_name(&config.endpoint)
            .content_type("application/json")
            .accept(accept)
            .set_inference_component_name(config.inference_component.clone())
            .set_target_variant(config.target_variant.clone())
            .body(Blob::new(body(config, &request).to_string()));
        let head = request.send().await.map_err(|error| request_kind(&error))?;
        let parts = stream::unfold(head.body, |mut parts| async {
            let part = parts.recv().await.transpose()?;
            Some((part.map(bytes).map_err(|error| fault_kind(&error)), parts))
        });
        Ok(parts.boxed())
    }
}

impl ChatModel for SageMaker {
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
        let (first, next) = (self.config.first_ms, self.config.next_ms);
        let asking = begun_within(Duration::from_millis(first), self.clone().ask(request));
        let reader = Reader::new(self.config.decoder);
        answering::answer(self.name, asking, reader, Duration::from_millis(next))
    }
}

/// What the part of a stream holds; events that later versions may send hold nothing.
fn bytes(event: Event) -> Vec<u8> {
    match event {
        Event::PayloadPart(part) => part.bytes.map(Blob::into_inner).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What it means that a stream broke: the container's own failure, if it says.
fn fault_kind(error: &SdkError<EventFault, RawMessage>) -> FaultKind {
    let own = match error.as_service_error() {
        Some(EventFault::ModelStreamError(fault)) => fault.error_code().and_then(code_kind),
        _ => None,
    };
    own.unwrap_or_else(|| event_kind(error))
}
