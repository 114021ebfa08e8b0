//! The conversation so far, for someone who begins to listen.

use std::borrow::Cow;

use bedside_protocol::Item;

/// Bytes of items that are shown: an hour's consultation several times over, and about a millisecond's work.
const SHOWN_BYTES: usize = 512 * 1024;

/// `{"items": […], "omitted": n}`: the newest of `items` (given oldest first) as far as they are not too much, and how
/// many older ones are left out.
pub(crate) fn snapshot<'a>(items: impl DoubleEndedIterator<Item = Cow<'a, Item>>) -> String {
    let mut shown = Vec::new();
    let (mut bytes, mut omitted) = (0, 0);
    for item in items.rev() {
        let text = (omitted == 0)
            .then(|| serde_json::to_string(&*item).ok())
            .flatten()
            .filter(|text| bytes + text.len() <= SHOWN_BYTES);
        match text {
            Some(text) => {
                bytes += text.len();
                shown.push(text);
            }
            None => omitted += 1,
        }
    }
    shown.reverse();
    format!(r#"{{"items":[{}],"omitted":{omitted}}}"#, shown.join(","))
}

#[cfg(test)]
mod tests {
    use bedside_protocol::{ContentPart, ItemBody, ItemStatus, Role};
    use serde_json::Value;

    use super::*;

    fn item(number: usize, size: usize) -> Cow<'static, Item> {
        let content = vec![ContentPart::InputText {
            text: "ä".repeat(size),
        }];
        Cow::Owned(Item {
            id: format!("item_{number}"),
            status: ItemStatus::Completed,
            body: ItemBody::Message {
                role: Role::User,
                content,
            },
        })
    }

    fn shown(items: Vec<Cow<'_, Item>>) -> (Vec<String>, u64) {
        let shown: Value = serde_json::from_str(&snapshot(items.into_iter())).expect("JSON");
        let items = shown["items"].as_array().expect("items").iter();
        let ids = items.map(|item| item["id"].as_str().unwrap_or_default().to_owned());
        (ids.collect(), shown["omitted"].as_u64().expect("a count"))
    }

    #[test]
    fn the_newest_items_are_shown_in_order_and_the_rest_counted() {
        assert_eq!(shown(Vec::new()), (Vec::new(), 0));
        let small = vec![item(1, 3), item(2, 3)];
        assert_eq!(shown(small), (vec!["item_1".to_owned(), "item_2".to_owned()], 0));
        let large = vec![
            item(1, 3),
            item(2, SHOWN_BYTES / 2),
            item(3, 3),
            item(4, SHOWN_BYTES / 4),
        ];
        assert_eq!(shown(large), (vec!["item_3".to_owned(), "item_4".to_owned()], 2));
    }
}
