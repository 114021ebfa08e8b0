//! Adapters made of their settings and keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use bedside_conversation::service::Stage;
#[cfg(feature = "aws")]
use bedside_providers::aws::SdkConfig;
use bedside_providers::fault::ConfigFault;
use bedside_providers::secret::Secret;
use bedside_providers::traits::{
    ChatModel, DeviceReader, Knowledge, Synthesizer, Transcriber, VitalsService,
};
#[cfg(feature = "aws")]
use bedside_providers::{bedrock, knowledge};
use bedside_providers::{gemini, openai};

use super::cloud::Cloud;
use super::keys::Keys;
use crate::config::{Kind, Provider, Services};

/// An adapter.
#[derive(Clone)]
pub(crate) enum Adapter {
    Transcriber(Arc<dyn Transcriber>),
    Model(Arc<dyn ChatModel>),
    Synthesizer(Arc<dyn Synthesizer>),
    Vitals(Arc<dyn VitalsService>),
    Knowledge(Arc<dyn Knowledge>),
    Device(Arc<dyn DeviceReader>),
}

/// The adapters of all providers in use, and what is wrong with those that could not be made.
pub(crate) struct Vendors {
    pub(crate) adapters: BTreeMap<&'static str, Adapter>,
    pub(crate) faults: Vec<String>,
}

impl Vendors {
    /// Makes every adapter that `services` use.
    pub(crate) async fn of(services: &Services, cloud: &Cloud, keys: &mut Keys<'_>) -> Self {
        let mut vendors = Self {
            adapters: BTreeMap::new(),
            faults: Vec::new(),
        };
        // Vision comes last: it looks through a chat model.
        for provider in services.in_use() {
            let key = match &provider.key {
                None => Ok(Secret::new("")),
                Some(source) => keys.fetch(source).await.map_err(|what| format!("key: {what}")),
            };
            let made = match key {
                Ok(key) => vendors.make(provider, key, services, cloud),
                Err(what) => Err(what),
            };
            match made {
                Ok(adapter) => {
                    vendors.adapters.insert(provider.name, adapter);
                }
                Err(what) => vendors.faults.push(format!("providers.{}.{what}", provider.name)),
            }
        }
        vendors
    }

    fn make(
        &self,
        provider: &Provider,
        key: Secret,
        services: &Services,
        cloud: &Cloud,
    ) -> Result<Adapter, String> {
        let name = provider.name;
        let wrong = |fault: ConfigFault| fault.to_string();
        Ok(match &provider.kind {
            Kind::OpenAi(config) => {
                let key = provider.key.is_some().then_some(key);
                Adapter::Model(Arc::new(
                    openai::OpenAi::new(name, config.clone(), key).map_err(wrong)?,
                ))
            }
            Kind::Gemini(config) => Adapter::Model(Arc::new(
                gemini::Gemini::new(name, config.clone(), key).map_err(wrong)?,
            )),
            #[cfg(feature = "aws")]
            Kind::Bedrock(config) => {
                let made = bedrock::Bedrock::new(name, config.clone(), sdk(cloud)?).map_err(wrong)?;
                Adapter::Model(Arc::new(made))
            }
            #[cfg(feature = "aws")]
            Kind::BedrockKnowledge(config) => {
                let made = knowledge::bedrock::BedrockKnowledge::new(name, config.clone(), sdk(cloud)?);
                Adapter::Knowledge(Arc::new(made.map_err(wrong)?))
            }
        })
    }
}

#[cfg(feature = "aws")]
fn sdk(cloud: &Cloud) -> Result<&SdkConfig, String> {
    cloud.sdk().ok_or_else(|| "AWS is not set up".to_owned())
}
