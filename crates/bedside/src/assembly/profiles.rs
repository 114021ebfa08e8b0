//! What the server offers: one profile a protocol, under its own name and its aliases, and an echo test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::io::FaultKind;
use bedside_conversation::{Safety, SessionFunctions};
use bedside_engine::{Profile, Profiles, Recent, SessionLimits};
use bedside_inference::scheduler::{BOUNDS, Histogram, Scheduler};
use bedside_providers::local::LocalModels;
use bedside_server::{App, Durations, JobClass, JobFigures, ModelThreads, Settings, StageChain};

use super::capacity::{capacity, lateness};
use super::instructions::instructions;
use super::models::load_models;
use super::protocols::protocols;
use super::services::Services;
use super::stages::Stages;
use crate::config::Config;
use crate::failure::Failure;

/// The model with which a client hears itself, unless a protocol is called so.
const ECHO: &str = "echo";

/// Checks the protocols, loads the models, and makes a server of them.
pub(crate) async fn app(config: &Config) -> Result<App, Failure> {
    let protocols = protocols(config)?;
    let services = Services::of(&config.services).await?;
    let models = load_models(config)?;
    let leader = protocols.get(&config.default_protocol).ok_or_else(unchecked)?;
    let stages = Stages::of(&config.services, &services, &models, leader)?;
    let parts = Parts {
        config,
        models: &models,
        stages: &stages,
    };
    let app = App::new(server(config, &stages), parts.profiles(&protocols)?);
    let watched = models.clone();
    let recent = Mutex::new(Recent::default());
    app.watch_models(move || {
        let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
        lateness(&mut recent, watched.scheduler())
    });
    app.show_model_threads(move || figures(models.scheduler()));
    let health = Arc::new(stages.health);
    let watched = Arc::clone(&health);
    services
        .cloud
        .refresh_when_refused(move || watched.iter().map(|chain| refusals(&chain())).sum());
    app.show_chains(move || health.iter().map(|chain| chain()).collect());
    Ok(app)
}

/// How often providers of a chain have refused something.
fn refusals(chain: &StageChain) -> u64 {
    let refused = FaultKind::Refused.name();
    let faults = chain.links.iter().flat_map(|link| &link.faults);
    faults
        .filter(|(kind, _)| *kind == refused)
        .map(|(_, count)| count)
        .sum()
}

/// What profiles are made of.
struct Parts<'a> {
    config: &'a Config,
    models: &'a LocalModels,
    stages: &'a Stages,
}

impl Parts<'_> {
    fn profiles(&self, protocols: &BTreeMap<String, Arc<Protocol>>) -> Result<Profiles, Failure> {
        let named = |name: &str, protocol: &Arc<Protocol>| self.profile(name, protocol);
        let default = &self.config.default_protocol;
        let first = protocols.get(default).map(|protocol| named(default, protocol));
        let own = protocols.iter().map(|(name, protocol)| named(name, protocol));
        let aliases = self
            .config
            .aliases
            .iter()
            .filter_map(|(alias, name)| Some(named(alias, protocols.get(name)?)));
        let mut others: Vec<_> = own
            .filter(|profile| profile.name != *default)
            .chain(aliases)
            .collect();
        if default != ECHO && others.iter().all(|profile| profile.name != ECHO) {
            others.push(Profile::echo(ECHO));
        }
        Ok(Profiles::new(first.ok_or_else(unchecked)?, others))
    }

    fn profile(&self, name: &str, protocol: &Arc<Protocol>) -> Profile {
        let services = &self.config.services;
        let by_model = services.chains.have_model();
        Profile {
            name: name.to_owned(),
            protocol: protocol.id.clone(),
            turn_detection: self.config.turn_detection,
            safety: Arc::new(Safety {
                red_flags: RedFlags::new(protocol),
                emergency_sentence: protocol.emergency_sentence(&protocol.locale).to_owned(),
            }),
            chat: self.stages.leader(protocol),
            transcriber: Arc::clone(&self.stages.transcriber),
            synthesizer: Arc::clone(&self.stages.synthesizer),
            detector: Arc::new(self.models.detector()),
            judge: Arc::new(self.models.turn_judge()),
            vitals: self.stages.vitals.clone(),
            // A protocol that leads by itself needs no telling, and ends and escalates by its own rules.
            instructions: if by_model {
                instructions(protocol)
            } else {
                String::new()
            },
            functions: SessionFunctions {
                escalate: by_model,
                end_consultation: by_model,
            },
            tools: self.stages.tools.clone(),
            currency: services.currency.clone(),
            echoes: false,
        }
    }
}

fn unchecked() -> Failure {
    Failure::internal("the default protocol was not checked")
}

/// What operators see of the threads that run models.
fn figures(scheduler: &Scheduler) -> ModelThreads {
    let metrics = scheduler.metrics();
    ModelThreads {
        threads: scheduler.threads(),
        queued: metrics.iter().map(|(_, metrics)| metrics.waiting).sum(),
        classes: metrics
            .iter()
            .map(|(class, metrics)| JobClass {
                name: class.name(),
                done: metrics.finished,
                dropped: metrics.dropped(),
                late: metrics.late,
                lateness_p95_ms: metrics.lateness_p95().as_secs_f64() * 1_000.0,
                jobs: JobFigures {
                    waiting: metrics.waiting,
                    shed: metrics.shed,
                    evicted: metrics.evicted,
                    refused: metrics.refused,
                    cancelled: metrics.cancelled,
                    panicked: metrics.panicked,
                    wait: durations(&metrics.wait),
                    run: durations(&metrics.run),
                    lateness: durations(&metrics.lateness),
                },
            })
            .collect(),
    }
}

fn durations(histogram: &Histogram) -> Durations {
    let bounds = BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
    Durations {
        buckets: bounds.zip(histogram.counts).collect(),
        sum_s: histogram.sum.as_secs_f64(),
    }
}

fn server(config: &Config, stages: &Stages) -> Settings {
    Settings {
        access: config.access.clone(),
        capacity: capacity(config),
        limits: SessionLimits {
            open: config.limits.open.max(stages.open_limit),
            transcript: config.limits.transcript.max(stages.transcript_limit),
            synthesis: config.limits.synthesis.max(stages.synthesis_limit),
            ..config.limits.clone()
        },
        handshakes: config.handshakes,
    }
}
