//! Adapters made of their settings and keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use bedside_conversation::service::Stage;
#[cfg(feature = "aws")]
use bedside_providers::aws::{SdkConfig, sign::Signer};
#[cfg(feature = "aws")]
use bedside_providers::bedrock::Bedrock;
use bedside_providers::caire::Caire;
use bedside_providers::cartesia::Cartesia;
use bedside_providers::deepgram::Deepgram;
use bedside_providers::device::{Access, HttpDeviceReader, VisionDeviceReader};
use bedside_providers::gemini::Gemini;
#[cfg(feature = "aws")]
use bedside_providers::knowledge::bedrock::BedrockKnowledge;
use bedside_providers::openai::OpenAi;
#[cfg(feature = "aws")]
use bedside_providers::sagemaker::SageMaker;
use bedside_providers::secret::Secret;
use bedside_providers::traits::{
    ChatModel, DeviceReader, Knowledge, Synthesizer, Transcriber, VitalsService,
};

use super::cloud::Cloud;
use super::keys::Keys;
use crate::config::{Kind, Provider, Services};

/// An adapter.
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
        let (vision, others): (Vec<_>, Vec<_>) = services
            .in_use()
            .partition(|provider| matches!(provider.kind, Kind::Vision(_)));
        for provider in others.into_iter().chain(vision) {
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
        let made = match &provider.kind {
            Kind::Deepgram(config) => {
                Deepgram::new(name, config.clone(), key).map(|made| Adapter::Transcriber(Arc::new(made)))
            }
            Kind::Cartesia(config) => {
                Cartesia::new(name, config.clone(), key).map(|made| Adapter::Synthesizer(Arc::new(made)))
            }
            Kind::Caire(config) => {
                Caire::new(name, config.clone(), key).map(|made| Adapter::Vitals(Arc::new(made)))
            }
            Kind::OpenAi(config) => {
                let key = provider.key.is_some().then_some(key);
                OpenAi::new(name, config.clone(), key).map(|made| Adapter::Model(Arc::new(made)))
            }
            Kind::Gemini(config) => {
                Gemini::new(name, config.clone(), key).map(|made| Adapter::Model(Arc::new(made)))
            }
            #[cfg(feature = "aws")]
            Kind::Bedrock(config) => {
                let made = Bedrock::new(name, config.clone(), sdk(cloud)?);
                made.map(|made| Adapter::Model(Arc::new(made)))
            }
            #[cfg(feature = "aws")]
            Kind::SageMaker(config) => {
                let made = SageMaker::new(name, config.clone(), sdk(cloud)?);
                made.map(|made| Adapter::Model(Arc::new(made)))
            }
            #[cfg(feature = "aws")]
            Kind::BedrockKnowledge(config) => {
                let made = BedrockKnowledge::new(name, config.clone(), sdk(cloud)?);
                made.map(|made| Adapter::Knowledge(Arc::new(made)))
            }
            Kind::DeviceService { config, sign } => {
                let access = match sign {
                    #[cfg(feature = "aws")]
                    Some(service) => Access::Signed(signer(cloud, service)?),
                    _ if provider.key.is_some() => Access::Key(key),
                    _ => Access::Open,
                };
                HttpDeviceReader::new(name, config.clone(), access)
                    .map(|made| Adapter::Device(Arc::new(made)))
            }
            Kind::Vision(config) => {
                let model = self.eyes(config.model.as_deref(), services)?;
                VisionDeviceReader::new(name, model).map(|made| Adapter::Device(Arc::new(made)))
            }
        };
        made.map_err(|fault| fault.to_string())
    }

    /// The chat model that looks at pictures: the one that is named, else the first of the chain that sees.
    fn eyes(&self, named: Option<&str>, services: &Services) -> Result<Arc<dyn ChatModel>, String> {
        let model = |name: &str| match self.adapters.get(name) {
            Some(Adapter::Model(model)) => Some(Arc::clone(model)),
            _ => None,
        };
        if let Some(name) = named {
            return model(name).ok_or_else(|| format!("model: {name:?} is no chat model that works"));
        }
        let chain = services.chains.of(Stage::Model).iter();
        let seeing = chain.filter_map(|name| model(name)).find(|model| model.sees());
        seeing.ok_or_else(|| "model: no model of the chain sees; name one that does".to_owned())
    }
}

#[cfg(feature = "aws")]
fn signer(cloud: &Cloud, service: &str) -> Result<Signer, String> {
    Signer::new(sdk(cloud)?, service).map_err(|fault| fault.to_string())
}

#[cfg(feature = "aws")]
fn sdk(cloud: &Cloud) -> Result<&SdkConfig, String> {
    cloud.sdk().ok_or_else(|| "AWS is not set up".to_owned())
}
