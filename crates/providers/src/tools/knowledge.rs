use std::fmt;
use std::sync::Arc;

use bedside_conversation::context::Tool as Description;
use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::argument;
use crate::report::Reporter;
use crate::traits::{Knowledge, Passage, Tool, ToolRun};

/// The name of the function.
pub const SEARCH_KNOWLEDGE: &str = "search_knowledge";

/// Passages given to the model.
const MOST: usize = 4;

/// Characters of a query and of a passage's text.
const LONGEST_QUERY: usize = 1_000;
const LONGEST_TEXT: usize = 2_000;

/// `search_knowledge`: finds passages in the clinic's texts.
#[derive(Clone)]
pub struct SearchKnowledge(Arc<dyn Knowledge>);

impl SearchKnowledge {
    /// Searches `knowledge`.
    pub fn new(knowledge: Arc<dyn Knowledge>) -> Self {
        Self(knowledge)
    }
}

impl fmt::Debug for SearchKnowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SearchKnowledge").field(&self.0.name()).finish()
    }
}

impl Tool for SearchKnowledge {
    fn description(&self) -> Description {
        Description {
            name: SEARCH_KNOWLEDGE.into(),
            description:
                "Searches the clinic's own texts. Use it before stating a fact about a medicine, a condition \
                          or the clinic, and tell the patient only what the passages say."
                    .into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "query": { "type": "string", "description": "What to look for, in a few words." },
                },
                "required": ["query"],
            }),
        }
    }

    fn run(&self, call: ToolRun, reporter: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
        let knowledge = Arc::clone(&self.0);
        async move {
            let Some(query) = argument(&call.arguments, "query") else {
                return Ok(json!({ "error": "query is missing" }).to_string());
            };
            let query = query.chars().take(LONGEST_QUERY).collect();
            let passages = knowledge.search(query, MOST, reporter).await?;
            Ok(told(&passages))
        }
        .boxed()
    }
}

fn told(passages: &[Passage]) -> String {
    if passages.is_empty() {
        return json!({ "passages": [], "note": "nothing was found; do not answer from memory" }).to_string();
    }
    let passages: Vec<_> = passages
        .iter()
        .take(MOST)
        .map(|passage| {
            let text: String = passage.text.chars().take(LONGEST_TEXT).collect();
            json!({ "source": passage.source, "text": text })
        })
        .collect();
    json!({ "passages": passages }).to_string()
}
