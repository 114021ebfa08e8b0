//! Whoever runs the functions of the server: some quick, some slow, some never done.

use bedside_conversation::context::Tool;
use bedside_conversation::io::Input;
use bedside_conversation::time::Time;
use serde_json::json;

use super::{Delivery, Fate, PROVIDER, VendorManners, fault};
use crate::rng::{Rng, Stream};

/// The functions on offer.
#[derive(Debug)]
pub struct Tools {
    manners: VendorManners,
    rng: Rng,
}

impl Tools {
    /// Functions that take so long.
    pub fn new(manners: VendorManners, seed: u64) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, Stream::Functions),
        }
    }

    /// What the core is started with.
    pub fn offered() -> Vec<Tool> {
        ["lookup_patient", "search_knowledge"]
            .map(|name| Tool {
                name: name.to_owned(),
                description: String::new(),
                parameters: json!({}),
            })
            .to_vec()
    }

    /// Runs a function; what it returns, unless it stalls, and when.
    pub fn run(&mut self, now: Time, call_id: &str) -> Option<Delivery> {
        let at = now + self.rng.millis(self.manners.latency_ms.clone());
        let result = match self.manners.fate(&mut self.rng) {
            Fate::Serves => Ok(format!("result of {call_id}")),
            Fate::Fails(kind) => Err(fault(PROVIDER, kind)),
            Fate::Stalls => return None,
        };
        let call_id = call_id.to_owned();
        Some((at, Input::ToolReturned { call_id, result }))
    }
}
