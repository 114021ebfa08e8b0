//! One of every server event.

use bedside_protocol::fhir::{
    CodeableConcept, LOINC, OBSERVATION_CATEGORY, Observation, ObservationStatus, Quantity,
};
use bedside_protocol::{
    AudioFormat, ContentPart, ErrorCode, ErrorDetail, ErrorType, Escalation, FunctionTool, Guidance, Item,
    ItemBody, ItemStatus, MaxOutputTokens, Metadata, NoiseReduction, NoiseReductionType, OutputModality,
    PartAddress, ProviderChanged, ProviderSpending, RateLimit, RateLimitName, Response, ResponseAudio,
    ResponseAudioOutput, ResponseError, ResponsePart, ResponseStatus, Role, ScanCompleted, ScanFace,
    ScanProgress, SemanticVad, ServerEvent, ServerEventKind, SessionConfig, SessionType, Spending, Stage,
    StatusDetails, StatusReason, ToolChoice, Transcription, TranscriptionFault, TranscriptionUsage,
    TurnDetection, TurnMetrics, TurnProviders, Usage, VitalsAbsent, VitalsFigures, VitalsStage,
    VitalsUpdated, encode_audio,
};
use serde_json::json;

/// One of every kind, and of those whose shape varies one of every shape.
pub(crate) fn server_events() -> Vec<ServerEvent> {
    let mut kinds = Vec::new();
    kinds.extend(session_events());
    kinds.extend(conversation_events());
    kinds.extend(audio_buffer_events());
    kinds.extend(response_events());
    kinds.extend(streaming_events());
    kinds.extend(extension_events());
    kinds.extend(vitals_events());
    kinds.push(ServerEventKind::RateLimitsUpdated {
        rate_limits: vec![
            RateLimit {
                name: RateLimitName::Requests,
                limit: 1_000,
                remaining: 999,
                reset_seconds: 0.06,
            },
            RateLimit {
                name: RateLimitName::Tokens,
                limit: 50_000,
                remaining: 49_950,
                reset_seconds: 1.5,
            },
        ],
    });
    let number = |(n, kind)| ServerEvent {
        event_id: format!("event_{n}"),
        kind,
    };
    kinds.into_iter().enumerate().map(number).collect()
}

fn session_events() -> Vec<ServerEventKind> {
    let plain = SessionConfig::new("general-intake", "joe");
    let mut full = plain.clone();
    "Be brief.".clone_into(&mut full.instructions);
    full.input.format = AudioFormat::Pcmu;
    full.input.noise_reduction = Some(NoiseReduction {
        kind: NoiseReductionType::FarField,
    });
    full.input.transcription = Some(Transcription {
        model: Some("whisper-1".to_owned()),
        language: Some("en".to_owned()),
        prompt: None,
    });
    full.input.turn_detection = Some(TurnDetection::SemanticVad(SemanticVad::default()));
    full.output.format = AudioFormat::Pcma;
    full.output.speed = 1.1;
    full.tools = vec![FunctionTool {
        name: "book".to_owned(),
        description: Some("Books a visit.".to_owned()),
        parameters: Some(json!({"type": "object", "properties": {"day": {"type": "string"}}})),
    }];
    full.tool_choice = ToolChoice::Function("book".to_owned());
    full.max_output_tokens = MaxOutputTokens::Limited(256);
    full.output_modality = OutputModality::Text;
    let mut push_to_talk = plain.clone();
    push_to_talk.input.turn_detection = None;
    push_to_talk.bedside_asked = true;
    let mut transcription = plain.clone();
    transcription.kind = SessionType::Transcription;
    let error = ErrorDetail {
        kind: ErrorType::InvalidRequestError,
        code: Some(ErrorCode::InvalidValue),
        message: "Invalid value.".to_owned(),
        param: Some("session.audio".to_owned()),
        event_id: Some("mine".to_owned()),
    };
    let bare = ErrorDetail {
        kind: ErrorType::ServerError,
        code: None,
        message: "x".to_owned(),
        param: None,
        event_id: None,
    };
    vec![
        ServerEventKind::SessionCreated {
            session: Box::new(plain.resource("sess_1", Some(1_800_000_000))),
        },
        ServerEventKind::SessionUpdated {
            session: Box::new(full.resource("sess_1", None)),
        },
        ServerEventKind::SessionUpdated {
            session: Box::new(push_to_talk.resource("sess_1", None)),
        },
        ServerEventKind::SessionUpdated {
            session: Box::new(transcription.resource("sess_1", None)),
        },
        ServerEventKind::Error { error },
        ServerEventKind::Error { error: bare },
    ]
}

