//! The conversation's items in order, and what a model may know of them.

use bedside_protocol::{ContentPart, Item, ItemBody, ItemStatus, Role};

use crate::context::Message;
use crate::playback::PlaybackLedger;
use crate::time::Time;

/// More items than this are refused: no consultation has as many, and nothing grows without bound.
pub(crate) const MAX_ITEMS: usize = 2_000;

/// Where a new item goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    First,
    Last,
    After(&'a str),
}

/// Why an item was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdded {
    Full,
    Duplicate,
    NoSuchPredecessor,
}

/// One item with what the wire does not show.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) item: Item,
    /// For what the model said: the account of what was heard.
    pub(crate) spoken: Option<Spoken>,
    /// Not shown to models: a sound of listening that did not take the turn.
    pub(crate) listening_sound: bool,
}

/// What the model said in one item.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// Everything to be said in this item.
    pub(crate) text: String,
    /// Bytes at its start that only fill a silence.
    pub(crate) filler: usize,
    /// What was heard of it; `None` if it is written, not spoken.
    pub(crate) ledger: Option<PlaybackLedger>,
    /// The model's own note.
    pub(crate) tag: Option<String>,
}

impl Spoken {
    /// The text heard by `now`, or all of it if it is written.
    pub(crate) fn heard(&self, now: Time) -> &str {
        match &self.ledger {
            None => &self.text,
            Some(ledger) => {
                let end = ledger.heard_text(ledger.heard(now)).min(self.text.len());
                self.text.get(..end).unwrap_or_default()
            }
        }
    }
}

/// The items of a session.
#[derive(Debug, Default)]
pub(crate) struct Items {
    entries: Vec<Entry>,
    /// Places kept for items that must not be refused.
    reserved: usize,
}

impl Items {
    pub(crate) fn has_room_for(&self, count: usize) -> bool {
        self.entries.len() + self.reserved + count <= MAX_ITEMS
    }

