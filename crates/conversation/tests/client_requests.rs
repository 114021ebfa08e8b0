//! What clients ask for besides speaking.

mod support;

use std::time::Duration;

use bedside_conversation::context::{Message, ModelEvent};
use bedside_conversation::io::{Input, Output};
use bedside_conversation::time::AudioPos;
use bedside_protocol::{
    ClientEventKind, ContentPart, ErrorCode, ItemBody, NewItem, OutputModality, ResponseParams, Role,
    ServerEventKind, SessionType,
};
use support::{Bench, config, done, name, text};

fn message(role: Role, text: &str) -> ClientEventKind {
    let content = vec![ContentPart::InputText { text: text.into() }];
    let item = NewItem {
        id: None,
        body: ItemBody::Message { role, content },
    };
    ClientEventKind::ConversationItemCreate {
        previous_item_id: None,
        item,
    }
}

fn error_codes(bench: &Bench, mark: usize) -> Vec<ErrorCode> {
    let codes = bench.sent(mark).filter_map(|event| match event {
        ServerEventKind::Error { error } => error.code,
        _ => None,
    });
    codes.collect()
}

#[test]
fn a_typed_emergency_is_reported_and_answered_without_the_model() {
    let mut bench = Bench::new();
    let words = "I have chest pain and I can't breathe.";
    bench.client(message(Role::Assistant, words));
    assert!(!bench.sent(0).any(|e| name(e) == "bedside.escalation"));
    bench.client(message(Role::User, words));
    assert!(bench.sent(0).any(|e| name(e) == "bedside.escalation"));
    bench.create_response();
    bench.pass(Duration::from_secs(4));
    assert!(bench.requests().is_empty());
    assert_eq!(bench.spoken(0), support::EMERGENCY);
}

#[test]
fn push_to_talk_commits_and_asks() {
    let mut bench = Bench::with_turns(None);
    bench.words = vec!["My knee hurts."];
    bench.model = vec![text("Since when?")];
    bench.handle(Input::AudioReceived {
        to: AudioPos::from_millis(1_500),
    });
    bench.client(ClientEventKind::InputAudioBufferCommit {});
    bench.create_response();
    bench.pass(Duration::from_secs(3));
    assert_eq!(
        bench.requests()[0].messages,
        [Message::User {
            text: "My knee hurts.".into()
        }]
    );
    assert_eq!(bench.spoken(0), "Since when?");
    let mark = bench.mark();
    bench.client(ClientEventKind::InputAudioBufferCommit {});
    assert_eq!(
        error_codes(&bench, mark),
        [ErrorCode::InputAudioBufferCommitEmpty]
    );
}

#[test]
fn a_response_waits_for_the_words_it_answers() {
    let mut bench = Bench::with_turns(None);
    bench.handle(Input::AudioReceived {
        to: AudioPos::from_millis(1_500),
    });
    bench.client(ClientEventKind::InputAudioBufferCommit {});
    bench.create_response();
    assert!(bench.sent(0).any(|e| name(e) == "response.created"));
    assert!(bench.requests().is_empty());
    bench.transcribe(bedside_conversation::io::UtteranceId(1), 1, "My knee hurts.");
    bench.handle(Input::Tick);
    assert_eq!(
        bench.requests()[0].messages,
        [Message::User {
            text: "My knee hurts.".into()
        }]
    );
}

#[test]
fn typed_text_is_answered_in_text_when_the_session_is_text_only() {
    let mut config = config();
    config.output_modality = OutputModality::Text;
    let mut bench = Bench::with(config);
    bench.model = vec![text("Since when?")];
    bench.client(message(Role::User, "My knee hurts."));
    let mark = bench.mark();
    bench.create_response();
    assert_eq!(
        bench.events_since(mark),
        [
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
        ]
    );
    assert!(bench.spoken(0).is_empty());
}

