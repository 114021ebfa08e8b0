//! Absent, `null` and a value are three different wishes; what results is shown whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests too"
)]

use bedside_protocol::*;

fn patch(session: &str) -> SessionPatch {
    let text = format!(r#"{{"type":"session.update","session":{session}}}"#);
    match parse_client_event(&text).unwrap().kind {
        ClientEventKind::SessionUpdate { session } => *session,
        other => panic!("{other:?}"),
    }
}

fn input(fields: &str) -> SessionPatch {
    patch(&format!(r#"{{"type":"realtime","audio":{{"input":{fields}}}}}"#))
}

fn config() -> SessionConfig {
    SessionConfig::new("general-intake", "joe")
}

#[test]
fn an_empty_update_changes_nothing() {
    let mut config = config();
    config.apply(&patch(r#"{"type":"realtime"}"#)).unwrap();
    assert_eq!(config, self::config());
}

#[test]
fn turn_detection_is_kept_cleared_or_set() {
    let mut config = config();
    config.apply(&input(r#"{"turn_detection":null}"#)).unwrap();
    assert_eq!(config.input.turn_detection, None, "null is push-to-talk");
    config.apply(&input("{}")).unwrap();
    assert_eq!(config.input.turn_detection, None, "absent keeps it");
    config
        .apply(&input(
            r#"{"turn_detection":{"type":"semantic_vad","eagerness":"low"}}"#,
        ))
        .unwrap();
    let semantic = SemanticVad {
        eagerness: Eagerness::Low,
        ..SemanticVad::default()
    };
    assert_eq!(
        config.input.turn_detection,
        Some(TurnDetection::SemanticVad(semantic))
    );
}

#[test]
fn turn_detection_of_the_same_type_is_merged_and_of_another_starts_afresh() {
    let mut config = config();
    config
        .apply(&input(
            r#"{"turn_detection":{"type":"server_vad","threshold":0.7,"idle_timeout_ms":6000}}"#,
        ))
        .unwrap();
    config
        .apply(&input(
            r#"{"turn_detection":{"type":"server_vad","silence_duration_ms":900}}"#,
        ))
        .unwrap();
    let merged = ServerVad {
        threshold: 0.7,
        silence_duration_ms: 900,
        idle_timeout_ms: Some(6_000),
        ..ServerVad::default()
    };
    assert_eq!(
        config.input.turn_detection,
        Some(TurnDetection::ServerVad(merged))
    );
    config
        .apply(&input(
            r#"{"turn_detection":{"type":"server_vad","idle_timeout_ms":null}}"#,
        ))
        .unwrap();
    let cleared = ServerVad {
        idle_timeout_ms: None,
        ..merged
    };
    assert_eq!(
        config.input.turn_detection,
        Some(TurnDetection::ServerVad(cleared))
    );
    config
        .apply(&input(r#"{"turn_detection":{"type":"semantic_vad"}}"#))
        .unwrap();
    config
        .apply(&input(r#"{"turn_detection":{"type":"server_vad"}}"#))
        .unwrap();
    assert_eq!(
        config.input.turn_detection,
        Some(TurnDetection::ServerVad(ServerVad::default()))
    );
}

#[test]
fn nullable_input_settings_come_and_go() {
    let mut config = config();
    config
        .apply(&input(
            r#"{"noise_reduction":{"type":"far_field"},"transcription":{"model":"m","language":"en"}}"#,
        ))
        .unwrap();
    config
        .apply(&input(
            r#"{"noise_reduction":{"strength":0.5},"transcription":{"prompt":"p","language":null}}"#,
        ))
        .unwrap();
    assert_eq!(
        config.input.noise_reduction,
        Some(NoiseReduction {
            kind: NoiseReductionType::FarField
        })
    );
    let transcription = Transcription {
        model: Some("m".to_owned()),
        language: None,
        prompt: Some("p".to_owned()),
    };
    assert_eq!(config.input.transcription, Some(transcription));
    config
        .apply(&input(r#"{"noise_reduction":null,"transcription":null}"#))
        .unwrap();
    assert_eq!(config, self::config());
}

#[test]
fn opus_needs_binary_media() {
    let mut config = config();
    let opus =
        r#""audio":{"input":{"format":{"type":"audio/opus"}},"output":{"format":{"type":"audio/opus"}}}"#;
    let with = |media: &str| {
        patch(&format!(
            r#"{{"type":"realtime","bedside":{{"media":"{media}"}},{opus}}}"#
        ))
    };
    assert_eq!(
        config.apply(&with("binary_in")).unwrap_err().param,
        "session.audio.output.format"
    );
    assert_eq!(
        config.apply(&with("binary_out")).unwrap_err().param,
        "session.audio.input.format"
    );
    config.apply(&with("binary")).unwrap();
    let back = patch(r#"{"type":"realtime","bedside":{"media":"json"}}"#);
    assert!(
        config.apply(&back).is_err(),
        "leaving binary media with Opus in force"
    );
}

#[test]
fn the_extension_is_shown_once_asked_for() {
    let mut config = config();
    config.bedside.protocol = "general-intake".to_owned();
    assert_eq!(config.resource("sess_1", None).bedside, None);
    config
        .apply(&patch(
            r#"{"type":"realtime","bedside":{"input":{"noise_suppression":true}}}"#,
        ))
        .unwrap();
    let shown = config.resource("sess_1", None).bedside.unwrap();
    assert!(shown.input.noise_suppression && !shown.input.gain_control);
    assert_eq!(shown.protocol, "general-intake");
}

#[test]
fn a_transcription_session_shows_no_output() {
    let mut config = config();
    config.apply(&patch(r#"{"type":"transcription"}"#)).unwrap();
    let shown = serde_json::to_value(config.resource("sess_1", None)).unwrap();
    assert_eq!(shown["type"], "transcription");
    assert_eq!(shown["object"], "realtime.transcription_session");
    assert_eq!(shown.get("instructions"), None);
    assert_eq!(shown["audio"].get("output"), None);
}

#[test]
fn a_voice_may_be_an_object_and_the_model_is_fixed() {
    let mut config = config();
    config
        .apply(&patch(
            r#"{"type":"realtime","model":"gpt-x","audio":{"output":{"voice":{"id":"v"}}}}"#,
        ))
        .unwrap();
    assert_eq!(
        (config.model.as_str(), config.output.voice.as_str()),
        ("general-intake", "v")
    );
}

#[test]
fn vital_signs_are_configured_within_their_bounds() {
    let mut config = SessionConfig::new("general-intake", "joe");
    let vitals = |vitals: &str| {
        patch(&format!(
            r#"{{"type":"realtime","bedside":{{"vitals":{vitals}}}}}"#
        ))
    };
    assert_eq!(config.bedside.vitals, VitalsConfig::default());
    config
        .apply(&vitals(
            r#"{"enabled":true,"region":"face_crop","interval_ms":200,"duration_ms":5000}"#,
        ))
        .unwrap();
    let expected = VitalsConfig {
        enabled: true,
        region: VitalsRegion::FaceCrop,
        interval_ms: 200,
        duration_ms: Some(5_000),
    };
    assert_eq!(config.bedside.vitals, expected);
    let shown = config.resource("sess_1", None).bedside.unwrap();
    assert_eq!(
        serde_json::to_value(shown.vitals).unwrap(),
        serde_json::json!({"enabled": true, "region": "face_crop", "interval_ms": 200, "duration_ms": 5000})
    );
    for (wrong, param) in [
        (r#"{"interval_ms":199}"#, "session.bedside.vitals.interval_ms"),
        (r#"{"interval_ms":10001}"#, "session.bedside.vitals.interval_ms"),
        (
            r#"{"enabled":false,"duration_ms":4999}"#,
            "session.bedside.vitals.duration_ms",
        ),
        (r#"{"duration_ms":600001}"#, "session.bedside.vitals.duration_ms"),
    ] {
        let invalid = config.apply(&vitals(wrong)).unwrap_err();
        assert_eq!(
            (invalid.code, invalid.param.as_str()),
            (ErrorCode::InvalidValue, param)
        );
        assert_eq!(
            config.bedside.vitals, expected,
            "nothing of {wrong} is taken over"
        );
    }
    config.apply(&vitals(r#"{"duration_ms":null}"#)).unwrap();
    assert_eq!(config.bedside.vitals.duration_ms, None);
    assert!(config.bedside.vitals.enabled, "absent fields stay as they are");
}
