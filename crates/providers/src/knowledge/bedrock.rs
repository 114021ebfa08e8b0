//! Passages from a knowledge base of Amazon Bedrock.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_bedrockagentruntime::Client;
use aws_sdk_bedrockagentruntime::error::BuildError;
use aws_sdk_bedrockagentruntime::types::{
    FilterAttribute, KnowledgeBaseQuery, KnowledgeBaseRetrievalConfiguration, KnowledgeBaseRetrievalResult,
    KnowledgeBaseVectorSearchConfiguration, RetrievalFilter, RetrievalResultLocation,
    SearchType as OverrideSearchType,
};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::Unit;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::aws::{connect_within, document, no_retries, region, request_kind};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::traits::{Knowledge, Passage};

/// The longest query that is taken, characters.
const LONGEST_QUERY: usize = 20_000;
/// Before the one repetition.
const PAUSE: Duration = Duration::from_millis(100);

/// Which knowledge base is asked, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Its id: ten letters and digits.
    pub knowledge_base: String,
    /// Another region than that of the other services.
    pub region: Option<String>,
    /// Another address, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// At most this many passages, 1 to 100.
    pub number_of_results: u16,
    /// How passages are looked for; the service decides if not set.
    pub search_type: Option<SearchType>,
    /// Which documents are looked through, in the service's own form: `{ "equals": { "key": …, "value": … } }`,
    /// `{ "andAll": [ … ] }` and so on.
    pub filter: Option<Value>,
    /// At most this long to connect, ms.
    pub connect_ms: u64,
    /// At most this long for an answer, a repetition included, ms.
    pub timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            knowledge_base: String::new(),
            region: None,
            endpoint_url: None,
            number_of_results: 5,
            search_type: None,
            filter: None,
            connect_ms: 1_500,
            timeout_ms: 3_000,
        }
    }
}

/// How passages are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchType {
    /// By meaning and by words; not with every store.
    Hybrid,
    /// By meaning.
    Semantic,
}

/// A knowledge base of Bedrock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BedrockKnowledge {
    name: &'static str,
    client: Client,
    knowledge_base: String,
    search: KnowledgeBaseVectorSearchConfiguration,
    limit: Duration,
}

impl BedrockKnowledge {
    /// A knowledge base that is asked with the credentials of `sdk`.
    pub fn new(name: &'static str, config: Config, sdk: &SdkConfig) -> Result<Self, ConfigFault> {
        if config.knowledge_base.trim().is_empty() {
            return Err(ConfigFault::new("knowledge_base", "is not set"));
        }
        if !(1..=100).contains(&config.number_of_results) {
            return Err(ConfigFault::new("number_of_results", "must be 1 to 100"));
        }
        let filter = config.filter.as_ref().map(filter).transpose()?;
        let mut settings = aws_sdk_bedrockagentruntime::config::Builder::from(sdk)
            .region(region(config.region.as_deref(), sdk)?)
            .retry_config(no_retries())
            .timeout_config(connect_within(Duration::from_millis(config.connect_ms)));
        if let Some(url) = config.endpoint_url {
            settings = settings.endpoint_url(url);
        }
        let search = KnowledgeBaseVectorSearchConfiguration::builder()
            .number_of_results(i32::from(config.number_of_results))
            .set_override_search_type(config.search_type.map(|kind| match kind {
                SearchType::Hybrid => OverrideSearchType::Hybrid,
                SearchType::Semantic => OverrideSearchType::Semantic,
            }))
            .set_filter(filter)
            .build();
        Ok(Self {
            name,
            client: Client::from_conf(settings.build()),
            knowledge_base: config.knowledge_base,
            search,
            limit: Duration::from_millis(config.timeout_ms),
        })
    }

    async fn passages(
        &self,
        query: &str,
        most: usize,
        reporter: &Reporter,
    ) -> Result<Vec<Passage>, FaultKind> {
        let deadline = Instant::now() + self.limit;
        let first = timeout_at(deadline, self.retrieve(query, most, reporter)).await;
        match first.unwrap_or(Err(FaultKind::Timeout)) {
            Err(FaultKind::Overloaded | FaultKind::Internal | FaultKind::Disconnected) => {
                let again = async {
                    sleep(PAUSE).await;
                    self.retrieve(query, most, reporter).await
                };
                timeout_at(deadline, again)
                    .await
                    .unwrap_or(Err(FaultKind::Timeout))
            }
            outcome => outcome,
        }
    }

    async fn retrieve(
        &self,
        query: &str,
        most: usize,
        reporter: &Reporter,
    ) -> Result<Vec<Passage>, FaultKind> {
        let mut search = self.search.clone();
        search.number_of_results = search
            .number_of_results
            .min(i32::try_from(most.max(1)).unwrap_or(i32::MAX));
        let answer = self
            .client
            .retrieve()
            .knowledge_base_id(&self.knowledge_base)
            .retrieval_query(KnowledgeBaseQuery::builder().text(query).build())
            .retrieval_configuration(
                KnowledgeBaseRetrievalConfiguration::builder()
                    .vector_search_configuration(search)
                    .build(),
            )
            .send()
            .await
            .map_err(|error| request_kind(&error))?;
        reporter.used(Unit::Requests, 1.0);
        let passages = answer.retrieval_results.into_iter().filter_map(passage);
        Ok(passages.take(most).collect())
    }
}

