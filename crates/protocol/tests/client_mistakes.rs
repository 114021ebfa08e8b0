//! Every mistake of a client gets its own code and the path of the field at fault, and its words are not repeated.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests too"
)]

use bedside_protocol::{
    ClientEventKind, ErrorCode, ErrorDetail, InvalidField, MAX_CONTROL_EVENT_BYTES, SessionConfig,
    parse_client_event,
};

fn check(text: &str, code: ErrorCode, param: Option<&str>) {
    let error = parse_client_event(text).expect_err(text);
    assert_eq!(
        (error.code, error.param.as_deref()),
        (code, param),
        "{text}: {error}"
    );
}

/// What `session.update` with `session` fails on, read or applied.
fn session_mistake(session: &str) -> (ErrorCode, String) {
    let text = format!(r#"{{"type":"session.update","session":{session}}}"#);
    let invalid = match parse_client_event(&text) {
        Err(error) => (error.code, error.param.expect("a session mistake blames a field")),
        Ok(event) => {
            let ClientEventKind::SessionUpdate { session: patch } = event.kind else {
                panic!("{text}")
            };
            let mut config = SessionConfig::new("m", "v");
            let before = config.clone();
            let InvalidField { code, param, .. } = config.apply(&patch).expect_err(&text);
            assert_eq!(config, before, "a refused update changes nothing");
            (code, param)
        }
    };
    (invalid.0, invalid.1)
}

fn check_session(session: &str, code: ErrorCode, param: &str) {
    assert_eq!(session_mistake(session), (code, param.to_owned()), "{session}");
}

fn check_turn_detection(fields: &str, code: ErrorCode, param: &str) {
    check_session(
        &format!(r#"{{"type":"realtime","audio":{{"input":{{"turn_detection":{fields}}}}}}}"#),
        code,
        &format!("session.audio.input.turn_detection{param}"),
    );
}

#[test]
fn text_that_is_no_event() {
    for text in [
        "",
        "{",
        "nonsense",
        "[]",
        "7",
        "null",
        "\"text\"",
        r#"{"type":"x"} {}"#,
    ] {
        check(text, ErrorCode::InvalidJson, None);
    }
    check("{}", ErrorCode::MissingRequiredParameter, Some("type"));
    check(
        r#"{"type":null}"#,
        ErrorCode::MissingRequiredParameter,
        Some("type"),
    );
    check(r#"{"type":7}"#, ErrorCode::InvalidEventType, Some("type"));
    check(
        r#"{"type":"session.created"}"#,
        ErrorCode::UnknownEventType,
        Some("type"),
    );
    check(
        r#"{"type":"input_audio_buffer.commit","event_id":7}"#,
        ErrorCode::InvalidType,
        Some("event_id"),
    );
}

#[test]
fn deep_nesting_is_refused_and_does_not_end_the_process() {
    let deep = format!(r#"{{"type":"session.update","session":{}"#, "[".repeat(100_000));
    check(&deep, ErrorCode::InvalidJson, None);
    let balanced = format!(
        r#"{{"type":"x","session":{}{}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    check(&balanced, ErrorCode::InvalidJson, None);
}

#[test]
fn only_audio_and_video_may_be_large() {
    let large = "A".repeat(MAX_CONTROL_EVENT_BYTES);
    check(
        &format!(r#"{{"type":"session.update","session":{{"type":"realtime","instructions":"{large}"}}}}"#),
        ErrorCode::EventTooLarge,
        None,
    );
    let append = format!(r#"{{"type":"input_audio_buffer.append","audio":"{large}"}}"#);
    assert!(parse_client_event(&append).is_ok());
    let append = format!(r#"{{"type":"input_video_buffer.append","image":"{large}","capture_time_us":1}}"#);
    assert!(parse_client_event(&append).is_ok());
}

#[test]
fn fields_of_events() {
    check(
        r#"{"type":"input_audio_buffer.append"}"#,
        ErrorCode::MissingRequiredParameter,
        Some("audio"),
    );
    check(
        r#"{"type":"input_audio_buffer.append","audio":[1]}"#,
        ErrorCode::InvalidType,
        Some("audio"),
    );
    let picture = |fields: &str| format!(r#"{{"type":"input_video_buffer.append",{fields}}}"#);
    for (fields, code, param) in [
        (
            r#""capture_time_us":1"#,
            ErrorCode::MissingRequiredParameter,
            "image",
        ),
        (
            r#""image":"A""#,
            ErrorCode::MissingRequiredParameter,
            "capture_time_us",
        ),
        (
            r#""image":{},"capture_time_us":1"#,
            ErrorCode::InvalidType,
            "image",
        ),
        (
            r#""image":"A","capture_time_us":"1""#,
            ErrorCode::InvalidType,
            "capture_time_us",
        ),
        (
            r#""image":"A","capture_time_us":1.5"#,
            ErrorCode::InvalidType,
            "capture_time_us",
        ),
        (
            r#""image":"A","capture_time_us":-1"#,
            ErrorCode::InvalidValue,
            "capture_time_us",
        ),
    ] {
        check(&picture(fields), code, Some(param));
    }
    check(
        r#"{"type":"conversation.item.delete"}"#,
        ErrorCode::MissingRequiredParameter,
        Some("item_id"),
    );
    check(
        r#"{"type":"conversation.item.retrieve","item_id":4}"#,
        ErrorCode::InvalidType,
        Some("item_id"),
    );
    check(
        r#"{"type":"response.cancel","response_id":{}}"#,
        ErrorCode::InvalidType,
        Some("response_id"),
    );
    let truncate = |rest: &str| format!(r#"{{"type":"conversation.item.truncate","item_id":"i",{rest}}}"#);
    for (rest, code, param) in [
        (
            r#""content_index":0"#,
            ErrorCode::MissingRequiredParameter,
            "audio_end_ms",
        ),
        (
            r#""content_index":-1,"audio_end_ms":5"#,
            ErrorCode::InvalidValue,
            "content_index",
        ),
        (
            r#""content_index":5000000000,"audio_end_ms":5"#,
            ErrorCode::InvalidValue,
            "content_index",
        ),
        (
            r#""content_index":0,"audio_end_ms":1.5"#,
            ErrorCode::InvalidType,
            "audio_end_ms",
        ),
        (
            r#""content_index":0,"audio_end_ms":"5""#,
            ErrorCode::InvalidType,
            "audio_end_ms",
        ),
    ] {
        check(&truncate(rest), code, Some(param));
    }
    assert!(parse_client_event(&truncate(r#""content_index":0,"audio_end_ms":12.0"#)).is_ok());
}

#[test]
fn fields_of_items() {
    let create = |item: &str| format!(r#"{{"type":"conversation.item.create","item":{item}}}"#);
    let user = |part: &str| {
        create(&format!(
            r#"{{"type":"message","role":"user","content":[{part}]}}"#
        ))
    };
    let text = r#"{"type":"input_text","text":"a"}"#;
    for (event, code, param) in [
        (
            r#"{"type":"conversation.item.create"}"#.to_owned(),
            ErrorCode::MissingRequiredParameter,
            "item",
        ),
        (create("[]"), ErrorCode::InvalidType, "item"),
        (create("{}"), ErrorCode::MissingRequiredParameter, "item.type"),
        (create(r#"{"type":"poem"}"#), ErrorCode::InvalidValue, "item.type"),
        (
            create(r#"{"type":"mcp_call"}"#),
            ErrorCode::UnsupportedParameter,
            "item.type",
        ),
        (
            create(r#"{"type":"message","content":[]}"#),
            ErrorCode::MissingRequiredParameter,
            "item.role",
        ),
        (
            create(r#"{"type":"message","role":"nurse","content":[]}"#),
            ErrorCode::InvalidValue,
            "item.role",
        ),
        (
            create(r#"{"type":"message","role":"user"}"#),
            ErrorCode::MissingRequiredParameter,
            "item.content",
        ),
        (user(""), ErrorCode::InvalidValue, "item.content"),
        (user("7"), ErrorCode::InvalidType, "item.content[0]"),
        (
            user(&format!(r#"{text},{{"type":"input_text"}}"#)),
            ErrorCode::MissingRequiredParameter,
            "item.content[1].text",
        ),
        (
            user(r#"{"type":"output_text","text":"a"}"#),
            ErrorCode::InvalidValue,
            "item.content[0].type",
        ),
        (
            user(r#"{"type":"input_image","image_url":"data:"}"#),
            ErrorCode::UnsupportedParameter,
            "item.content[0].type",
        ),
        (
            create(r#"{"type":"function_call_output","output":"a"}"#),
            ErrorCode::MissingRequiredParameter,
            "item.call_id",
        ),
        (
            create(&format!(
                r#"{{"type":"message","role":"user","id":"","content":[{text}]}}"#
            )),
            ErrorCode::InvalidValue,
            "item.id",
        ),
    ] {
        check(&event, code, Some(param));
    }
}

#[test]
fn fields_of_responses() {
    let create = |response: &str| format!(r#"{{"type":"response.create","response":{{{response}}}}}"#);
    let many: Vec<_> = (0..17).map(|n| format!(r#""k{n}":"v""#)).collect();
    for (response, code, param) in [
        (
            r#""max_output_tokens":0"#,
            ErrorCode::InvalidValue,
            "response.max_output_tokens",
        ),
        (
            r#""conversation":"other""#,
            ErrorCode::InvalidValue,
            "response.conversation",
        ),
        (
            r#""metadata":{"a":1}"#,
            ErrorCode::InvalidType,
            "response.metadata.a",
        ),
        (
            &format!(r#""metadata":{{{}}}"#, many.join(",")),
            ErrorCode::InvalidValue,
            "response.metadata",
        ),
        (
            r#""input":[{"type":"item_reference"}]"#,
            ErrorCode::MissingRequiredParameter,
            "response.input[0].id",
        ),
        (
            r#""input":[{"type":"message"}]"#,
            ErrorCode::MissingRequiredParameter,
            "response.input[0].role",
        ),
        (
            r#""audio":{"output":{"format":"pcm16"}}"#,
            ErrorCode::InvalidType,
            "response.audio.output.format",
        ),
        (
            r#""prompt":{"id":"pmpt_1"}"#,
            ErrorCode::UnsupportedParameter,
            "response.prompt",
        ),
        (
            r#""tools":[{"type":"function","name":""}]"#,
            ErrorCode::InvalidValue,
            "response.tools[0].name",
        ),
    ] {
        check(&create(response), code, Some(param));
    }
}

#[test]
fn fields_of_sessions() {
    check(
        r#"{"type":"session.update"}"#,
        ErrorCode::MissingRequiredParameter,
        Some("session"),
    );
    let realtime = |rest: &str| format!(r#"{{"type":"realtime",{rest}}}"#);
    for (session, code, param) in [
        ("[]".to_owned(), ErrorCode::InvalidType, "session"),
        (
            "{}".to_owned(),
            ErrorCode::MissingRequiredParameter,
            "session.type",
        ),
        (
            r#"{"type":"video"}"#.to_owned(),
            ErrorCode::InvalidValue,
            "session.type",
        ),
        (
            realtime(r#""turn_detection":null"#),
            ErrorCode::UnknownParameter,
            "session.turn_detection",
        ),
        (
            realtime(r#""audio":{"inputs":{}}"#),
            ErrorCode::UnknownParameter,
            "session.audio.inputs",
        ),
        (
            realtime(r#""instructions":7"#),
            ErrorCode::InvalidType,
            "session.instructions",
        ),
        (
            realtime(r#""prompt":{"id":"p"}"#),
            ErrorCode::UnsupportedParameter,
            "session.prompt",
        ),
        (
            realtime(r#""output_modalities":"audio""#),
            ErrorCode::InvalidType,
            "session.output_modalities",
        ),
        (
            realtime(r#""output_modalities":[]"#),
            ErrorCode::InvalidValue,
            "session.output_modalities",
        ),
        (
            realtime(r#""output_modalities":["audio","text"]"#),
            ErrorCode::InvalidValue,
            "session.output_modalities",
        ),
        (
            realtime(r#""output_modalities":["video"]"#),
            ErrorCode::InvalidValue,
            "session.output_modalities[0]",
        ),
        (
            realtime(r#""max_output_tokens":4097"#),
            ErrorCode::InvalidValue,
            "session.max_output_tokens",
        ),
        (
            realtime(r#""max_output_tokens":"lots""#),
            ErrorCode::InvalidValue,
            "session.max_output_tokens",
        ),
        (
            realtime(r#""max_output_tokens":true"#),
            ErrorCode::InvalidType,
            "session.max_output_tokens",
        ),
    ] {
        check_session(&session, code, param);
    }
}

#[test]
fn functions_and_extension_of_sessions() {
    let realtime = |rest: &str| format!(r#"{{"type":"realtime",{rest}}}"#);
    let tool = |fields: &str| realtime(&format!(r#""tools":[{{"type":"function",{fields}}}]"#));
    for (session, code, param) in [
        (realtime(r#""tools":{}"#), ErrorCode::InvalidType, "session.tools"),
        (
            realtime(r#""tools":[{"type":"mcp"}]"#),
            ErrorCode::UnsupportedParameter,
            "session.tools[0].type",
        ),
        (
            tool(r#""description":"x""#),
            ErrorCode::MissingRequiredParameter,
            "session.tools[0].name",
        ),
        (
            tool(r#""name":"has space""#),
            ErrorCode::InvalidValue,
            "session.tools[0].name",
        ),
        (
            tool(r#""name":"a","parameters":[]"#),
            ErrorCode::InvalidValue,
            "session.tools[0].parameters",
        ),
        (
            tool(r#""name":"a"},{"type":"function","name":"a""#),
            ErrorCode::InvalidValue,
            "session.tools[1].name",
        ),
        (
            realtime(r#""tool_choice":"maybe""#),
            ErrorCode::InvalidValue,
            "session.tool_choice",
        ),
        (
            realtime(r#""tool_choice":{"type":"function"}"#),
            ErrorCode::MissingRequiredParameter,
            "session.tool_choice.name",
        ),
        (
            realtime(r#""bedside":{"media":"smoke"}"#),
            ErrorCode::InvalidValue,
            "session.bedside.media",
        ),
        (
            realtime(r#""bedside":{"vitals":{"duration":5000}}"#),
            ErrorCode::UnknownParameter,
            "session.bedside.vitals.duration",
        ),
        (
            realtime(r#""bedside":{"vitals":{"enabled":1}}"#),
            ErrorCode::InvalidType,
            "session.bedside.vitals.enabled",
        ),
        (
            realtime(r#""bedside":{"vitals":{"region":"hand"}}"#),
            ErrorCode::InvalidValue,
            "session.bedside.vitals.region",
        ),
        (
            realtime(r#""bedside":{"input":{"gain_control":1}}"#),
            ErrorCode::InvalidType,
            "session.bedside.input.gain_control",
        ),
        (
            r#"{"type":"transcription","instructions":"x"}"#.to_owned(),
            ErrorCode::UnknownParameter,
            "session.instructions",
        ),
    ] {
        check_session(&session, code, param);
    }
}

#[test]
fn audio_of_sessions() {
    for (audio, code, param) in [
        (
            r#"{"input":{"format":"pcm16"}}"#,
            ErrorCode::InvalidType,
            "input.format",
        ),
        (
            r#"{"input":{"format":{"type":"audio/mp3"}}}"#,
            ErrorCode::InvalidValue,
            "input.format.type",
        ),
        (
            r#"{"input":{"format":{"type":"audio/pcm","rate":12345}}}"#,
            ErrorCode::InvalidValue,
            "input.format.rate",
        ),
        (
            r#"{"input":{"format":{"type":"audio/opus"}}}"#,
            ErrorCode::InvalidValue,
            "input.format",
        ),
        (
            r#"{"output":{"format":{"type":"audio/opus"}}}"#,
            ErrorCode::InvalidValue,
            "output.format",
        ),
        (
            r#"{"output":{"speed":0.2}}"#,
            ErrorCode::InvalidValue,
            "output.speed",
        ),
        (
            r#"{"output":{"speed":1.6}}"#,
            ErrorCode::InvalidValue,
            "output.speed",
        ),
        (
            r#"{"output":{"voice":""}}"#,
            ErrorCode::InvalidValue,
            "output.voice",
        ),
        (
            r#"{"output":{"voice":7}}"#,
            ErrorCode::InvalidType,
            "output.voice",
        ),
        (
            r#"{"input":{"noise_reduction":{"type":"loud"}}}"#,
            ErrorCode::InvalidValue,
            "input.noise_reduction.type",
        ),
        (
            r#"{"input":{"transcription":{"language":"English"}}}"#,
            ErrorCode::InvalidValue,
            "input.transcription.language",
        ),
    ] {
        let session = format!(r#"{{"type":"realtime","audio":{audio}}}"#);
        check_session(&session, code, &format!("session.audio.{param}"));
    }
}

#[test]
fn turn_detection_of_sessions() {
    check_turn_detection("[]", ErrorCode::InvalidType, "");
    check_turn_detection("{}", ErrorCode::MissingRequiredParameter, ".type");
    check_turn_detection(r#"{"type":"vad"}"#, ErrorCode::InvalidValue, ".type");
    check_turn_detection(
        r#"{"type":"server_vad","treshold":0.5}"#,
        ErrorCode::UnknownParameter,
        ".treshold",
    );
    check_turn_detection(
        r#"{"type":"semantic_vad","eagerness":"keen"}"#,
        ErrorCode::InvalidValue,
        ".eagerness",
    );
    check_turn_detection(
        r#"{"type":"semantic_vad","idle_timeout_ms":6000}"#,
        ErrorCode::InvalidValue,
        ".idle_timeout_ms",
    );
    for (field, values) in [
        ("threshold", ["-0.1", "1.1"]),
        ("prefix_padding_ms", ["-1", "5001"]),
        ("silence_duration_ms", ["49", "10001"]),
        ("idle_timeout_ms", ["4999", "30001"]),
    ] {
        for value in values {
            let fields = format!(r#"{{"type":"server_vad","{field}":{value}}}"#);
            check_turn_detection(&fields, ErrorCode::InvalidValue, &format!(".{field}"));
        }
        let fields = format!(r#"{{"type":"server_vad","{field}":"7"}}"#);
        check_turn_detection(&fields, ErrorCode::InvalidType, &format!(".{field}"));
    }
}

#[test]
fn errors_name_the_event_and_do_not_quote_it() {
    let secret = "my chest hurts";
    for text in [
        format!(r#"{{"type":"conversation.item.delete","event_id":"mine","item_id":["{secret}"]}}"#),
        format!(r#"{{"type":"{secret}","event_id":"mine"}}"#),
        format!(r#"{{"type":"response.create","event_id":"mine","response":{{"conversation":"{secret}"}}}}"#),
        format!(r#"{{"type":"session.update","event_id":"mine","session":{{"type":"{secret}"}}}}"#),
    ] {
        let error = parse_client_event(&text).unwrap_err();
        assert_eq!(error.event_id.as_deref(), Some("mine"));
        let detail = serde_json::to_string(&ErrorDetail::from(error)).unwrap();
        assert!(!detail.contains(secret), "{detail}");
        assert!(detail.contains(r#""type":"invalid_request_error""#), "{detail}");
    }
    let broken = parse_client_event(&format!(r#"{{"type":"{secret}"#)).unwrap_err();
    assert!(!broken.to_string().contains(secret));
}

#[test]
fn unknown_fields_of_events_are_ignored() {
    let text = r#"{"type":"conversation.item.delete","item_id":"i","later":true}"#;
    assert!(parse_client_event(text).is_ok());
}
