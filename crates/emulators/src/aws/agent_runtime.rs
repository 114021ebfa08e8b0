//! Bedrock knowledge bases: `Retrieve`, with paging.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, error, identified};
use crate::answer::{Exchange, Refused};
use crate::hub::Hub;
use crate::vendor::Vendor;

const DEFAULT_RESULTS: usize = 5;
const MOST_RESULTS: u64 = 100;
/// Results on a page.
const PAGE: usize = 10;
const LONGEST_QUERY: usize = 20_000;

/// A passage of a knowledge base.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passage {
    text: String,
    /// Where it lies, `s3://…`.
    uri: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    retrieval_query: Query,
    #[serde(default)]
    retrieval_configuration: Configuration,
    guardrail_configuration: Option<Map<String, Value>>,
    next_token: Option<String>,
    user_context: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    text: Option<String>,
    image: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Configuration {
    vector_search_configuration: Option<Search>,
    managed_search_configuration: Option<Search>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Search {
    number_of_results: Option<u64>,
    override_search_type: Option<String>,
}

/// The routes of the service.
pub(crate) fn router() -> Router<Hub> {
    Router::new().route("/knowledgebases/{id}/retrieve", post(retrieve))
}

async fn retrieve(Path(id): Path<String>, call: Call) -> Result<Response, Refused> {
    let exchange = Exchange::begin(&call.hub, Vendor::BedrockKb, &call.line, fault)?;
    call.authorize("bedrock")?;
    if id.starts_with("MISSING") {
        let message = format!("Knowledge Base with id {id} does not exist");
        return Err(error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message).into());
    }
    let request = Request::read(&id, &call.body).map_err(|problem| invalid(&problem))?;
    let from = request
        .from()
        .ok_or_else(|| invalid("The provided next token is invalid."))?;
    exchange.understood(json!({ "from": from }));
    let passages = call.hub.aws().passages.lock().clone().unwrap_or_else(built_in);
    let found = found(
        &passages,
        request.retrieval_query.text.as_deref().unwrap_or_default(),
        request.most(),
    );
    let page: Vec<Value> = found
        .iter()
        .skip(from)
        .take(PAGE)
        .map(|(passage, score)| result(passage, *score))
        .collect();
    let mut body = json!({ "retrievalResults": page });
    if from + PAGE < found.len() {
        body["nextToken"] = format!("page{}", from + PAGE).into();
    }
    if request.guardrail_configuration.is_some() {
        body["guardrailAction"] = "NONE".into();
    }
    Ok((
        identified(),
        [(CONTENT_TYPE, "application/json")],
        exchange.whole(body.to_string()),
    )
        .into_response())
}

impl Request {
    fn read(id: &str, body: &[u8]) -> Result<Self, String> {
        if id.len() != 10 && !id.starts_with("arn:aws") || !id.chars().all(|letter| letter.is_ascii_graphic())
        {
            return Err(format!(
                "1 validation error detected: Value '{id}' at 'knowledgeBaseId' is malformed."
            ));
        }
        let request: Self = serde_json::from_slice(body).map_err(|problem| problem.to_string())?;
        let query = &request.retrieval_query;
        if query
            .kind
            .as_deref()
            .is_some_and(|kind| !["TEXT", "IMAGE"].contains(&kind))
        {
            return Err("'retrievalQuery.type' must satisfy enum value set: [TEXT, IMAGE]".to_owned());
        }
        match (&query.text, &query.image) {
            (None, None) => return Err("The retrieval query must have a text or an image.".to_owned()),
            (Some(text), _) if text.is_empty() => {
                return Err("The retrieval query's text is empty.".to_owned());
            }
            (Some(text), _) if text.chars().count() > LONGEST_QUERY => {
                return Err(format!(
                    "'retrievalQuery.text' must have length less than or equal to {LONGEST_QUERY}"
                ));
            }
            _ => {}
        }
        let search = request.search();
        if search
            .number_of_results
            .is_some_and(|number| !(1..=MOST_RESULTS).contains(&number))
        {
            return Err("'numberOfResults' must have value between 1 and 100".to_owned());
        }
        if search
            .override_search_type
            .as_deref()
            .is_some_and(|kind| !["HYBRID", "SEMANTIC"].contains(&kind))
        {
            return Err("'overrideSearchType' must satisfy enum value set: [HYBRID, SEMANTIC]".to_owned());
        }
        if request
            .user_context
            .as_ref()
            .is_some_and(|context| !context.contains_key("userId"))
        {
            return Err("'userContext.userId' is required".to_owned());
        }
        Ok(request)
    }

