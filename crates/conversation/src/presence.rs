//! The client loses its connection and comes back: what was being said is cut at what was heard, and the rest said
//! again if it is wanted.
//!
//! Meanwhile the conversation goes on as far as it can: a turn that has ended is answered, and the answer waits for its
//! listener; a turn under way goes on when audio comes again. Nothing begins that nobody is there to hear.

use std::time::Duration;

use crate::Conversation;
use crate::interruption::Interrupted;
use crate::io::Output;
use crate::response::Cancelled;
use crate::timers::Timer;

impl Conversation {
    /// Nothing that is sent from now on is heard.
    pub(crate) fn on_connection_lost(&mut self) {
        if std::mem::replace(&mut self.away, true) {
            return;
        }
        self.timers.stop(Timer::PatientIdle);
        let message = self.response.as_ref().and_then(|r| r.message.as_ref());
        let begun = message.is_some_and(|message| message.audible);
        if begun || self.response.is_none() && self.is_answering() {
            self.cut_answer(Cancelled::ConnectionLost);
        } else {
            // An answer nobody has heard anything of waits.
            self.drop_unplayed();
        }
    }

    /// The client is there again. Of the audio sent before, it never got the last `unreceived`.
    pub(crate) fn on_connection_back(&mut self, repeat_unheard: bool, unreceived: Duration) {
        if !std::mem::take(&mut self.away) {
            return;
        }
        self.back_at = Some(self.now);
        self.cut_unreceived(unreceived);
        let cut = self
            .interrupted
            .take_if(|interrupted| interrupted.why == Cancelled::ConnectionLost);
        if let Some(cut) = cut {
            if repeat_unheard {
                self.go_on(cut);
            } else if let Some(generation) = cut.generation {
                self.out.push_back(Output::CancelGeneration(generation));
            }
        }
        if self.response.is_none() {
            self.await_patient();
        }
        self.answer_if_ready();
    }

    /// Takes back what was taken for heard and cannot have been: a lost connection is noticed late.
    fn cut_unreceived(&mut self, unreceived: Duration) {
        let got = self.playback.total().saturating_sub(unreceived);
        let cut: Vec<_> = self
            .items
            .spoken()
            .filter_map(|entry| {
                let ledger = entry.spoken.as_ref()?.ledger.as_ref()?;
                let received = ledger.within(got);
                (ledger.heard(self.now) > received).then(|| (entry.item.id.clone(), received))
            })
            .collect();
        for (item_id, received) in cut {
            self.fix_heard(&item_id, received);
            self.offer_rest(item_id);
        }
    }

    /// An answer that had been sent to its end was cut after all: it may be wanted again, if nothing was said since.
    fn offer_rest(&mut self, item_id: String) {
        let latest = self.items.last_id() == Some(item_id.as_str());
        if latest && self.response.is_none() && self.interrupted.is_none() {
            let spoken = self.items.get(&item_id).and_then(|entry| entry.spoken.as_ref());
            let tag = spoken.and_then(|spoken| spoken.tag.clone());
            self.interrupted = Some(Interrupted::by_loss(item_id, tag));
        }
    }
}
