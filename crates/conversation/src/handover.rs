//! Telling that another provider took over: what a chain of providers reports, and what the core sees itself.

use std::collections::BTreeMap;

use bedside_protocol::{ProviderChanged, ServerEventKind as Event};

use crate::Conversation;
use crate::io::StageFault;
use crate::service::{ChangeReason, ProviderChange, Stage};

/// Who was last told to have taken over from whom, by stage.
#[derive(Debug, Default)]
pub(crate) struct Handovers(BTreeMap<Stage, (&'static str, &'static str)>);

impl Handovers {
    /// Whether the change is news.
    fn note(&mut self, change: &ProviderChange) -> bool {
        let pair = (change.from, change.to);
        change.from != change.to && self.0.insert(change.stage, pair) != Some(pair)
    }

    /// A provider served: if it is not who took over last, the next handover is news again.
    fn served(&mut self, stage: Stage, provider: &'static str) {
        if self.0.get(&stage).is_some_and(|(_, to)| *to != provider) {
            self.0.remove(&stage);
        }
    }
}

impl Conversation {
    /// Tells of a change, unless it was told already: a chain and the core may both see it.
    pub(crate) fn on_provider_changed(&mut self, change: &ProviderChange) {
        if self.handovers.note(change) {
            self.tell(Event::BedsideProviderChanged(ProviderChanged {
                stage: change.stage,
                from: change.from.to_owned(),
                to: change.to.to_owned(),
                reason: change.reason.name().to_owned(),
            }));
        }
    }

    /// A provider serves; `instead` of one that failed, perhaps.
    pub(crate) fn on_served(&mut self, stage: Stage, provider: &'static str, instead: Option<StageFault>) {
        self.handovers.served(stage, provider);
        if let Some(fault) = instead {
            self.on_provider_changed(&ProviderChange {
                stage,
                from: fault.provider,
                to: provider,
                reason: ChangeReason::Fault(fault.kind),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::FaultKind;

    fn change(from: &'static str, to: &'static str) -> ProviderChange {
        ProviderChange {
            stage: Stage::Model,
            from,
            to,
            reason: ChangeReason::Fault(FaultKind::Timeout),
        }
    }

    #[test]
    fn a_handover_is_news_once_and_again_after_the_first_has_served() {
        let mut handovers = Handovers::default();
        assert!(handovers.note(&change("a", "b")));
        assert!(!handovers.note(&change("a", "b")));
        handovers.served(Stage::Model, "b");
        assert!(!handovers.note(&change("a", "b")));
        handovers.served(Stage::Model, "a");
        assert!(handovers.note(&change("a", "b")));
        assert!(handovers.note(&change("b", "a")));
        assert!(handovers.note(&change("a", "b")));
        assert!(!handovers.note(&change("c", "c")), "nobody took over");
    }
}
