//! Handing traces to a collector: OTLP over HTTP, as protobuf
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).

use std::sync::Arc;
use std::time::Duration;

use bedside_engine::{Counter, FinishedTurn, Metrics};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::spans::{Ids, spans, text};

/// Turns that are sent at a time.
const BATCH: usize = 128;

/// A turn waits this long for others to be sent with it.
const GATHER: Duration = Duration::from_secs(1);

/// A collector that does not answer within this has not taken the batch. What it has not taken is dropped and counted:
/// more turns are coming, and memory is worth more.
const ANSWER: Duration = Duration::from_secs(5);

/// Sends turns to a collector.
pub(super) struct Exporter {
    client: Client,
    address: Url,
    metrics: Arc<Metrics>,
    /// Whether the collector took the last batch: only changes are worth a line.
    works: bool,
}

/// Why a collector did not take a batch.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it cannot be reached: {0}")]
    Unreachable(reqwest::Error),
    #[error("it answered with {0}")]
    Status(reqwest::StatusCode),
    #[error("no random numbers for ids: {0}")]
    Ids(getrandom::Error),
}

impl Exporter {
    /// An exporter to the collector at `endpoint`, to which the standard's path is added.
    pub(super) fn new(endpoint: &Url, metrics: Arc<Metrics>) -> Result<Self, reqwest::Error> {
        let mut address = endpoint.clone();
        address.set_path(&format!("{}/v1/traces", endpoint.path().trim_end_matches('/')));
        let client = Client::builder()
            .user_agent(concat!("bedside/", env!("CARGO_PKG_VERSION")))
            .timeout(ANSWER)
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            client,
            address,
            metrics,
            works: true,
        })
    }

    /// Sends `turns` until there are no more, or `stop` is cancelled and those that wait are sent.
    pub(super) async fn run(mut self, mut turns: mpsc::Receiver<FinishedTurn>, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let waited = stop.run_until_cancelled(turns.recv()).await;
            match waited {
                Some(Some(turn)) => batch.push(turn),
                Some(None) => return,
                None => turns.close(),
            }
            if !stop.is_cancelled() {
                stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
            }
            while batch.len() < BATCH
                && let Ok(turn) = turns.try_recv()
            {
                batch.push(turn);
            }
            if !batch.is_empty() {
                self.send(&batch).await;
                batch.clear();
            } else if stop.is_cancelled() {
                return;
            }
        }
    }

    async fn send(&mut self, batch: &[FinishedTurn]) {
        match self.try_send(batch).await {
            Ok(()) => self.works = true,
            Err(refused) => {
                self.metrics.add(Counter::TraceTurnsDropped, batch.len() as u64);
                if std::mem::take(&mut self.works) {
                    tracing::warn!(%refused, "the collector does not take traces; they are dropped until it does");
                }
            }
        }
    }

    async fn try_send(&self, batch: &[FinishedTurn]) -> Result<(), Refused> {
        let mut all = Vec::new();
        for turn in batch {
            let mut trace = [0; 16];
            getrandom::fill(&mut trace).map_err(Refused::Ids)?;
            let first_span = getrandom::u64().map_err(Refused::Ids)?;
            all.extend(spans(turn, Ids { trace, first_span }));
        }
        let request = self.client.post(self.address.clone());
        let request = request
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(message(all).encode_to_vec());
        let answer = request
            .send()
            .await
            .map_err(|error| Refused::Unreachable(error.without_url()))?;
        let status = answer.status();
        status.is_success().then_some(()).ok_or(Refused::Status(status))
    }
}

fn message(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let about = vec![
        text("service.name", "bedside"),
        text("service.version", env!("CARGO_PKG_VERSION")),
    ];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: about,
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "bedside".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::UNIX_EPOCH;

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::StatusCode;
    use axum::routing::post;
    use bedside_protocol::ResponseStatus;
    use tokio::net::TcpListener;

    use super::*;

    /// Nothing here takes longer unless it hangs.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// A collector that answers with `status`, and what it is sent.
    async fn collector(status: StatusCode) -> (Url, mpsc::Receiver<Bytes>) {
        let (sender, bodies) = mpsc::channel(8);
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let take = post(async move |body: Bytes| {
            sender.send(body).await.expect("the test reads");
            status
        });
        let app = Router::new().route("/v1/traces", take);
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url.parse().expect("an address"), bodies)
    }

    fn turn(response: &str) -> FinishedTurn {
        let metrics = serde_json::json!({"response_id": response, "end_of_turn": 224.0,
            "model_first_token": 400.0, "voice_to_voice": 481.0, "providers": {"model": "bedrock"}});
        FinishedTurn {
            session: "sess_1".to_owned(),
            outcome: ResponseStatus::Completed,
            voiced_at: UNIX_EPOCH + Duration::from_secs(1_000),
            metrics: serde_json::from_value(metrics).expect("metrics"),
        }
    }

    #[tokio::test]
    async fn a_turn_arrives_as_one_trace_and_those_that_wait_are_sent_at_the_end() {
        let (url, mut bodies) = collector(StatusCode::OK).await;
        let metrics = Arc::<Metrics>::default();
        let exporter = Exporter::new(&url, metrics.clone()).expect("a client");
        let (sender, turns) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let run = tokio::spawn(exporter.run(turns, stop.clone()));
        for response in ["resp_1", "resp_2"] {
            sender.send(turn(response)).await.expect("room");
        }
        stop.cancel();
        let body = tokio::time::timeout(PATIENCE, bodies.recv())
            .await
            .expect("in time");
        let request = ExportTraceServiceRequest::decode(body.expect("a body")).expect("protobuf");
        let told = &request.resource_spans[0];
        let about = &told.resource.as_ref().expect("a resource").attributes;
        assert!(about.contains(&text("service.name", "bedside")));
        let spans = &told.scope_spans[0].spans;
        let roots: Vec<_> = spans
            .iter()
            .filter(|span| span.parent_span_id.is_empty())
            .collect();
        assert_eq!(roots.len(), 2, "one trace a turn");
        assert_ne!(roots[0].trace_id, roots[1].trace_id);
        for root in &roots {
            assert_eq!(root.end_time_unix_nano - root.start_time_unix_nano, 481_000_000);
            let children = spans.iter().filter(|span| span.parent_span_id == root.span_id);
            let names: Vec<_> = children
                .map(|span| (span.name.as_str(), &span.trace_id))
                .collect();
            let expected = ["end_of_turn", "model", "playback"].map(|name| (name, &root.trace_id));
            assert_eq!(names, expected);
        }
        assert!(
            roots[0]
                .attributes
                .contains(&text("bedside.response.id", "resp_1"))
        );
        tokio::time::timeout(PATIENCE, run)
            .await
            .expect("it ends")
            .expect("it does not fail");
        assert_eq!(metrics.get(Counter::TraceTurnsDropped), 0);
    }

    #[tokio::test]
    async fn what_a_collector_does_not_take_is_counted() {
        let (url, mut bodies) = collector(StatusCode::SERVICE_UNAVAILABLE).await;
        let metrics = Arc::<Metrics>::default();
        let mut exporter = Exporter::new(&url, metrics.clone()).expect("a client");
        exporter.send(&[turn("resp_1"), turn("resp_2")]).await;
        assert!(bodies.recv().await.is_some());
        assert_eq!(metrics.get(Counter::TraceTurnsDropped), 2);
    }
}
