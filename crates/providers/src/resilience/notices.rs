//! What a session is told of who serves it.

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{ChangeReason, ProviderChange};

use super::chain::Links;
use crate::report::Reporter;

impl<P: ?Sized> Links<P> {
    /// Notes that a link failed a session.
    pub(super) fn fails(&self, session: &Reporter, link: usize, kind: FaultKind) -> StageFault {
        let provider = self.members[link].name;
        session.serving(self.stage, |serving| serving.faults.insert(provider, kind));
        StageFault { provider, kind }
    }

    /// Tells a session which link serves it now, if it was another one before; `slow` says that the one before was
    /// outrun.
    pub(super) fn serves(&self, session: &Reporter, link: usize, slow: bool) {
        let to = self.members[link].name;
        let change = session.serving(self.stage, |serving| {
            serving.faults.remove(to);
            let from = serving.by.replace(to).unwrap_or(self.name());
            let preferred = self.members[..link].iter().all(|before| before.name != from);
            let reason = match serving.faults.get(from) {
                _ if preferred => ChangeReason::Recovered,
                Some(&kind) => ChangeReason::Fault(kind),
                None if slow => ChangeReason::Slow,
                None => ChangeReason::CircuitOpen,
            };
            (from != to).then_some(ProviderChange {
                stage: self.stage,
                from,
                to,
                reason,
            })
        });
        if let Some(change) = change {
            session.changed(change);
        }
    }
}