    /// Keeps `places` free for items that must not be refused.
    pub(crate) fn reserve(&mut self, places: usize) {
        self.reserved = places;
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Item> {
        self.entries.iter().map(|entry| &entry.item)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Entry> {
        // Nearly every look-up is for one of the newest items.
        self.entries.iter().rev().find(|entry| entry.item.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().rev().find(|entry| entry.item.id == id)
    }

    /// Id of the newest item.
    pub(crate) fn last_id(&self) -> Option<&str> {
        self.entries.last().map(|entry| entry.item.id.as_str())
    }

    /// Id of the item before `id`.
    pub(crate) fn previous_id(&self, id: &str) -> Option<&str> {
        let at = self.entries.iter().rposition(|entry| entry.item.id == id)?;
        Some(self.entries.get(at.checked_sub(1)?)?.item.id.as_str())
    }

    /// What the model spoke, newest first.
    pub(crate) fn spoken(&self) -> impl Iterator<Item = &Entry> {
        let is_spoken = |entry: &&Entry| entry.spoken.as_ref().is_some_and(|s| s.ledger.is_some());
        self.entries.iter().rev().filter(is_spoken)
    }

    /// The items of which the client has audio that it has not played by `now`: a short answer may follow on the heels of
    /// another that is still playing.
    pub(crate) fn unplayed(&self, now: Time) -> Vec<String> {
        let unplayed = |spoken: &Spoken| {
            let ledger = spoken.ledger.as_ref();
            ledger.is_some_and(|ledger| ledger.heard(now) < ledger.sent() && !ledger.is_cut())
        };
        self.entries
            .iter()
            .filter(|entry| entry.spoken.as_ref().is_some_and(unplayed))
            .map(|entry| entry.item.id.clone())
            .collect()
    }

    /// Adds an item; returns the id of the one before it.
    pub(crate) fn insert(
        &mut self,
        item: Item,
        spoken: Option<Spoken>,
        place: Place<'_>,
    ) -> Result<Option<String>, NotAdded> {
        if !self.has_room_for(1) {
            return Err(NotAdded::Full);
        }
        if self.get(&item.id).is_some() {
            return Err(NotAdded::Duplicate);
        }
        let at = match place {
            Place::First => 0,
            Place::Last => self.entries.len(),
            Place::After(id) => {
                self.entries
                    .iter()
                    .position(|e| e.item.id == id)
                    .ok_or(NotAdded::NoSuchPredecessor)?
                    + 1
            }
        };
        self.entries.insert(
            at,
            Entry {
                item,
                spoken,
                listening_sound: false,
            },
        );
        Ok(at
            .checked_sub(1)
            .map(|before| self.entries[before].item.id.clone()))
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.item.id == id)?;
        Some(self.entries.remove(at))
    }

    /// What a model may know at `now`, oldest first (invariant 5: only what was heard), but for the item it is about to say.
    pub(crate) fn messages(&self, now: Time, saying: Option<&str>) -> Vec<Message> {
        let mut messages = Vec::with_capacity(self.entries.len());
        let known = |entry: &&Entry| !entry.listening_sound && saying != Some(entry.item.id.as_str());
        for entry in self.entries.iter().filter(known) {
            push_message(&mut messages, entry, now);
        }
        messages
    }
}

/// Messages for items that are not part of the conversation (the `input` of an out-of-band response).
pub(crate) fn foreign_messages<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Message> {
    let mut messages = Vec::new();
    for item in items {
        let entry = Entry {
            item: item.clone(),
            spoken: None,
            listening_sound: false,
        };
        push_message(&mut messages, &entry, Time::ZERO);
    }
    messages
}

fn push_message(messages: &mut Vec<Message>, entry: &Entry, now: Time) {
    match &entry.item.body {
        ItemBody::Message {
            role: Role::System,
            content,
        } => messages.push(Message::System {
            text: text_of(content),
        }),
        ItemBody::Message {
            role: Role::User,
            content,
        } => {
            // A turn whose text is not known yet is not known to the model either.
            if content
                .iter()
                .all(|part| matches!(part, ContentPart::InputAudio { transcript: None, .. }))
            {
                return;
            }
            let text = text_of(content);
            // The patient went on after a pause: one turn, for a model.
            if let Some(Message::User { text: before }) = messages.last_mut() {
                if !before.is_empty() && !text.is_empty() {
                    before.push(' ');
                }
                before.push_str(&text);
            } else {
                messages.push(Message::User { text });
            }
        }
        ItemBody::Message {
            role: Role::Assistant,
            content,
        } => messages.push(match &entry.spoken {
            Some(spoken) => {
                let heard = spoken.heard(now);
                let whole = heard.trim_end().len() == spoken.text.trim_end().len();
                Message::Assistant {
                    heard: heard.to_owned(),
                    complete: whole && entry.item.status == ItemStatus::Completed,
                    tag: spoken.tag.clone(),
                }
            }
            None => Message::Assistant {
                heard: text_of(content),
                complete: true,
                tag: None,
            },
        }),
        // A call that was not written to its end was never made.
        ItemBody::FunctionCall { .. } if entry.item.status != ItemStatus::Completed => {}
        ItemBody::FunctionCall {
            call_id,
            name,
            arguments,
        } => messages.push(Message::ToolCall {
            call_id: call_id.clone(),
            name: name.clone(),
            arguments: arguments.clone(),
        }),
        ItemBody::FunctionCallOutput { call_id, output } => {
            messages.push(Message::ToolResult {
                call_id: call_id.clone(),
                output: output.clone(),
            });
        }
    }
}

fn text_of(content: &[ContentPart]) -> String {
    let texts = content.iter().filter_map(|part| match part {
        ContentPart::InputText { text } | ContentPart::OutputText { text } => Some(text.as_str()),
        ContentPart::InputAudio { transcript, .. } | ContentPart::OutputAudio { transcript, .. } => {
            transcript.as_deref()
        }
    });
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