#[test]
fn a_function_call_is_passed_to_the_client_and_its_output_to_the_model() {
    let mut bench = Bench::new();
    let call = |delta: &str| ModelEvent::ToolCallArguments {
        call_id: "call_1".into(),
        delta: delta.into(),
    };
    let start = ModelEvent::ToolCallStart {
        call_id: "call_1".into(),
        name: "book".into(),
    };
    bench.model = vec![
        vec![start, call("{\"day\":"), call("\"Monday\"}"), done()],
        text("Booked."),
    ];
    bench.create_response();
    let arguments = bench.sent(0).find_map(|event| match event {
        ServerEventKind::ResponseFunctionCallArgumentsDone { arguments, .. } => Some(arguments.clone()),
        _ => None,
    });
    assert_eq!(arguments.as_deref(), Some("{\"day\":\"Monday\"}"));
    let body = ItemBody::FunctionCallOutput {
        call_id: "call_1".into(),
        output: "ok".into(),
    };
    let item = NewItem { id: None, body };
    bench.client(ClientEventKind::ConversationItemCreate {
        previous_item_id: None,
        item,
    });
    bench.create_response();
    let messages = &bench.requests()[1].messages;
    assert!(matches!(&messages[0], Message::ToolCall { name, .. } if name == "book"));
    assert_eq!(
        messages[1],
        Message::ToolResult {
            call_id: "call_1".into(),
            output: "ok".into()
        }
    );
}

#[test]
fn a_transcription_session_transcribes_and_never_answers() {
    let mut config = config();
    config.kind = SessionType::Transcription;
    let mut bench = Bench::with(config);
    bench.words = vec!["I have chest pain."];
    bench.speak(500);
    bench.silence(1_000);
    assert!(
        bench
            .sent(0)
            .any(|e| name(e).ends_with("transcription.completed"))
    );
    assert!(bench.requests().is_empty() && bench.spoken(0).is_empty());
    let mark = bench.mark();
    bench.create_response();
    assert_eq!(error_codes(&bench, mark), [ErrorCode::InvalidSessionType]);
}

#[test]
fn an_out_of_band_response_leaves_no_trace_in_the_conversation() {
    let mut bench = Bench::new();
    bench.model = vec![text("A summary."), text("Hello.")];
    let response = ResponseParams {
        conversation: bedside_protocol::ResponseConversation::None,
        output_modality: Some(OutputModality::Text),
        ..ResponseParams::default()
    };
    bench.client(ClientEventKind::ResponseCreate {
        response: Box::new(response),
    });
    assert!(!bench.sent(0).any(|e| name(e) == "conversation.item.added"));
    bench.create_response();
    assert!(bench.requests()[1].messages.is_empty());
}

#[test]
fn mistakes_are_answered_and_change_nothing() {
    let mut bench = Bench::new();
    bench.create_response();
    let unknown = || "item_unknown".to_owned();
    let truncate = ClientEventKind::ConversationItemTruncate {
        item_id: unknown(),
        content_index: 0,
        audio_end_ms: 0,
    };
    for (request, code) in [
        (
            ClientEventKind::ConversationItemDelete { item_id: unknown() },
            ErrorCode::ItemNotFound,
        ),
        (
            ClientEventKind::ConversationItemRetrieve { item_id: unknown() },
            ErrorCode::ItemNotFound,
        ),
        (truncate, ErrorCode::ItemNotFound),
        (
            ClientEventKind::ResponseCancel {
                response_id: Some("resp_x".into()),
            },
            ErrorCode::ResponseCancelNotActive,
        ),
        (
            ClientEventKind::ResponseCreate {
                response: Box::default(),
            },
            ErrorCode::ConversationAlreadyHasActiveResponse,
        ),
    ] {
        let mark = bench.mark();
        bench.client(request);
        assert_eq!(error_codes(&bench, mark), [code]);
        assert_eq!(bench.events_since(mark), ["error"]);
    }
    let closed = bench
        .log
        .iter()
        .any(|(_, output)| matches!(output, Output::Close { .. }));
    assert!(!closed);
}
