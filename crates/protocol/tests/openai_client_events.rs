//! What the official SDK's typed client can send is understood, and what we write reads back the same.

use bedside_protocol::{ClientEventKind, SessionConfig, parse_client_event};

/// Written by `tests/sdk/python/client_events.py` from the SDK's own types.
const EVENTS: &str = include_str!("data/openai_client_events.jsonl");

#[test]
fn every_event_parses_and_applies() {
    let mut config = SessionConfig::new("general-intake", "joe");
    let mut count = 0;
    for line in EVENTS.lines() {
        let event = parse_client_event(line).unwrap_or_else(|error| panic!("{error:?}: {line}"));
        if let ClientEventKind::SessionUpdate { session } = &event.kind {
            config
                .apply(session)
                .unwrap_or_else(|error| panic!("{error:?}: {line}"));
        }
        let sent: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(sent["type"], event.kind.name());
        assert_eq!(
            sent.get("event_id").and_then(|id| id.as_str()),
            event.event_id.as_deref()
        );
        count += 1;
    }
    assert!(count >= 25, "{count}");
}

#[test]
fn every_event_reads_back() {
    for line in EVENTS.lines() {
        let event = parse_client_event(line).unwrap();
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(parse_client_event(&written).as_ref(), Ok(&event), "{written}");
    }
}
