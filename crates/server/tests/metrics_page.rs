//! What Prometheus is told, and who may ask.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]
#![allow(clippy::float_cmp, reason = "what is counted is told without rounding")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use bedside_engine::Stage;
use bedside_server::{ChainLink, Durations, JobClass, JobFigures, ModelThreads, StageChain};
use serde_json::Value;
use support::{KEY, Options, Server};

/// A page of metrics, read by the rules of `OpenMetrics` 1.0.
struct Page {
    /// Type by name.
    families: BTreeMap<String, String>,
    /// Value by name and labels.
    series: BTreeMap<String, f64>,
}

impl Page {
    fn read(text: &str) -> Self {
        let (mut families, mut series) = (BTreeMap::new(), BTreeMap::new());
        let body = text.strip_suffix("# EOF\n").expect("an end");
        let mut helped = None;
        for line in body.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, text) = help.split_once(' ').expect("a help");
                assert!(!text.is_empty(), "{line}");
                helped = Some(name.to_owned());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a type");
                assert_eq!(helped.as_deref(), Some(name), "help comes first");
                let before = families.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "{name} comes twice");
            } else {
                let (name, value) = line.rsplit_once(' ').expect("a name and a value");
                let family = name.split('{').next().expect("a name");
                let own = helped.as_deref().expect("a family");
                let suffix = family
                    .strip_prefix(own)
                    .expect("lines of a family stand together");
                let expected: &[&str] = match families[own].as_str() {
                    "counter" => &["_total"],
                    "gauge" => &[""],
                    "histogram" => &["_bucket", "_sum", "_count"],
                    other => panic!("{other}"),
                };
                assert!(expected.contains(&suffix), "{line}");
                let value = value.parse().expect("a number");
                assert_eq!(series.insert(name.to_owned(), value), None, "{name} comes twice");
            }
        }
        Self { families, series }
    }

    fn value(&self, series: &str) -> f64 {
        *self.series.get(series).unwrap_or_else(|| panic!("no {series}"))
    }

    /// Whether a series never falls.
    fn only_grows(&self, series: &str) -> bool {
        let name = series.split('{').next().expect("a name");
        ["_total", "_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .any(|family| self.families.get(family).is_some_and(|kind| kind != "gauge"))
    }
}

impl Server {
    async fn scrape(&self) -> Page {
        let key = format!("Authorization: Bearer {KEY}\r\n");
        let (status, text) = self.http("GET", "/metrics", &key, "").await;
        assert_eq!(status, 200, "{text}");
        Page::read(&text)
    }

    /// A server with everything that can be shown.
    fn complete() -> Self {
        let server = Self::start(Options {
            capacity: 3,
            ..Options::default()
        });
        let durations = Durations {
            buckets: vec![(0.001, 5), (f64::INFINITY, 1)],
            sum_s: 0.25,
        };
        let class = JobClass {
            name: "final_transcript",
            done: 6,
            dropped: 2,
            late: 1,
            lateness_p95_ms: 1.5,
            jobs: JobFigures {
                waiting: 3,
                shed: 2,
                wait: durations.clone(),
                run: durations.clone(),
                lateness: durations,
                ..JobFigures::default()
            },
        };
        server.app.show_model_threads(move || ModelThreads {
            threads: 2,
            queued: 3,
            classes: vec![class.clone()],
        });
        server.app.show_chains(|| {
            let link = ChainLink {
                name: "deepgram",
                breaker: "open",
                p50_ms: Some(248),
                p95_ms: None,
                uses: 57,
                faults: vec![("timeout", 2)],
            };
            vec![StageChain {
                stage: Stage::Transcription,
                links: vec![link],
            }]
        });
        server
    }
}

#[tokio::test]
async fn the_page_tells_of_sessions_threads_providers_and_the_process() {
    let server = Server::complete();
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let mut session = server.enter().await;
        session.expect("session.created").await;
        sessions.push(session);
    }
    let bearer = format!("Bearer {KEY}");
    let refused = server
        .refusal("/v1/realtime", &[("authorization", &bearer)])
        .await;
    assert!(refused.is(503, "server_overloaded"), "{refused:?}");
    let page = server.scrape().await;
    for (series, value) in [
        ("bedside_sessions", 3.0),
        ("bedside_sessions_capacity", 3.0),
        ("bedside_sessions_detached", 0.0),
        ("bedside_sessions_opened_total", 3.0),
        ("bedside_sessions_refused_total{reason=\"sessions\"}", 1.0),
        ("bedside_sessions_refused_total{reason=\"draining\"}", 0.0),
        ("bedside_accepting", 1.0),
        (
            "bedside_scheduler_jobs_total{class=\"final_transcript\",outcome=\"shed\"}",
            2.0,
        ),
        (
            "bedside_scheduler_wait_seconds_bucket{le=\"0.001\",class=\"final_transcript\"}",
            5.0,
        ),
        (
            "bedside_scheduler_wait_seconds_bucket{le=\"+Inf\",class=\"final_transcript\"}",
            6.0,
        ),
        (
            "bedside_scheduler_wait_seconds_sum{class=\"final_transcript\"}",
            0.25,
        ),
        (
            "bedside_provider_faults_total{stage=\"transcription\",provider=\"deepgram\",kind=\"timeout\"}",
            2.0,
        ),
        (
            "bedside_provider_breaker{stage=\"transcription\",provider=\"deepgram\",state=\"open\"}",
            1.0,
        ),
        (
            "bedside_provider_first_event_seconds{stage=\"transcription\",provider=\"deepgram\",quantile=\"0.5\"}",
            0.248,
        ),
        (
            "bedside_turn_latency_seconds_count{stage=\"voice_to_voice\"}",
            0.0,
        ),
        ("bedside_turns_total", 0.0),
    ] {
        assert_eq!(page.value(series), value, "{series}");
    }
    assert!(page.value("bedside_session_loop_seconds_count") >= 3.0);
    assert!(page.value("bedside_tasks") >= 1.0);
    assert!(page.value("process_cpu_seconds_total") > 0.0);
    assert!(page.value("process_start_time_seconds") > 1.7e9);
    if cfg!(target_os = "linux") {
        assert!(page.value("process_resident_memory_bytes") > 1e6);
        assert!(page.value("process_open_fds") > 3.0);
    }
}