impl Knowledge for BedrockKnowledge {
    fn name(&self) -> &'static str {
        self.name
    }

    fn search(
        &self,
        query: String,
        most: usize,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<Vec<Passage>, StageFault>> {
        let knowledge = self.clone();
        async move {
            let query: String = query.trim().chars().take(LONGEST_QUERY).collect();
            if query.is_empty() || most == 0 {
                return Ok(Vec::new());
            }
            knowledge
                .passages(&query, most, &reporter)
                .await
                .map_err(|kind| StageFault {
                    provider: knowledge.name,
                    kind,
                })
        }
        .boxed()
    }
}

/// A passage of text; tables and media have none.
fn passage(result: KnowledgeBaseRetrievalResult) -> Option<Passage> {
    let text = result.content?.text;
    if text.trim().is_empty() {
        return None;
    }
    Some(Passage {
        text,
        source: result
            .location
            .and_then(source)
            .or(result.document_id)
            .unwrap_or_default(),
        score: result.score.unwrap_or_default(),
    })
}

fn source(location: RetrievalResultLocation) -> Option<String> {
    let s3 = location.s3_location.and_then(|place| place.uri);
    s3.or_else(|| location.web_location.and_then(|place| place.url))
        .or_else(|| location.confluence_location.and_then(|place| place.url))
        .or_else(|| location.salesforce_location.and_then(|place| place.url))
        .or_else(|| location.share_point_location.and_then(|place| place.url))
        .or_else(|| location.kendra_document_location.and_then(|place| place.uri))
        .or_else(|| location.custom_document_location.and_then(|place| place.id))
}

/// A filter from the service's own form.
fn filter(value: &Value) -> Result<RetrievalFilter, ConfigFault> {
    let wrong = |problem: &str| ConfigFault::new("filter", problem);
    let Some((operator, operand)) = value
        .as_object()
        .filter(|fields| fields.len() == 1)
        .and_then(|fields| fields.iter().next())
    else {
        return Err(wrong("must be an object of one field, the operator"));
    };
    let all = || {
        let parts = operand.as_array().filter(|parts| parts.len() >= 2);
        parts
            .ok_or_else(|| wrong("andAll and orAll join two or more filters"))?
            .iter()
            .map(filter)
            .collect::<Result<Vec<_>, _>>()
    };
    let one = || attribute(operand).map_err(|_| wrong("must compare a key with a value"));
    Ok(match operator.as_str() {
        "andAll" => RetrievalFilter::AndAll(all()?),
        "orAll" => RetrievalFilter::OrAll(all()?),
        "equals" => RetrievalFilter::Equals(one()?),
        "notEquals" => RetrievalFilter::NotEquals(one()?),
        "greaterThan" => RetrievalFilter::GreaterThan(one()?),
        "greaterThanOrEquals" => RetrievalFilter::GreaterThanOrEquals(one()?),
        "lessThan" => RetrievalFilter::LessThan(one()?),
        "lessThanOrEquals" => RetrievalFilter::LessThanOrEquals(one()?),
        "in" => RetrievalFilter::In(one()?),
        "notIn" => RetrievalFilter::NotIn(one()?),
        "startsWith" => RetrievalFilter::StartsWith(one()?),
        "listContains" => RetrievalFilter::ListContains(one()?),
        "stringContains" => RetrievalFilter::StringContains(one()?),
        _ => return Err(wrong("has an unknown operator")),
    })
}

fn attribute(value: &Value) -> Result<FilterAttribute, BuildError> {
    FilterAttribute::builder()
        .set_key(value.get("key").and_then(Value::as_str).map(str::to_owned))
        .set_value(value.get("value").map(document))
        .build()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::Document;
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_read_in_the_services_own_form() {
        let read = filter(&json!({ "andAll": [
            { "equals": { "key": "language", "value": "en" } },
            { "greaterThan": { "key": "year", "value": 2020 } },
        ] }))
        .unwrap();
        let parts = read.as_and_all().unwrap();
        assert_eq!(parts[0].as_equals().unwrap().key, "language");
        let year = &parts[1].as_greater_than().unwrap().value;
        assert_eq!(*year, Document::Number(aws_smithy_types::Number::PosInt(2020)));
    }

    #[test]
    fn wrong_filters_are_refused_at_the_start() {
        for wrong in [
            json!("language"),
            json!({}),
            json!({ "like": { "key": "a", "value": "b" } }),
            json!({ "equals": { "key": "a" } }),
            json!({ "andAll": [{ "equals": { "key": "a", "value": 1 } }] }),
        ] {
            assert_eq!(filter(&wrong).unwrap_err().field, "filter", "{wrong}");
        }
    }
}
