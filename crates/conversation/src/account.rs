//! The conversation as its client knows it.

use std::borrow::Cow;

use bedside_protocol::{Item, ItemStatus};

use crate::Conversation;

impl Conversation {
    /// The items, oldest first, with the words the client has been told so far.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = Cow<'_, Item>> {
        let saying = self
            .response
            .as_ref()
            .and_then(|response| response.message.as_ref());
        self.items.iter().map(move |item| match saying {
            Some(saying) if saying.item_id == item.id => Cow::Owned(saying.item(ItemStatus::InProgress)),
            _ => Cow::Borrowed(item),
        })
    }
}
