//! Functions that the server runs for a model: webhooks of the clinic, a search in its knowledge, a look at the display
//! of a medical device. What they return is data for the model, never instructions.

mod display;
mod knowledge;
mod webhook;

pub use display::{READ_DEVICE_DISPLAY, ReadDeviceDisplay};
pub use knowledge::{SEARCH_KNOWLEDGE, SearchKnowledge};
pub use webhook::{Webhook, WebhookConfig};

use serde_json::Value;

/// An argument of a call that is a text and not empty.
fn argument(arguments: &str, name: &str) -> Option<String> {
    let arguments: Value = serde_json::from_str(arguments).ok()?;
    let text = arguments.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
