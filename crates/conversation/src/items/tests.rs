use std::time::Duration;

use super::*;

fn user(id: &str, text: Option<&str>) -> Item {
    let content = vec![ContentPart::InputAudio {
        audio: None,
        transcript: text.map(str::to_owned),
    }];
    Item {
        id: id.into(),
        status: ItemStatus::Completed,
        body: ItemBody::Message {
            role: Role::User,
            content,
        },
    }
}

fn assistant(id: &str) -> Item {
    Item {
        id: id.into(),
        status: ItemStatus::Completed,
        body: ItemBody::Message {
            role: Role::Assistant,
            content: vec![],
        },
    }
}

fn ids(items: &Items) -> Vec<&str> {
    items.entries.iter().map(|e| e.item.id.as_str()).collect()
}

#[test]
fn items_go_where_they_are_put() {
    let mut items = Items::default();
    assert_eq!(items.insert(user("a", None), None, Place::Last), Ok(None));
    assert_eq!(
        items.insert(user("c", None), None, Place::Last),
        Ok(Some("a".into()))
    );
    assert_eq!(
        items.insert(user("b", None), None, Place::After("a")),
        Ok(Some("a".into()))
    );
    assert_eq!(items.insert(user("0", None), None, Place::First), Ok(None));
    assert_eq!(ids(&items), ["0", "a", "b", "c"]);
    assert_eq!(
        items.insert(user("a", None), None, Place::Last),
        Err(NotAdded::Duplicate)
    );
    assert_eq!(
        items.insert(user("d", None), None, Place::After("x")),
        Err(NotAdded::NoSuchPredecessor)
    );
    assert!(items.remove("b").is_some() && items.remove("b").is_none());
}

#[test]
fn a_place_that_is_kept_is_refused_to_others() {
    let mut items = Items::default();
    items.reserve(MAX_ITEMS - 1);
    assert_eq!(items.insert(user("a", None), None, Place::Last), Ok(None));
    assert_eq!(
        items.insert(user("b", None), None, Place::Last),
        Err(NotAdded::Full)
    );
    items.reserve(0);
    assert!(items.insert(user("b", None), None, Place::Last).is_ok());
}

#[test]
fn an_item_is_unplayed_until_its_last_sample_or_a_ruling() {
    let mut items = Items::default();
    let mut ledger = PlaybackLedger::default();
    ledger.add_segment(0, "Yes.");
    ledger.add_audio(0, Duration::from_millis(400), Time::from_millis(400));
    let spoken = Spoken {
        filler: 0,
        ledger: Some(ledger),
        ..Spoken::default()
    };
    items.insert(assistant("a"), Some(spoken), Place::Last).unwrap();
    items
        .insert(assistant("b"), Some(Spoken::default()), Place::Last)
        .unwrap();
    assert_eq!(items.unplayed(Time::from_millis(399)), ["a"]);
    assert!(items.unplayed(Time::from_millis(400)).is_empty());
    let spoken = items
        .get_mut("a")
        .and_then(|entry| entry.spoken.as_mut())
        .unwrap();
    spoken.ledger.as_mut().unwrap().cut_at(Duration::from_millis(100));
    assert!(items.unplayed(Time::from_millis(100)).is_empty());
}

#[test]
fn a_model_knows_only_what_was_heard_and_what_was_transcribed() {
    let mut items = Items::default();
    let mut ledger = PlaybackLedger::default();
    ledger.add_segment(0, "How long has it hurt?");
    ledger.add_audio(0, Duration::from_millis(2_000), Time::from_millis(2_000));
    let spoken = Spoken {
        filler: 0,
        text: "How long has it hurt?".into(),
        ledger: Some(ledger),
        tag: Some("q1".into()),
    };
    items.insert(assistant("a"), Some(spoken), Place::Last).unwrap();
    items
        .insert(user("b", Some("Two days.")), None, Place::Last)
        .unwrap();
    items
        .insert(user("c", Some("No, three.")), None, Place::Last)
        .unwrap();
    items.insert(user("d", None), None, Place::Last).unwrap();
    let messages = items.messages(Time::from_millis(900), None);
    assert_eq!(
        messages,
        [
            Message::Assistant {
                heard: "How long".into(),
                complete: false,
                tag: Some("q1".into())
            },
            Message::User {
                text: "Two days. No, three.".into()
            },
        ]
    );
}