#[tokio::test]
async fn counters_never_fall_and_sessions_add_no_series() {
    let server = Server::complete();
    let before = server.scrape().await;
    let mut session = server.enter().await;
    session.expect("session.created").await;
    session.send(serde_json::json!({"type": "no_such_event"})).await;
    session.expect("error").await;
    drop(session);
    let after = server.scrape().await;
    let names = |page: &Page| page.series.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&before), names(&after));
    for (series, value) in &after.series {
        assert!(
            !after.only_grows(series) || *value >= before.value(series),
            "{series} fell to {value}"
        );
    }
    assert_eq!(after.value("bedside_client_mistakes_total"), 1.0);
    // One class and one provider are shown; the others have as many each.
    assert!(after.series.len() < 400, "{} series", after.series.len());
}

#[tokio::test]
async fn operators_alone_may_ask() {
    let server = Server::start(Options::default());
    let key = format!("Authorization: Bearer {KEY}\r\n");
    let (_, secret) = server.http("POST", "/v1/realtime/client_secrets", &key, "").await;
    let secret: Value = serde_json::from_str(&secret).expect("JSON");
    let ephemeral = format!(
        "Authorization: Bearer {}\r\n",
        secret["value"].as_str().expect("a key")
    );
    assert_eq!(server.http("GET", "/metrics", "", "").await.0, 401);
    assert_eq!(server.http("GET", "/metrics", &ephemeral, "").await.0, 403);
    let keyless = Server::start(Options {
        keys: Vec::new(),
        origins: vec!["https://clinic.example".to_owned()],
        ..Options::default()
    });
    let foreign = "Origin: https://clinic.example\r\n";
    assert_eq!(keyless.http("GET", "/metrics", foreign, "").await.0, 403);
    assert_eq!(keyless.http("GET", "/metrics", "", "").await.0, 200);
}

/// Everything in `text` that looks like the name of a metric.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    words
        .filter(|word| word.starts_with("bedside_") || word.starts_with("process_"))
        .collect()
}

fn file(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    std::fs::read_to_string(format!("{root}/{path}")).expect(path)
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_what_there_is() {
    let page = Server::complete().scrape().await;
    let there: BTreeSet<String> = page
        .families
        .iter()
        .flat_map(|(name, kind)| match kind.as_str() {
            "counter" => vec![format!("{name}_total")],
            "histogram" => ["bucket", "sum", "count"]
                .map(|end| format!("{name}_{end}"))
                .into(),
            _ => vec![name.clone()],
        })
        .collect();
    for path in [
        "deploy/grafana/bedside.json",
        "deploy/prometheus/alerts.yml",
        "deploy/prometheus/alerts.test.yml",
    ] {
        let text = file(path);
        let asked = names(&text);
        assert!(asked.len() > 5, "{path}: {asked:?}");
        for name in asked {
            assert!(there.contains(name), "{path} asks for {name}, and there is none");
        }
    }
    serde_json::from_str::<Value>(&file("deploy/grafana/bedside.json")).expect("JSON");
}

#[tokio::test]
async fn every_metric_is_documented_and_every_alert_has_its_chapter() {
    let page = Server::complete().scrape().await;
    let text = file("docs/observability.md");
    let chapter = text
        .split("\n## ")
        .find(|chapter| chapter.starts_with("Metrics\n"));
    let documented: BTreeSet<(&str, &str)> = chapter
        .expect("a chapter")
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.strip_suffix('`')?, cells.next()?))
        })
        .collect();
    let there: BTreeSet<(String, &str)> = page
        .families
        .iter()
        .map(|(name, kind)| match kind.as_str() {
            "counter" => (format!("{name}_total"), "counter"),
            kind => (name.clone(), kind),
        })
        .collect();
    let there: BTreeSet<(&str, &str)> = there.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    assert_eq!(documented, there);
    let chapters: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|title| title.to_lowercase().replace(' ', "-"))
        .collect();
    let alerts = file("deploy/prometheus/alerts.yml");
    let runbooks = alerts
        .lines()
        .filter_map(|line| line.split("observability.md#").nth(1));
    let runbooks: BTreeSet<String> = runbooks.map(str::to_owned).collect();
    assert_eq!(alerts.matches("- alert:").count(), runbooks.len());
    assert!(runbooks.is_subset(&chapters), "{runbooks:?} {chapters:?}");
}
