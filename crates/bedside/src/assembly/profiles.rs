//! What the server offers: one profile a protocol, under its own name and its aliases.

use std::collections::BTreeMap;
use std::sync::Arc;

use bedside_conversation::Safety;
use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_engine::{Profile, Profiles};
use bedside_inference::scheduler::Scheduler;
use bedside_protocol::TurnDetection;
use bedside_providers::local::LocalModels;
use bedside_providers::scripted::ScriptedModel;
use bedside_providers::traits::VitalsService;
use bedside_server::{App, JobClass, ModelThreads, Settings};

use super::models::load_models;
use super::protocols::protocols;
use crate::config::Config;
use crate::failure::Failure;

/// Checks the protocols, loads the models, and makes a server of them.
pub(crate) fn app(config: &Config) -> Result<App, Failure> {
    let protocols = protocols(config)?;
    let models = load_models(config)?;
    let app = App::new(server(config), profiles(config, &protocols, &models)?);
    app.show_model_threads(move || figures(models.scheduler()));
    Ok(app)
}

fn profiles(
    config: &Config,
    protocols: &BTreeMap<String, Arc<Protocol>>,
    models: &LocalModels,
) -> Result<Profiles, Failure> {
    let named = |name: &str, protocol: &Arc<Protocol>| profile(name, protocol, config.turn_detection, models);
    let default = protocols
        .get(&config.default_protocol)
        .map(|protocol| named(&config.default_protocol, protocol));
    let default = default.ok_or_else(|| Failure::internal("the default protocol was not checked"))?;
    let own = protocols.iter().map(|(name, protocol)| named(name, protocol));
    let aliases = config
        .aliases
        .iter()
        .filter_map(|(alias, name)| Some(named(alias, protocols.get(name)?)));
    let others: Vec<_> = own
        .filter(|profile| profile.name != config.default_protocol)
        .chain(aliases)
        .collect();
    Ok(Profiles::new(default, others))
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
            })
            .collect(),
    }
}

fn server(config: &Config) -> Settings {
    Settings {
        access: config.access.clone(),
        capacity: config.sessions,
        limits: config.limits.clone(),
        handshakes: config.handshakes,
    }
}

fn profile(
    name: &str,
    protocol: &Arc<Protocol>,
    turn_detection: TurnDetection,
    models: &LocalModels,
) -> Profile {
    Profile {
        name: name.to_owned(),
        protocol: protocol.id.clone(),
        turn_detection,
        safety: Arc::new(Safety {
            red_flags: RedFlags::new(protocol),
            emergency_sentence: protocol.emergency_sentence(&protocol.locale).to_owned(),
        }),
        chat: Arc::new(ScriptedModel::new(Arc::clone(protocol))),
        transcriber: Arc::new(models.transcriber()),
        synthesizer: Arc::new(models.synthesizer()),
        detector: Arc::new(models.detector()),
        judge: Arc::new(models.turn_judge()),
        vitals: models
            .vitals()
            .map(|vitals| Arc::new(vitals) as Arc<dyn VitalsService>),
    }
}
