use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput as Event;
use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::codec::{Answer, Question};
use super::config::Config;
use super::warm::keep_warm;
use crate::answering::{self, Events};
use crate::aws::{begun_within, connect_within, event_kind, no_retries, region, request_kind};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::traits::ChatModel;

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

    async fn ask(self, request: ChatRequest) -> Result<Events<Event>, FaultKind> {
        let question = Question::new(&request, &self.config).map_err(|_| FaultKind::Refused)?;
        let request = self
            .client
            .converse_stream()
            .model_id(&self.config.model)
            .set_system(Some(question.system).filter(|system| !system.is_empty()))
            .set_messages(Some(question.messages))
            .set_tool_config(question.tools)
            .inference_config(question.inference)
            .set_guardrail_config(question.guardrail)
            .set_performance_config(question.performance)
            .set_service_tier(question.tier);
        let head = request.send().await.map_err(|error| request_kind(&error))?;
        let events = stream::unfold(head.stream, |mut events| async {
            let event = events.recv().await.transpose()?;
            Some((event.map_err(|error| event_kind(&error)), events))
        });
        Ok(events.boxed())
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
        let (first, next) = (self.config.first_ms, self.config.next_ms);
        let asking = begun_within(Duration::from_millis(first), self.clone().ask(request));
        answering::answer(self.name, asking, Answer::default(), Duration::from_millis(next))
    }
}
