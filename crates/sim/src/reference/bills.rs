//! What providers did is told to the last unit, and who took over from whom is told once.

use std::collections::BTreeMap;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::cost::Spent;
use bedside_conversation::io::{GenerationId, Input, SynthesisEvent, TranscriptEvent};
use bedside_conversation::service::{ProviderUse, Stage};
use bedside_conversation::time::Time;
use bedside_protocol::{ProviderChanged, Response, ServerEventKind};

use super::Violations;

/// Follows the work of providers.
#[derive(Debug, Default)]
pub struct Bills {
    used: Spent,
    /// Sum of what responses told, in millionths.
    told: u64,
    quantity: f64,
    told_quantity: f64,
    changes: BTreeMap<Stage, (String, String)>,
    asked: Option<GenerationId>,
    failed: Option<&'static str>,
    /// A handover the core saw, which must be told before the next input.
    due: Option<(&'static str, &'static str)>,
}

impl Bills {
    /// The core is about to be given an input.
    pub fn input(&mut self, now: Time, input: &Input, violations: &mut Violations) {
        if let Some((from, to)) = self.due.take() {
            let told = self.changes.get(&Stage::Model);
            let pair = (from.to_owned(), to.to_owned());
            violations.check(told == Some(&pair), now, "handover", || {
                format!("{to} took over from {from}, and {told:?} was told last")
            });
        }
        if let Some((stage, provider)) = served(input)
            && self.changes.get(&stage).is_some_and(|(_, to)| to != provider)
        {
            // Once another one has served, the next handover is news.
            self.changes.remove(&stage);
        }
        match input {
            Input::Used(used) => self.use_of(used),
            Input::Model {
                generation,
                event: Ok(ModelEvent::ServedBy(provider)),
            } if self.asked == Some(*generation) => {
                self.due = self
                    .failed
                    .take()
                    .filter(|from| from != provider)
                    .map(|from| (from, *provider));
            }
            _ => {}
        }
    }

    fn use_of(&mut self, used: &ProviderUse) {
        self.used.add(used);
        self.quantity += used.quantity;
    }

    /// Another model is asked in the place of one that failed, or none.
    pub fn asked(&mut self, generation: GenerationId, failed: Option<&'static str>) {
        self.asked = Some(generation);
        self.failed = failed;
    }

    /// Nobody waits for the model any more.
    pub fn cancelled(&mut self) {
        self.asked = None;
        self.failed = None;
    }

    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind, violations: &mut Violations) {
        match event {
            ServerEventKind::ResponseDone { response } => {
                self.cancelled();
                self.done(now, response, violations);
            }
            ServerEventKind::BedsideProviderChanged(change) => self.changed(now, change, violations),
            _ => {}
        }
    }

    fn changed(&mut self, now: Time, change: &ProviderChanged, violations: &mut Violations) {
        let pair = (change.from.clone(), change.to.clone());
        violations.check(change.from != change.to, now, "handover", || {
            format!("{} took over from itself", change.to)
        });
        let before = self.changes.insert(change.stage, pair.clone());
        violations.check(before.as_ref() != Some(&pair), now, "handover", || {
            format!("{pair:?} is told twice")
        });
    }

    fn done(&mut self, now: Time, response: &Response, violations: &mut Violations) {
        let spending = response.usage.as_ref().and_then(|usage| usage.bedside.as_ref());
        if let Some(spending) = spending {
            self.told += (spending.cost * 1e6).round() as u64;
            self.told_quantity += spending.by.iter().map(|by| by.quantity).sum::<f64>();
        }
        let used = self.used.micros();
        violations.check(self.told == used, now, "cost", || {
            format!("{} millionths were told of {used}", self.told)
        });
        violations.check(
            (self.told_quantity - self.quantity).abs() < 1e-3,
            now,
            "cost",
            || format!("{} units were told of {}", self.told_quantity, self.quantity),
        );
    }

    /// The run is over.
    pub fn finish(&self, now: Time, spent: &Spent, violations: &mut Violations) {
        violations.check(*spent == self.used, now, "cost", || {
            format!("{spent:?} was accounted, not {:?}", self.used)
        });
    }
}

fn served(input: &Input) -> Option<(Stage, &'static str)> {
    match input {
        Input::Model {
            event: Ok(ModelEvent::ServedBy(provider)),
            ..
        } => Some((Stage::Model, provider)),
        Input::Synthesis {
            event: Ok(SynthesisEvent::SegmentDone { provider, .. }),
            ..
        } => Some((Stage::Synthesis, provider)),
        Input::Transcript {
            event: TranscriptEvent::Final { provider, .. },
            ..
        } => Some((Stage::Transcription, provider)),
        _ => None,
    }
}
