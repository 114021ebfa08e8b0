//! What there was not enough of when the objectives broke.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::judge::{busy_cores, most_rss};
use crate::figures::{FigureName, Run, ServerUse, Verdict};

/// From this share of what it may use on, a server has run out of it: the rest goes in bursts shorter than a second.
const EXHAUSTED: f64 = 0.9;

/// Models that begin this much too late hold audio up: the length of one frame, milliseconds.
const LATE_MS: f64 = 20.0;

/// What can be short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The server's processor time.
    Processor,
    /// The threads its models run on.
    ModelThreads,
    /// Its memory.
    Memory,
    /// What it admits: it turned sessions away though those it let in fared well.
    Admission,
    /// The way between server and generator.
    Network,
    /// Services that the server asks.
    Providers,
    /// The machine that makes the load.
    Generator,
    /// Nothing that was measured.
    Unknown,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Processor => "processor of the server",
            Self::ModelThreads => "model threads of the server",
            Self::Memory => "memory of the server",
            Self::Admission => "admission by the server",
            Self::Network => "network",
            Self::Providers => "providers",
            Self::Generator => "load generator",
            Self::Unknown => "unknown",
        })
    }
}

/// What was short, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limiting {
    /// What was short.
    pub resource: Resource,
    /// What was measured, in words.
    pub because: String,
}

/// Names what was short in a run that broke or was invalid.
///
/// Times alone cannot tell a slow provider from a busy server, so what is known to be exhausted comes first, and times
/// are only laid to others where the server had processor time to spare.
pub fn limiting(run: &Run) -> Limiting {
    let (resource, because) = generator(run)
        .or_else(|| admission(run))
        .or_else(|| memory(run))
        .or_else(|| processor(run))
        .or_else(|| model_threads(run))
        .or_else(|| elsewhere(run))
        .unwrap_or_else(|| (Resource::Unknown, unknown(run)));
    Limiting { resource, because }
}

type Evidence = Option<(Resource, String)>;

fn generator(run: &Run) -> Evidence {
    let invalid = &run.generator.invalid;
    (!invalid.is_empty()).then(|| (Resource::Generator, invalid.join("; ")))
}

fn admission(run: &Run) -> Evidence {
    let sessions = run.sessions;
    let fared_well = broken_figures(run).next().is_none();
    (sessions.refused > 0 && fared_well).then(|| {
        let of = format!("{} of {} sessions were refused", sessions.refused, sessions.due);
        let because = match cores(run) {
            Some((used, of_cores)) => format!("{of} while {used:.2} of {of_cores:.2} cores were in use"),
            None => of,
        };
        (Resource::Admission, because)
    })
}

fn memory(run: &Run) -> Evidence {
    let limit = server(run)?.memory?;
    let most = most_rss(run)?;
    (most as f64 >= EXHAUSTED * limit as f64).then(|| {
        let mib = |bytes: u64| bytes >> 20;
        let because = format!("{} of {} MiB were in use", mib(most), mib(limit));
        (Resource::Memory, because)
    })
}

fn processor(run: &Run) -> Evidence {
    let (used, of) = cores(run)?;
    (used >= EXHAUSTED * of).then(|| {
        let late = latest(run).map_or_else(String::new, |(class, ms)| {
            format!("; of the models, {class} began {ms:.0} ms too late")
        });
        let because = format!("{used:.2} of {of:.2} cores were in use{late}");
        (Resource::Processor, because)
    })
}

fn model_threads(run: &Run) -> Evidence {
    let (class, ms) = latest(run)?;
    let because = format!("{class} began {ms:.0} ms too late (99th percentile)");
    Some((Resource::ModelThreads, because))
}

fn elsewhere(run: &Run) -> Evidence {
    let spare = cores(run).map(|(used, of)| format!(" while {used:.2} of {of:.2} cores were in use"))?;
    let by = |wanted: fn(FigureName) -> bool| {
        broken_figures(run)
            .find(|(figure, _)| wanted(*figure))
            .map(|(_, verdict)| format!("{} did not hold{spare}", verdict.objective))
    };
    by(waits_for_providers)
        .map(|because| (Resource::Providers, because))
        .or_else(|| by(crosses_network).map(|because| (Resource::Network, because)))
}

fn unknown(run: &Run) -> String {
    match cores(run) {
        Some((used, of)) => format!("{used:.2} of {of:.2} cores were in use"),
        None => "the server's processor time is not known".to_owned(),
    }
}

fn waits_for_providers(figure: FigureName) -> bool {
    matches!(figure, FigureName::Transcript | FigureName::VoiceToVoice)
}

fn crosses_network(figure: FigureName) -> bool {
    matches!(
        figure,
        FigureName::Connect | FigureName::RoundTrip | FigureName::AudioGap | FigureName::Jitter
    )
}

