//! Where the work of a session is done.

use bedside_conversation::service;
use bedside_protocol::TurnDetection;
use bedside_providers::{local, scripted};

use crate::nobody;
use crate::profile::Profile;

/// Where a stage is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Nowhere, or where it costs nothing worth counting.
    #[default]
    Nowhere,
    /// By a model of this machine.
    Here,
    /// By a vendor, over the network.
    Vendor,
}

/// Where each stage of a session is served at present.
///
/// A session counts for what serves it now, not for the most it may come to. A chain whose second provider is this machine
/// would otherwise fill the node with sessions of which each takes a hundredth of what it reserves. When a vendor fails
/// and sessions go over to this machine's models, their costs rise with them: the node may then be over its budget, takes
/// no newcomers, and serves those there are as well as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demand {
    /// Speech detection.
    pub detection: Place,
    /// End of turn.
    pub end_of_turn: Place,
    /// Transcription.
    pub transcription: Place,
    /// The chat model.
    pub model: Place,
    /// Synthesis.
    pub synthesis: Place,
    /// A scan of vital signs, while it runs.
    pub scan: Place,
}

impl Demand {
    /// What a session of `profile` begins with: the preferred provider of every stage, turns taken in its usual way, and no
    /// scan.
    pub fn of(profile: &Profile) -> Self {
        Self {
            detection: place(profile.detector.name()),
            end_of_turn: match profile.turn_detection {
                TurnDetection::SemanticVad(_) => place(profile.judge.name()),
                TurnDetection::ServerVad(_) => Place::Nowhere,
            },
            transcription: place(profile.transcriber.name()),
            model: place(profile.chat.name()),
            synthesis: place(profile.synthesizer.name()),
            scan: Place::Nowhere,
        }
    }

    /// Another provider serves a stage from now on.
    pub(crate) fn served_by(&mut self, stage: service::Stage, provider: &str) {
        let served = place(provider);
        match stage {
            service::Stage::Transcription => self.transcription = served,
            service::Stage::Model => self.model = served,
            service::Stage::Synthesis => self.synthesis = served,
            // A scan counts while it runs; knowledge and devices are asked now and then.
            service::Stage::Vitals | service::Stage::Knowledge | service::Stage::Device => {}
        }
    }

    /// Speech is detected and pauses are judged by these, if at all.
    pub(crate) fn takes_turns_by(&mut self, detector: Option<&str>, judge: Option<&str>) {
        self.detection = detector.map_or(Place::Nowhere, place);
        self.end_of_turn = judge.map_or(Place::Nowhere, place);
    }

    /// A scan by `provider` runs, or none does.
    pub(crate) fn scanned_by(&mut self, provider: Option<&str>) {
        self.scan = provider.map_or(Place::Nowhere, place);
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        [
            self.detection,
            self.end_of_turn,
            self.transcription,
            self.model,
            self.synthesis,
            self.scan,
        ]
        .into_iter()
    }
}

/// Both names belong to what is part of the program: no vendor can be called so.
fn place(provider: &str) -> Place {
    match provider {
        local::NAME => Place::Here,
        scripted::NAME | nobody::NAME => Place::Nowhere,
        _ => Place::Vendor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_goes_over_to_this_machine_costs_more_until_its_vendor_is_back() {
        let mut demand = Demand {
            transcription: Place::Vendor,
            ..Demand::default()
        };
        demand.served_by(service::Stage::Transcription, "local");
        assert_eq!(demand.transcription, Place::Here);
        demand.served_by(service::Stage::Transcription, "deepgram");
        assert_eq!(demand.transcription, Place::Vendor);
        demand.served_by(service::Stage::Model, "scripted");
        assert_eq!(demand.model, Place::Nowhere);
    }
}