fn message(id: &str, role: Role, part: ContentPart) -> Item {
    Item {
        id: id.to_owned(),
        status: ItemStatus::Completed,
        body: ItemBody::Message {
            role,
            content: vec![part],
        },
    }
}

fn items() -> Vec<Item> {
    vec![
        message(
            "item_1",
            Role::System,
            ContentPart::InputText {
                text: "The patient is deaf in one ear.".to_owned(),
            },
        ),
        message(
            "item_2",
            Role::User,
            ContentPart::InputAudio {
                audio: None,
                transcript: None,
            },
        ),
        message(
            "item_3",
            Role::User,
            ContentPart::InputAudio {
                audio: Some("AAA=".to_owned()),
                transcript: Some("Hello.".to_owned()),
            },
        ),
        message(
            "item_4",
            Role::Assistant,
            ContentPart::OutputText {
                text: "Hello.".to_owned(),
            },
        ),
        message(
            "item_5",
            Role::Assistant,
            ContentPart::OutputAudio {
                audio: None,
                transcript: Some("Hello.".to_owned()),
            },
        ),
        Item {
            id: "item_6".to_owned(),
            status: ItemStatus::InProgress,
            body: ItemBody::FunctionCall {
                call_id: "call_1".to_owned(),
                name: "book".to_owned(),
                arguments: String::new(),
            },
        },
        Item {
            id: "item_7".to_owned(),
            status: ItemStatus::Incomplete,
            body: ItemBody::FunctionCallOutput {
                call_id: "call_1".to_owned(),
                output: "done".to_owned(),
            },
        },
    ]
}

fn conversation_events() -> Vec<ServerEventKind> {
    let item_id = || "item_2".to_owned();
    let mut kinds: Vec<_> = items()
        .into_iter()
        .map(|item| ServerEventKind::ConversationItemAdded {
            previous_item_id: Some("item_0".to_owned()),
            item,
        })
        .collect();
    kinds.extend([
        ServerEventKind::ConversationItemDone {
            previous_item_id: None,
            item: items().remove(0),
        },
        ServerEventKind::ConversationItemRetrieved {
            item: items().remove(2),
        },
        ServerEventKind::ConversationItemTruncated {
            item_id: item_id(),
            content_index: 0,
            audio_end_ms: 1_500,
        },
        ServerEventKind::ConversationItemDeleted { item_id: item_id() },
        ServerEventKind::InputAudioTranscriptionDelta {
            item_id: item_id(),
            content_index: 0,
            delta: "I have".to_owned(),
        },
        ServerEventKind::InputAudioTranscriptionCompleted {
            item_id: item_id(),
            content_index: 0,
            transcript: "I have a cough.".to_owned(),
            usage: TranscriptionUsage::Duration { seconds: 1.25 },
        },
        ServerEventKind::InputAudioTranscriptionCompleted {
            item_id: item_id(),
            content_index: 0,
            transcript: String::new(),
            usage: TranscriptionUsage::Tokens {
                input_tokens: 3,
                output_tokens: 4,
                total_tokens: 7,
            },
        },
        ServerEventKind::InputAudioTranscriptionFailed {
            item_id: item_id(),
            content_index: 0,
            error: TranscriptionFault {
                kind: ErrorType::ServerError,
                code: ErrorCode::TranscriptionFailed,
                message: "The transcriber failed.".to_owned(),
                param: None,
            },
        },
    ]);
    kinds
}

fn audio_buffer_events() -> Vec<ServerEventKind> {
    let item_id = || "item_2".to_owned();
    let response_id = || "resp_1".to_owned();
    vec![
        ServerEventKind::InputAudioBufferCommitted {
            previous_item_id: None,
            item_id: item_id(),
        },
        ServerEventKind::InputAudioBufferCleared {},
        ServerEventKind::InputAudioBufferSpeechStarted {
            audio_start_ms: 700,
            item_id: item_id(),
        },
        ServerEventKind::InputAudioBufferSpeechStopped {
            audio_end_ms: 1_900,
            item_id: item_id(),
        },
        ServerEventKind::InputAudioBufferTimeoutTriggered {
            audio_start_ms: 1_900,
            audio_end_ms: 7_900,
            item_id: item_id(),
        },
        ServerEventKind::InputAudioBufferDtmfEventReceived {
            event: "5".to_owned(),
            received_at: 1_800_000_000,
        },
        ServerEventKind::OutputAudioBufferStarted {
            response_id: response_id(),
        },
        ServerEventKind::OutputAudioBufferStopped {
            response_id: response_id(),
        },
        ServerEventKind::OutputAudioBufferCleared {
            response_id: response_id(),
        },
    ]
}

