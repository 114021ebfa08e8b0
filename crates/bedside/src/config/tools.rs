//! `[tools.NAME]`: functions of the clinic's own, which the model may call and the server runs by a webhook.

use bedside_conversation::functions::{END_CONSULTATION, ESCALATE};
use bedside_conversation::scan::START_SCAN;
use bedside_providers::tools::{READ_DEVICE_DISPLAY, SEARCH_KNOWLEDGE, WebhookConfig};

use super::reader::Reader;
use super::secret::SecretSource;

/// Names of functions that Bedside itself runs.
const OWN: [&str; 5] = [
    START_SCAN,
    ESCALATE,
    END_CONSULTATION,
    SEARCH_KNOWLEDGE,
    READ_DEVICE_DISPLAY,
];

/// A function of the clinic's own.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    /// How models call it.
    pub(crate) name: String,
    /// Where it is, and what models are told of it.
    pub(crate) config: WebhookConfig,
    /// Where its key is, if it needs one.
    pub(crate) key: Option<SecretSource>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Tool> {
    let mut tools = Vec::new();
    let Some(mut all) = reader.section("tools") else {
        return tools;
    };
    for name in all.keys() {
        if OWN.contains(&name.as_str()) {
            all.note(&name, "is the name of a function of Bedside's own");
            all.take_value(&name);
            continue;
        }
        let Some(mut table) = all.section(&name) else {
            continue;
        };
        let key = SecretSource::take(&mut table, "key");
        if let Some(config) = table.read() {
            tools.push(Tool { name, config, key });
        }
    }
    tools
}
