//! Who does the work of each stage, and whether they do.

use std::collections::BTreeSet;

use bedside_engine::{Metrics, Profile, Profiles, Stage};
use serde::Serialize;

/// A stage and its provider.
#[derive(Debug, Serialize)]
pub(super) struct Provider {
    stage: &'static str,
    name: String,
    state: State,
    faults_total: u64,
    faults_recent: u64,
    last_fault: Option<Fault>,
}

/// How a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Well, as far as is known.
    Ok,
    /// It failed three times in the last minute, or the last time it was used.
    Failing,
    /// No model of this server uses it.
    Off,
}

#[derive(Debug, Serialize)]
struct Fault {
    kind: &'static str,
    at_ms: u64,
}

/// Every stage, in the order a turn passes them.
pub(super) fn providers(profiles: &Profiles, metrics: &Metrics) -> Vec<Provider> {
    let provider = |stage: Stage| {
        let names: BTreeSet<_> = profiles
            .iter()
            .filter_map(|profile| name(profile, stage))
            .collect();
        let names = Vec::from_iter(names);
        let health = metrics.health(stage);
        Provider {
            stage: stage.name(),
            state: match (names.is_empty(), health.failing) {
                (true, _) => State::Off,
                (false, true) => State::Failing,
                (false, false) => State::Ok,
            },
            name: names.join(", "),
            faults_total: health.total,
            faults_recent: health.recent,
            last_fault: health.last.map(|last| Fault {
                kind: last.kind,
                at_ms: last.at_ms,
            }),
        }
    };
    Stage::ALL.into_iter().map(provider).collect()
}

fn name(profile: &Profile, stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Detection => Some(profile.detector.name()),
        Stage::TurnJudge => Some(profile.judge.name()),
        Stage::Transcription => Some(profile.transcriber.name()),
        Stage::Model => Some(profile.chat.name()),
        Stage::Synthesis => Some(profile.synthesizer.name()),
        Stage::Vitals => profile.vitals.as_ref().map(|vitals| vitals.name()),
        Stage::Knowledge | Stage::Device => None,
    }
}
