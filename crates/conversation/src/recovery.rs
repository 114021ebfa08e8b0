//! The model fails: another one is asked, and goes on where the first broke off.

use std::time::Duration;

use bedside_protocol::ItemStatus;

use crate::Conversation;
use crate::io::{FaultKind, Output, StageFault};
use crate::response::{Generation, Response};
use crate::service::Stage;
use crate::timers::Timer;
use crate::wish::Source;

/// A model is asked at most so many times more for one answer.
const ASKED_AGAIN: u32 = 2;

/// While nothing has been said, models are not asked again later than this: an apology is better than more silence.
const PATIENCE: Duration = Duration::from_secs(8);

impl Conversation {
    pub(crate) fn on_model_overdue(&mut self) {
        let Some(response) = &self.response else { return };
        let Some(generation) = response.running() else {
            return;
        };
        let provider = response.clock.model_provider.unwrap_or(self.model_name);
        self.out.push_back(Output::CancelGeneration(generation));
        self.on_model_failed(StageFault {
            provider,
            kind: FaultKind::Timeout,
        });
    }

    /// The model is asked again, others first: from the beginning if nothing has been said, else for the rest. In the end
    /// the patient hears an apology.
    pub(crate) fn on_model_failed(&mut self, fault: StageFault) {
        self.timers.stop(Timer::ModelOverdue);
        self.break_off_answer();
        let now = self.now;
        let Some(response) = &mut self.response else {
            return;
        };
        if !response.failed.models.contains(&fault.provider) {
            response.failed.models.push(fault.provider);
        }
        let since = response.clock.generation_start.unwrap_or(now);
        let in_time = response.has_begun() || now.since(since) < PATIENCE;
        if response.asked_again < ASKED_AGAIN && in_time {
            response.asked_again += 1;
            // Who answers now is told anew.
            response.clock.model_provider = None;
            response.failed.model = Some(fault);
            self.ask_model();
            return;
        }
        response.generation = Generation::Over;
        response.fault = Some(fault);
        if !self.is_apologising() && self.wanted_resume.is_none() {
            self.wanted_resume = Some(Source::apology());
        }
        self.message_complete();
    }

    /// Keeps what can stand of an answer that broke off: whole words, and no calls.
    fn break_off_answer(&mut self) {
        self.complete_calls(ItemStatus::Incomplete);
        let Some(response) = &mut self.response else {
            return;
        };
        response.own_calls.clear();
        let Some((message, spoken)) = self.saying_and_spoken() else {
            return;
        };
        let dropped = message.break_off();
        // What is held back of a written answer was never entered.
        if message.epoch.is_some()
            && let Some(spoken) = spoken
        {
            let whole = spoken.text.len().saturating_sub(dropped);
            spoken.text.truncate(whole);
        }
    }

    /// Who answers, as a chain of models tells.
    pub(crate) fn on_model_served(&mut self, provider: &'static str) {
        let fault = self.response.as_mut().and_then(|response: &mut Response| {
            response.clock.model_provider = Some(provider);
            response.failed.model.take()
        });
        self.on_served(Stage::Model, provider, fault);
    }
}