fn response(status: ResponseStatus, status_details: Option<StatusDetails>) -> Box<Response> {
    let ended = status != ResponseStatus::InProgress;
    Box::new(Response {
        id: "resp_1".to_owned(),
        status,
        status_details,
        output: if ended { items().split_off(3) } else { Vec::new() },
        conversation_id: ended.then(|| "conv_1".to_owned()),
        output_modalities: OutputModality::Audio,
        max_output_tokens: if ended {
            MaxOutputTokens::Limited(100)
        } else {
            MaxOutputTokens::Unlimited
        },
        audio: ResponseAudio {
            output: ResponseAudioOutput {
                format: Some(AudioFormat::default()),
                voice: Some("joe".to_owned()),
            },
        },
        usage: ended.then(|| Usage {
            bedside: Some(Spending {
                cost: 0.002,
                currency: "USD".to_owned(),
                by: vec![ProviderSpending {
                    stage: Stage::Model,
                    provider: "bedrock".to_owned(),
                    unit: "output_tokens".to_owned(),
                    quantity: 18.0,
                    cost: Some(0.002),
                }],
            }),
            ..Usage::text(120, 40, 18)
        }),
        metadata: ended.then(|| Metadata::from([("topic".to_owned(), "greeting".to_owned())])),
    })
}

fn response_events() -> Vec<ServerEventKind> {
    let details = |kind, reason| {
        Some(StatusDetails {
            kind,
            reason,
            error: None,
        })
    };
    let failed = StatusDetails {
        kind: ResponseStatus::Failed,
        reason: None,
        error: Some(ResponseError {
            kind: ErrorType::ServerError,
            code: ErrorCode::ProviderFailed,
            message: "The model failed.".to_owned(),
        }),
    };
    let mut kinds = vec![ServerEventKind::ResponseCreated {
        response: response(ResponseStatus::InProgress, None),
    }];
    let ends = [
        (
            ResponseStatus::Completed,
            details(ResponseStatus::Completed, None),
        ),
        (
            ResponseStatus::Cancelled,
            details(ResponseStatus::Cancelled, Some(StatusReason::TurnDetected)),
        ),
        (
            ResponseStatus::Cancelled,
            details(ResponseStatus::Cancelled, Some(StatusReason::ClientCancelled)),
        ),
        (
            ResponseStatus::Incomplete,
            details(ResponseStatus::Incomplete, Some(StatusReason::MaxOutputTokens)),
        ),
        (
            ResponseStatus::Incomplete,
            details(ResponseStatus::Incomplete, Some(StatusReason::ContentFilter)),
        ),
        (ResponseStatus::Failed, Some(failed)),
    ];
    kinds.extend(
        ends.into_iter()
            .map(|(status, details)| ServerEventKind::ResponseDone {
                response: response(status, details),
            }),
    );
    let item = || items().remove(4);
    kinds.push(ServerEventKind::ResponseOutputItemAdded {
        response_id: "resp_1".to_owned(),
        output_index: 0,
        item: item(),
    });
    kinds.push(ServerEventKind::ResponseOutputItemDone {
        response_id: "resp_1".to_owned(),
        output_index: 0,
        item: item(),
    });
    kinds
}

fn streaming_events() -> Vec<ServerEventKind> {
    let at = || PartAddress {
        response_id: "resp_1".to_owned(),
        item_id: "item_5".to_owned(),
        output_index: 0,
        content_index: 0,
    };
    let text = || "How long".to_owned();
    let call = || ("resp_1".to_owned(), "item_6".to_owned(), "call_1".to_owned());
    let ((response_id, item_id, call_id), again) = (call(), call());
    vec![
        ServerEventKind::ResponseContentPartAdded {
            at: at(),
            part: ResponsePart::Audio {
                transcript: String::new(),
            },
        },
        ServerEventKind::ResponseContentPartDone {
            at: at(),
            part: ResponsePart::Text { text: text() },
        },
        ServerEventKind::ResponseOutputTextDelta {
            at: at(),
            delta: text(),
        },
        ServerEventKind::ResponseOutputTextDone {
            at: at(),
            text: text(),
        },
        ServerEventKind::ResponseOutputAudioDelta {
            at: at(),
            delta: encode_audio(&[0; 6]),
        },
        ServerEventKind::ResponseOutputAudioDone { at: at() },
        ServerEventKind::ResponseOutputAudioTranscriptDelta {
            at: at(),
            delta: text(),
        },
        ServerEventKind::ResponseOutputAudioTranscriptDone {
            at: at(),
            transcript: text(),
        },
        ServerEventKind::ResponseFunctionCallArgumentsDelta {
            response_id,
            item_id,
            output_index: 1,
            call_id,
            delta: "{".to_owned(),
        },
        ServerEventKind::ResponseFunctionCallArgumentsDone {
            response_id: again.0,
            item_id: again.1,
            output_index: 1,
            call_id: again.2,
            name: "book".to_owned(),
            arguments: "{}".to_owned(),
        },
    ]
}

