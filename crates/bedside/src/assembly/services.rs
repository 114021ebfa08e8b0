//! Everything of vendors and of the clinic's own, ready to be put into chains.

use std::sync::Arc;

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
}

impl Services {
    /// Fetches the keys and makes the adapters. Everything that is wrong is reported at once.
    pub(crate) async fn of(services: &config::Services) -> Result<Self, Failure> {
        let cloud = Cloud::of(services).await;
        let mut keys = Keys::new(&cloud);
        let vendors = Vendors::of(services, &cloud, &mut keys).await;
        let tools = Vec::new();
        keys.watch();
        if vendors.faults.is_empty() {
            return Ok(Self { vendors, tools });
        }
        Err(Failure::usage(format_args!(
            "the providers are not set up\n  {}",
            vendors.faults.join("\n  ")
        )))
    }
}
