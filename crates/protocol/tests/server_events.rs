//! Server events: all of them, read back as they were written.

mod common;

use std::collections::BTreeSet;

use bedside_protocol::{ServerEvent, server_schema};
use serde_json::Value;

#[test]
fn every_event_reads_back() {
    for event in common::server_events() {
        let text = event.to_json().unwrap();
        let back: ServerEvent = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(back, event);
    }
}

#[test]
fn the_samples_hold_every_kind() {
    let sampled: BTreeSet<String> = common::server_events()
        .iter()
        .map(|event| {
            serde_json::to_value(event).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let schema = server_schema().to_value();
    let known: BTreeSet<String> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| {
            variant["properties"]["type"]["const"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(sampled, known);
    assert_eq!(known.len(), 44);
}

#[test]
fn nullable_fields_are_present() {
    let events: Vec<Value> = common::server_events()
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect();
    let of = |kind: &str| events.iter().find(|event| event["type"] == kind).unwrap();
    let created = &of("response.created")["response"];
    for field in ["status_details", "conversation_id", "usage", "metadata"] {
        assert_eq!(created.get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(created["object"], "realtime.response");
    assert_eq!(created["output_modalities"], serde_json::json!(["audio"]));
    assert_eq!(created["max_output_tokens"], "inf");
    let session = &of("session.created")["session"];
    assert_eq!(session["object"], "realtime.session");
    assert_eq!(session["type"], "realtime");
    assert_eq!(session["audio"]["input"]["transcription"], Value::Null);
    assert_eq!(
        session.get("bedside"),
        None,
        "the extension is invisible until asked for"
    );
}

#[test]
fn hot_types_stay_small() {
    // Outputs move through queues by value.
    assert!(size_of::<ServerEvent>() <= 272, "{}", size_of::<ServerEvent>());
    assert!(
        size_of::<bedside_protocol::ClientEvent>() <= 192,
        "{}",
        size_of::<bedside_protocol::ClientEvent>()
    );
}
