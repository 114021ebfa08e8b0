//! The stream of an answer, with its limits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput as Event;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as EventFault;
use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::codec::{Answer, Question};
use super::config::Config;
use super::warm::keep_warm;
use crate::aws::{connect_within, event_kind, no_retries, region, request_kind};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::traits::ChatModel;

/// After the model has said all, at most this long for what was used: nobody waits for it.
const COUNT: Duration = Duration::from_millis(500);

/// A chat model of Bedrock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bedrock {
    name: &'static str,
    client: Arc<Client>,
    config: Arc<Config>,
}

impl Bedrock {
    /// A model that is asked with the credentials of `sdk`. Within a Tokio runtime: a connection is opened at once and
    /// kept open by a task of it.
    pub fn new(name: &'static str, config: Config, sdk: &SdkConfig) -> Result<Self, ConfigFault> {
        if config.model.trim().is_empty() {
            return Err(ConfigFault::new("model", "is not set"));
        }
        if config.max_tokens == 0 {
            return Err(ConfigFault::new("max_tokens", "must be at least 1"));
        }
        let mut settings = aws_sdk_bedrockruntime::config::Builder::from(sdk)
            .region(region(config.region.as_deref(), sdk)?)
            .retry_config(no_retries())
            .timeout_config(connect_within(Duration::from_millis(config.connect_ms)));
        if let Some(url) = &config.endpoint_url {
            settings = settings.endpoint_url(url);
        }
        let client = Arc::new(Client::from_conf(settings.build()));
        if config.warm_ms > 0 {
            let every = Duration::from_millis(config.warm_ms);
            tokio::spawn(keep_warm(Arc::downgrade(&client), every));
        }
        Ok(Self {
            name,
            client,
            config: Arc::new(config),
        })
    }
}

impl ChatModel for Bedrock {
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
            events: None,
            answer: Answer::default(),
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
    model: Bedrock,
    /// What is asked, until it was.
    question: Option<ChatRequest>,
    events: Option<EventReceiver<Event, EventFault>>,
    answer: Answer,
    ready: VecDeque<ModelEvent>,
    deadline: Instant,
}

impl Generation {
    async fn next(&mut self) -> Result<ModelEvent, FaultKind> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            if self.answer.is_complete() {
                self.drain();
                return self.answer.done();
            }
            let received = match &mut self.events {
                None => {
                    self.ask().await?;
                    continue;
                }
                Some(events) => timeout_at(self.deadline, events.recv()).await,
            };
            match received {
                Ok(Ok(Some(event))) => self.take(event)?,
                // Whatever happens after the model has said all, it has said all.
                Ok(Ok(None)) => return self.answer.done(),
                _ if self.answer.is_over() => return self.answer.done(),
                Ok(Err(error)) => return Err(event_kind(&error)),
                Err(_) => return Err(FaultKind::Timeout),
            }
        }
    }

    async fn ask(&mut self) -> Result<(), FaultKind> {
        let Some(request) = self.question.take() else {
            return Err(FaultKind::Internal);
        };
        let question = Question::new(&request, &self.model.config).map_err(|_| FaultKind::Refused)?;
        let request = self
            .model
            .client
            .converse_stream()
            .model_id(&self.model.config.model)
            .set_system(Some(question.system).filter(|system| !system.is_empty()))
            .set_messages(Some(question.messages))
            .set_tool_config(question.tools)
            .inference_config(question.inference)
            .set_guardrail_config(question.guardrail)
            .set_performance_config(question.performance)
            .set_service_tier(question.tier)
            .send();
        match timeout_at(self.deadline, request).await {
            Ok(Ok(head)) => {
                self.events = Some(head.stream);
                Ok(())
            }
            Ok(Err(error)) => Err(request_kind(&error)),
            Err(_) => Err(FaultKind::Timeout),
        }
    }

    fn take(&mut self, event: Event) -> Result<(), FaultKind> {
        self.answer.take(event, &mut self.ready)?;
        let wait = if self.answer.is_over() {
            COUNT
        } else {
            Duration::from_millis(self.model.config.next_ms)
        };
        self.deadline = Instant::now() + wait;
        Ok(())
    }

    /// Reads the end of the stream, so that its connection can serve the next answer.
    fn drain(&mut self) {
        if let Some(mut events) = self.events.take() {
            tokio::spawn(timeout(COUNT, async move {
                while let Ok(Some(_)) = events.recv().await {}
            }));
        }
    }
}
