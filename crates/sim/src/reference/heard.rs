//! Invariant 5: what a model is told of its own words is what the patient heard of them.

use std::collections::BTreeMap;

use bedside_conversation::context::{ChatRequest, Message};
use bedside_conversation::io::{Epoch, SegmentIndex};
use bedside_conversation::time::Time;
use bedside_protocol::{Item, ItemBody, Role, ServerEventKind};

use super::Violations;
use super::ledger::Ledger;
use crate::vendors::synthesizer::Spoken;

const RULE: &str = "context";

/// The conversation as the client was shown it.
#[derive(Debug, Default)]
pub struct Shown {
    /// Items in order.
    items: Vec<Item>,
    /// Transcripts told, by item.
    transcripts: BTreeMap<String, String>,
    /// The message of the response in progress: its own model is told of it otherwise.
    saying: Option<String>,
}

impl Shown {
    /// Follows an event.
    pub fn event(&mut self, event: &ServerEventKind) {
        match event {
            ServerEventKind::ConversationItemAdded {
                previous_item_id,
                item,
            } => {
                let at = previous_item_id
                    .as_ref()
                    .and_then(|id| self.items.iter().position(|item| item.id == *id))
                    .map_or(0, |at| at + 1);
                self.items.insert(at, item.clone());
            }
            ServerEventKind::ResponseOutputItemAdded { item, .. } if role(item).is_some() => {
                self.saying = Some(item.id.clone());
            }
            ServerEventKind::ResponseDone { .. } => self.saying = None,
            ServerEventKind::ConversationItemDeleted { item_id } => {
                self.items.retain(|item| item.id != *item_id);
            }
            ServerEventKind::InputAudioTranscriptionCompleted {
                item_id, transcript, ..
            } => {
                self.transcripts.insert(item_id.clone(), transcript.clone());
            }
            _ => {}
        }
    }

    /// Checks what a model is told.
    pub fn check_request(
        &self,
        now: Time,
        request: &ChatRequest,
        ledger: &Ledger,
        spoken: &BTreeMap<(Epoch, SegmentIndex), Spoken>,
        violations: &mut Violations,
    ) {
        self.check_assistant(now, request, ledger, spoken, violations);
        self.check_user(now, request, violations);
    }

    fn check_assistant(
        &self,
        now: Time,
        request: &ChatRequest,
        ledger: &Ledger,
        spoken: &BTreeMap<(Epoch, SegmentIndex), Spoken>,
        violations: &mut Violations,
    ) {
        let items: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| role(item) == Some(Role::Assistant) && self.saying.as_ref() != Some(&item.id))
            .collect();
        let told: Vec<&str> = request
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::Assistant { heard, .. } => Some(heard.as_str()),
                _ => None,
            })
            .collect();
        if items.len() != told.len() {
            let detail = format!(
                "{} assistant items, but the model is told of {}",
                items.len(),
                told.len()
            );
            violations.add(now, RULE, detail);
            return;
        }
        for (item, told) in items.into_iter().zip(told) {
            if !ledger.has(&item.id) {
                continue;
            }
            let told: Vec<&str> = told.split_whitespace().collect();
            let heard = ledger.words(&item.id, now, spoken);
            let prefix = heard.words.starts_with(&told);
            let ok = prefix && (heard.least..=heard.most).contains(&told.len());
            violations.check(ok, now, RULE, || {
                format!(
                    "of {} the patient heard {} to {} words of {:?} ({:?}), and the model is told {told:?}",
                    item.id,
                    heard.least,
                    heard.most,
                    heard.words,
                    ledger.heard(&item.id, now)
                )
            });
        }
    }

    /// Every transcript shown is told, and no word twice.
    fn check_user(&self, now: Time, request: &ChatRequest, violations: &mut Violations) {
        let mut words: Vec<&str> = request
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::User { text } => Some(text.split_whitespace()),
                _ => None,
            })
            .flatten()
            .filter(|word| word.starts_with('p'))
            .collect();
        words.sort_unstable();
        let twice = words.windows(2).find(|pair| pair[0] == pair[1]);
        violations.check(twice.is_none(), now, RULE, || {
            format!("the model is told {twice:?} of the patient")
        });
        for item in self
            .items
            .iter()
            .filter_map(|item| self.transcripts.get(&item.id))
        {
            for word in item.split_whitespace().filter(|word| word.starts_with('p')) {
                let told = words.binary_search(&word).is_ok();
                violations.check(told, now, RULE, || {
                    format!("the model is not told that the patient said {word}")
                });
            }
        }
    }
}

fn role(item: &Item) -> Option<Role> {
    match &item.body {
        ItemBody::Message { role, .. } => Some(*role),
        _ => None,
    }
}