fn extension_events() -> Vec<ServerEventKind> {
    vec![
        ServerEventKind::BedsideTurnMetrics(TurnMetrics {
            response_id: "resp_1".to_owned(),
            end_of_turn: Some(412.5),
            first_audio_sent: Some(803.25),
            voice_to_voice: Some(810.0),
            engine_ms: Some(6.5),
            providers: TurnProviders {
                transcription: Some("local".to_owned()),
                ..TurnProviders::default()
            },
            ..TurnMetrics::default()
        }),
        ServerEventKind::BedsideProviderChanged(ProviderChanged {
            stage: Stage::Synthesis,
            from: "first".to_owned(),
            to: "second".to_owned(),
            reason: "deadline passed".to_owned(),
        }),
        ServerEventKind::BedsideEscalation(Escalation {
            reason: "chest_pain".to_owned(),
            matched: "pain in my chest".to_owned(),
        }),
    ]
}

fn vitals_events() -> Vec<ServerEventKind> {
    let scan_id = || "scan_1".to_owned();
    let progress = |face, guidance| {
        ServerEventKind::VitalsScanProgress(ScanProgress {
            scan_id: scan_id(),
            capture_time_us: 7_000_000,
            elapsed_ms: 6_000,
            face,
            guidance,
        })
    };
    let found = ScanFace {
        found: true,
        bounds: Some([120.5, 80.0, 200.0, 240.0]),
        motion: Some(0.25),
        brightness: Some(0.5),
    };
    let figures = VitalsFigures {
        heart_rate_bpm: Some(71.8),
        quality: Some(0.83),
        snr_db: Some(4.2),
        absent: VitalsAbsent {
            respiratory_rate: Some("too_short".to_owned()),
            ..VitalsAbsent::default()
        },
        ..VitalsFigures::default()
    };
    let observation = Observation {
        status: ObservationStatus::Final,
        category: vec![CodeableConcept::coded(
            OBSERVATION_CATEGORY,
            "vital-signs",
            "Vital Signs",
        )],
        code: CodeableConcept::coded(LOINC, "8867-4", "Heart rate"),
        effective_period: None,
        value_quantity: Some(Quantity::ucum(71.8, "beats/minute", "/min")),
        data_absent_reason: None,
        method: CodeableConcept::text("camera"),
        component: Vec::new(),
    };
    vec![
        ServerEventKind::VitalsScanStarted { scan_id: scan_id() },
        progress(found, Guidance::HoldStill),
        progress(ScanFace::default(), Guidance::FaceNotFound),
        ServerEventKind::VitalsWaveform {
            scan_id: scan_id(),
            capture_time_us: 6_000_000,
            sample_rate: 30.0,
            samples: vec![-0.5, 0.25, 1.0],
        },
        ServerEventKind::VitalsUpdated(Box::new(VitalsUpdated {
            scan_id: scan_id(),
            capture_time_us: 7_000_000,
            stage: VitalsStage::Preliminary,
            window_s: 6.0,
            figures: figures.clone(),
            method: "camera".to_owned(),
        })),
        ServerEventKind::VitalsScanCompleted(Box::new(ScanCompleted {
            scan_id: scan_id(),
            capture_time_us: Some(31_000_000),
            elapsed_ms: 30_000,
            frames: 900,
            coverage: 0.9,
            figures,
            method: "camera".to_owned(),
            observations: vec![observation],
        })),
        ServerEventKind::VitalsScanFailed {
            scan_id: scan_id(),
            capture_time_us: None,
            reason: "no_video".to_owned(),
        },
    ]
}
