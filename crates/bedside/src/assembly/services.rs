//! Everything of vendors and of the clinic's own, ready to be put into chains.

use std::sync::Arc;

use bedside_providers::knowledge::LocalKnowledge;
use bedside_providers::tools::Webhook;
use bedside_providers::traits::Tool;

use super::cloud::Cloud;
use super::keys::Keys;
use super::vendors::Vendors;
use crate::config;
use crate::failure::Failure;

/// Adapters and functions.
pub(crate) struct Services {
    pub(crate) vendors: Vendors,
    pub(crate) tools: Vec<Arc<dyn Tool>>,
    /// This machine's own texts.
    pub(crate) knowledge: Option<LocalKnowledge>,
    /// Where keys of AWS are.
    pub(crate) cloud: Cloud,
}

impl Services {
    /// Fetches the keys and makes the adapters. Everything that is wrong is reported at once.
    pub(crate) async fn of(services: &config::Services) -> Result<Self, Failure> {
        let cloud = Cloud::of(services).await;
        let mut keys = Keys::new(&cloud);
        let vendors = Vendors::of(services, &cloud, &mut keys).await;
        let mut faults = vendors.faults.clone();
        let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
        for tool in &services.tools {
            match webhook(tool, &mut keys).await {
                Ok(webhook) => tools.push(Arc::new(webhook)),
                Err(what) => faults.push(format!("tools.{}.{what}", tool.name)),
            }
        }
        let knowledge = services
            .knowledge
            .as_deref()
            .map(LocalKnowledge::load)
            .transpose();
        let knowledge = knowledge.map_err(|fault| faults.push(format!("knowledge.{fault}")));
        keys.watch();
        if let (Ok(knowledge), true) = (knowledge, faults.is_empty()) {
            return Ok(Self {
                vendors,
                tools,
                knowledge,
                cloud,
            });
        }
        Err(Failure::usage(format_args!(
            "the providers are not set up\n  {}",
            faults.join("\n  ")
        )))
    }
}

async fn webhook(tool: &config::Tool, keys: &mut Keys<'_>) -> Result<Webhook, String> {
    let key = match &tool.key {
        None => None,
        Some(source) => Some(keys.fetch(source).await.map_err(|what| format!("key: {what}"))?),
    };
    Webhook::new(&tool.name, tool.config.clone(), key).map_err(|fault| fault.to_string())
}
