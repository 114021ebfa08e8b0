//! The stream of an answer, with its limits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sagemakerruntime::Client;
use aws_sdk_sagemakerruntime::primitives::Blob;
use aws_sdk_sagemakerruntime::primitives::event_stream::EventReceiver;
use aws_sdk_sagemakerruntime::types::ResponseStream as Event;
use aws_sdk_sagemakerruntime::types::error::ResponseStreamError as EventFault;
use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::codec::{Reader, body};
use super::config::{Config, Format};
use crate::aws::{code_kind, connect_within, event_kind, no_retries, region, request_kind};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::sse::Progress;
use crate::traits::ChatModel;

/// After the model has said all, at most this long for what was used: nobody waits for it.
const COUNT: Duration = Duration::from_millis(500);

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
        let generation = Generation {
            model: self.clone(),
            question: Some(request),
            parts: None,
            reader: Reader::new(self.config.decoder),
            complete: false,
            ready: VecDeque::new(),
            deadline: Instant::now() + Duration::from_millis(self.config.first_ms),
        };
        stream::unfold(Some(generation), |generation| async {
            let mut generation = generation?;
            match generation.next().await {
                Ok(event @ ModelEvent::Done { .. }) => Some((Ok(event), None)),
                Ok(event) => Some((Ok(event), Some(generation))),
                Err(kind) => {
                    let provider = generation.model.name;
                    Some((Err(StageFault { provider, kind }), None))
                }
            }
        })
        .boxed()
    }
}

/// An answer under way.
struct Generation {
    model: SageMaker,
    /// What is asked, until it was.
    question: Option<ChatRequest>,
    parts: Option<EventReceiver<Event, EventFault>>,
    reader: Reader,
    complete: bool,
    ready: VecDeque<ModelEvent>,
    deadline: Instant,
}

impl Generation {
    async fn next(&mut self) -> Result<ModelEvent, FaultKind> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            let received = match &mut self.parts {
                None => {
                    self.ask().await?;
                    continue;
                }
                Some(parts) => timeout_at(self.deadline, parts.recv()).await,
            };
            match received {
                Ok(Ok(Some(Event::PayloadPart(part)))) => {
                    let bytes = part.bytes.map(Blob::into_inner).unwrap_or_default();
                    self.take(&bytes)?;
                }
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => self.reader.end(&mut self.ready)?,
                // Whatever happens after the model has said all, it has said all.
                _ if self.complete => self.reader.end(&mut self.ready)?,
                Ok(Err(error)) => {
                    return Err(
                        container_kind(error.as_service_error()).unwrap_or_else(|| event_kind(&error))
                    );
                }
                Err(_) => return Err(FaultKind::Timeout),
            }
        }
    }

    async fn ask(&mut self) -> Result<(), FaultKind> {
        let Some(request) = self.question.take() else {
            return Err(FaultKind::Internal);
        };
        let config = &self.model.config;
        let accept = match config.decoder {
            Format::OpenaiSse => "text/event-stream",
            Format::JsonLines => "application/jsonlines",
            Format::RawText => "text/plain",
        };
        let request = self
            .model
            .client
            .invoke_endpoint_with_response_stream()
            .endpoint_name(&config.endpoint)
            .content_type("application/json")
            .accept(accept)
            .set_inference_component_name(config.inference_component.clone())
            .set_target_variant(config.target_variant.clone())
            .body(Blob::new(body(config, &request).to_string()))
            .send();
        match timeout_at(self.deadline, request).await {
            Ok(Ok(head)) => {
                self.parts = Some(head.body);
                Ok(())
            }
            Ok(Err(error)) => Err(request_kind(&error)),
            Err(_) => Err(FaultKind::Timeout),
        }
    }

    fn take(&mut self, part: &[u8]) -> Result<(), FaultKind> {
        let progress = match self.reader.part(part, &mut self.ready) {
            Err(_) if self.complete => Progress::Ended,
            progress => progress?,
        };
        match progress {
            Progress::Ended => {
                self.drain();
                return self.reader.end(&mut self.ready);
            }
            Progress::Complete => self.complete = true,
            Progress::Open => {}
        }
        let wait = if self.complete {
            COUNT
        } else {
            Duration::from_millis(self.model.config.next_ms)
        };
        self.deadline = Instant::now() + wait;
        Ok(())
    }

    /// Reads the end of the stream, so that its connection can serve the next answer.
    fn drain(&mut self) {
        if let Some(mut parts) = self.parts.take() {
            tokio::spawn(timeout(COUNT, async move {
                while let Ok(Some(_)) = parts.recv().await {}
            }));
        }
    }
}

/// What a container's own failure within a stream means, if it says.
fn container_kind(fault: Option<&EventFault>) -> Option<FaultKind> {
    match fault {
        Some(EventFault::ModelStreamError(fault)) => fault.error_code().and_then(code_kind),
        _ => None,
    }
}
