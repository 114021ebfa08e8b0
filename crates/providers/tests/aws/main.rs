//! The providers of AWS against a server that speaks their protocol by hand.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bedrock;
mod knowledge;
mod sagemaker;
mod secrets;
mod server;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use bedside_conversation::context::{ChatRequest, Message, ModelEvent, ToolChoice};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::report::Reporter;
use bedside_providers::traits::ChatModel;
use futures::StreamExt;

/// An SDK that asks the service at `url`.
async fn sdk(url: &str) -> SdkConfig {
    let config = bedside_providers::aws::Config {
        region: Some("eu-north-1".to_owned()),
        endpoint_url: Some(url.to_owned()),
        ..Default::default()
    };
    let loaded = bedside_providers::aws::load(&config).await;
    let credentials = Credentials::new("AKIDEXAMPLE", "hush", None, None, "test");
    loaded
        .into_builder()
        .region(Region::new("eu-north-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn request(text: &str) -> ChatRequest {
    ChatRequest {
        instructions: "Be kind.".to_owned(),
        messages: vec![Message::User {
            text: text.to_owned(),
        }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        max_output_tokens: None,
        vitals: None,
        continues: None,
        avoid: Vec::new(),
    }
}

/// All of an answer.
async fn answer(model: &dyn ChatModel) -> Vec<Result<ModelEvent, StageFault>> {
    model
        .generate(request("Hello."), Reporter::silent())
        .collect()
        .await
}

/// What was said, and how it ended.
async fn outcome(model: &dyn ChatModel) -> (String, Result<(), FaultKind>) {
    let mut said = String::new();
    let mut end = Err(FaultKind::Disconnected);
    for event in answer(model).await {
        match event {
            Ok(ModelEvent::TextDelta(text)) => said.push_str(&text),
            Ok(ModelEvent::Done { .. }) => end = Ok(()),
            Ok(_) => {}
            Err(fault) => end = Err(fault.kind),
        }
    }
    (said, end)
}
