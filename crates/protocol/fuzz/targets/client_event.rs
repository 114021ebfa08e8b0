//! Any text is judged without a panic; what is understood reads back the same, and applies whole or not at all.
#![no_main]

use bedside_protocol::{Append, ClientEventKind, SessionConfig, VideoAppend, decode_audio, parse_client_event};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(event) = parse_client_event(text) else {
        assert!(
            Append::parse(text).is_none() && VideoAppend::parse(text).is_none(),
            "a fast path took what the parser refuses"
        );
        return;
    };
    let written = serde_json::to_string(&event).expect("an event can be written");
    assert_eq!(parse_client_event(&written).as_ref(), Ok(&event));
    match &event.kind {
        ClientEventKind::SessionUpdate { session } => {
            let mut config = SessionConfig::new("model", "voice");
            let before = config.clone();
            if config.apply(session).is_err() {
                assert_eq!(config, before);
            }
        }
        ClientEventKind::InputAudioBufferAppend { audio } => {
            let _ = decode_audio(audio);
        }
        ClientEventKind::InputVideoBufferAppend { .. } => {
            let _ = VideoAppend::parse(text).map(|append| append.decode());
        }
        _ => {}
    }
});
