//! `[chains]`: who serves each stage, the preferred one first.

use std::collections::BTreeMap;

use bedside_conversation::service::Stage;

use super::names::intern;
use super::reader::Reader;

/// This machine's own models.
pub(super) const LOCAL: &str = "local";
/// The protocol itself leads.
pub(super) const SCRIPTED: &str = "scripted";

/// The stages that chains can be set for.
const STAGES: [Stage; 6] = [
    Stage::Transcription,
    Stage::Model,
    Stage::Synthesis,
    Stage::Vitals,
    Stage::Knowledge,
    Stage::Device,
];

/// The names of each stage's providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chains(BTreeMap<Stage, Vec<&'static str>>);

impl Chains {
    /// Who serves `stage`; nobody if it is off.
    pub(crate) fn of(&self, stage: Stage) -> &[&'static str] {
        self.0.get(&stage).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody else than the protocol itself leads.
    pub(crate) fn have_model(&self) -> bool {
        self.of(Stage::Model) != [SCRIPTED]
    }

    /// Reads the chains; `serves(stage, name)` says what is wrong with a name. `knowledge` is whether this machine has
    /// some of its own.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        knowledge: bool,
        serves: impl Fn(Stage, &str) -> Result<(), String>,
    ) -> Self {
        let mut chains = Self::default_with(knowledge);
        let Some(mut section) = reader.section("chains") else {
            return chains;
        };
        for stage in STAGES {
            let key = key(stage);
            let Some(names) = section.take::<Vec<String>>(key) else {
                continue;
            };
            if names.is_empty() && builtin(stage).is_some() && stage != Stage::Knowledge {
                section.note(key, "names nobody");
            }
            for (place, name) in names.iter().enumerate() {
                let twice = names[..place].contains(name);
                let wrong = if twice {
                    Some("stands here twice".to_owned())
                } else {
                    serves(stage, name).err()
                };
                if let Some(what) = wrong {
                    section.note(&format!("{key}[{place}]"), &format!("{name:?} {what}"));
                }
            }
            let names = names.iter().map(|name| intern(name)).collect();
            chains.0.insert(stage, names);
        }
        section.finish(&STAGES.map(key).join(", "));
        chains
    }

    fn default_with(knowledge: bool) -> Self {
        let own = STAGES.into_iter().filter_map(|stage| {
            let name = builtin(stage).filter(|_| knowledge || stage != Stage::Knowledge)?;
            Some((stage, vec![name]))
        });
        Self(own.collect())
    }
}

/// Who serves a stage without a table.
pub(super) fn builtin(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Model => Some(SCRIPTED),
        Stage::Device => None,
        _ => Some(LOCAL),
    }
}

/// How the file calls a stage: as operators see it.
pub(super) fn key(stage: Stage) -> &'static str {
    bedside_engine::Stage::of(stage).name()
}