fn broken_figures(run: &Run) -> impl Iterator<Item = (FigureName, &Verdict)> {
    let broken = run.objectives.iter().filter(|verdict| !verdict.kept);
    broken.filter_map(|verdict| Some((verdict.figure?, verdict)))
}

fn server(run: &Run) -> Option<&ServerUse> {
    run.server.as_ref()
}

/// Cores in use, and how many it may use.
fn cores(run: &Run) -> Option<(f64, f64)> {
    Some((busy_cores(run)?, server(run)?.cores?))
}

/// The class of model work that is latest, if that is late enough to matter, and by how many milliseconds.
fn latest(run: &Run) -> Option<(&str, f64)> {
    let classes = server(run)?.lateness_ms.iter();
    classes
        .map(|(class, &ms)| (class.as_str(), ms))
        .filter(|&(_, ms)| ms >= LATE_MS)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Generator, Second, Sessions};

    /// A run that broke `figure` while the server used `cores` of two.
    fn run(figure: FigureName, cores: f64) -> Run {
        Run {
            objectives: vec![Verdict {
                objective: "it p99 < 1 ms".to_owned(),
                figure: Some(figure),
                limit: 1.0,
                measured: Some(2.0),
                kept: false,
            }],
            timeline: vec![Second {
                live: 4,
                server_cores: Some(cores),
                server_rss: Some(500 << 20),
                ..Second::default()
            }],
            server: Some(ServerUse {
                cores: Some(2.0),
                memory: Some(1_000 << 20),
                ..ServerUse::default()
            }),
            ..Run::default()
        }
    }

    fn check(run: &Run, resource: Resource, because: &str) {
        let found = limiting(run);
        assert_eq!((found.resource, found.because.as_str()), (resource, because));
    }

    #[test]
    fn a_saturated_processor_explains_every_figure() {
        for figure in FigureName::ALL {
            check(
                &run(figure, 1.85),
                Resource::Processor,
                "1.85 of 2.00 cores were in use",
            );
        }
    }

    #[test]
    fn models_may_be_late_on_processors_that_are_not_saturated() {
        let mut run = run(FigureName::Transcript, 1.1);
        if let Some(server) = &mut run.server {
            server.lateness_ms = [
                ("speech_detection", 3.0),
                ("final_transcript", 310.0),
                ("vitals", 45.0),
            ]
            .map(|(class, ms)| (class.to_owned(), ms))
            .into();
        }
        check(
            &run,
            Resource::ModelThreads,
            "final_transcript began 310 ms too late (99th percentile)",
        );
    }

    #[test]
    fn with_processors_to_spare_it_depends_on_what_broke() {
        let spare = "it p99 < 1 ms did not hold while 0.40 of 2.00 cores were in use";
        check(&run(FigureName::VoiceToVoice, 0.4), Resource::Providers, spare);
        check(&run(FigureName::AudioGap, 0.4), Resource::Network, spare);
        check(
            &run(FigureName::HeartRateError, 0.4),
            Resource::Unknown,
            "0.40 of 2.00 cores were in use",
        );
    }

    #[test]
    fn nothing_is_laid_to_others_on_a_server_that_cannot_be_looked_at() {
        let run = Run {
            server: None,
            ..run(FigureName::VoiceToVoice, 0.4)
        };
        check(
            &run,
            Resource::Unknown,
            "the server's processor time is not known",
        );
    }

    #[test]
    fn memory_comes_before_processors() {
        let mut run = run(FigureName::Connect, 2.0);
        run.timeline[0].server_rss = Some(950 << 20);
        check(&run, Resource::Memory, "950 of 1000 MiB were in use");
    }

    #[test]
    fn admission_limits_only_while_all_else_holds() {
        let sessions = Sessions {
            due: 9,
            refused: 2,
            ..Sessions::default()
        };
        let broken = Run {
            sessions,
            ..run(FigureName::Connect, 1.9)
        };
        assert_eq!(limiting(&broken).resource, Resource::Processor);
        let kept = Run {
            objectives: Vec::new(),
            ..broken
        };
        check(
            &kept,
            Resource::Admission,
            "2 of 9 sessions were refused while 1.90 of 2.00 cores were in use",
        );
    }

    #[test]
    fn a_lagging_generator_comes_before_all() {
        let generator = Generator {
            cpu_share: 0.99,
            invalid: vec!["lag p99 12 ms".to_owned(), "busy".to_owned()],
        };
        let run = Run {
            generator,
            ..run(FigureName::Connect, 2.0)
        };
        check(&run, Resource::Generator, "lag p99 12 ms; busy");
    }
}