    fn search(&self) -> Search {
        let Configuration {
            vector_search_configuration,
            managed_search_configuration,
        } = &self.retrieval_configuration;
        vector_search_configuration
            .clone()
            .or_else(|| managed_search_configuration.clone())
            .unwrap_or_default()
    }

    fn most(&self) -> usize {
        self.search()
            .number_of_results
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(DEFAULT_RESULTS)
    }

    /// The place of the first result; `None` for a token that was never given.
    fn from(&self) -> Option<usize> {
        self.next_token
            .as_deref()
            .map_or(Some(0), |token| token.strip_prefix("page")?.parse().ok())
    }
}

/// The passages that share words with the query, the best first.
fn found<'a>(passages: &'a [Passage], query: &str, most: usize) -> Vec<(&'a Passage, f64)> {
    let wanted = words(query);
    let mut scored: Vec<(&Passage, f64)> = passages
        .iter()
        .map(|passage| {
            let shared = words(&passage.text).intersection(&wanted).count();
            (passage, shared as f64 / wanted.len().max(1) as f64)
        })
        .filter(|(_, score)| *score > 0.0)
        .collect();
    scored.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    scored.truncate(most);
    scored
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() > 2);
    words.map(str::to_lowercase).collect()
}

fn result(passage: &Passage, score: f64) -> Value {
    json!({
        "content": { "type": "TEXT", "text": passage.text },
        "location": { "type": "S3", "s3Location": { "uri": passage.uri } },
        "score": score,
        "metadata": { "x-amz-bedrock-kb-source-uri": passage.uri, "x-amz-bedrock-kb-data-source-id": "EMULATED01" },
    })
}

fn built_in() -> Vec<Passage> {
    let passages = [
        (
            "Metformin is taken with food, which lessens nausea.",
            "s3://clinic/metformin.md",
        ),
        (
            "Chest pain that spreads to an arm or the jaw is an emergency.",
            "s3://clinic/chest-pain.md",
        ),
        (
            "A fever over 40 degrees, or one that lasts over three days, is seen by a doctor.",
            "s3://clinic/fever.md",
        ),
    ];
    passages
        .map(|(text, uri)| Passage {
            text: text.to_owned(),
            uri: uri.to_owned(),
        })
        .into()
}

fn invalid(problem: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "ValidationException", problem)
}

fn fault(status: StatusCode) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        error(status, "ThrottlingException", "Your request rate is too high.")
    } else {
        error(
            status,
            "InternalServerException",
            "An internal server error occurred. Retry your request.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passage_with_most_words_of_the_query_comes_first() {
        let passages = built_in();
        let found = found(&passages, "Is chest pain an emergency?", 5);
        assert_eq!(found[0].0.uri, "s3://clinic/chest-pain.md");
        assert!(found.iter().is_sorted_by(|(_, one), (_, other)| one >= other));
        assert!(found.len() < passages.len());
    }

    #[test]
    fn what_the_service_refuses_is_refused() {
        let read = |body: Value| Request::read("KNOWLEDGE1", &serde_json::to_vec(&body).unwrap());
        let query = json!({ "text": "fever" });
        let number = |number: u64| json!({ "vectorSearchConfiguration": { "numberOfResults": number } });
        assert!(read(json!({ "retrievalQuery": query, "retrievalConfiguration": number(100) })).is_ok());
        assert!(read(json!({ "retrievalQuery": query, "retrievalConfiguration": number(101) })).is_err());
        assert!(read(json!({ "retrievalQuery": {} })).is_err());
        assert!(read(json!({})).is_err());
        assert!(Request::read("short", br#"{"retrievalQuery":{"text":"fever"}}"#).is_err());
    }
}
