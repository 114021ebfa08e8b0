//! The JSON of a run.

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::figures::Run;

/// What is written: a run, and the search it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// What the search came to that ended with this run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

/// The document as JSON for programs and people.
pub fn json(document: &Document) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
