//! What is written reads back, for arbitrary values.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests too"
)]

use bedside_protocol::*;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn patch_of<T: std::fmt::Debug + Clone>(set: impl Strategy<Value = T>) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![Just(Patch::Keep), Just(Patch::Clear), set.prop_map(Patch::Set)]
}

fn turn_detection() -> impl Strategy<Value = TurnDetectionPatch> {
    (
        select(&[TurnDetectionType::ServerVad, TurnDetectionType::SemanticVad][..]),
        option::of(-2.0_f32..2.0),
        option::of(any::<u32>()),
        patch_of(any::<u32>()),
        option::of(select(
            &[
                Eagerness::Low,
                Eagerness::Medium,
                Eagerness::High,
                Eagerness::Auto,
            ][..],
        )),
        option::of(any::<bool>()),
    )
        .prop_map(
            |(kind, threshold, number, idle_timeout_ms, eagerness, flag)| TurnDetectionPatch {
                threshold,
                prefix_padding_ms: number,
                silence_duration_ms: number,
                idle_timeout_ms,
                eagerness,
                create_response: flag,
                interrupt_response: flag,
                ..TurnDetectionPatch::new(kind)
            },
        )
}

fn format() -> impl Strategy<Value = AudioFormat> {
    prop_oneof![
        any::<u32>().prop_map(|rate| AudioFormat::Pcm { rate }),
        select(&[AudioFormat::Pcmu, AudioFormat::Pcma, AudioFormat::Opus][..]),
    ]
}

fn session() -> impl Strategy<Value = SessionPatch> {
    let transcription =
        (option::of(".*"), patch_of(".*"), patch_of(".*")).prop_map(|(model, language, prompt)| {
            TranscriptionPatch {
                model,
                language,
                prompt,
            }
        });
    let input = (
        option::of(format()),
        patch_of(transcription),
        patch_of(turn_detection()),
    )
        .prop_map(|(format, transcription, turn_detection)| AudioInputPatch {
            format,
            noise_reduction: Patch::Keep,
            transcription,
            turn_detection,
        });
    let output = (option::of(format()), option::of(".*"), option::of(-9.0_f32..9.0))
        .prop_map(|(format, voice, speed)| AudioOutputPatch { format, voice, speed });
    let limit = prop_oneof![
        Just(MaxOutputTokens::Unlimited),
        any::<u32>().prop_map(MaxOutputTokens::Limited)
    ];
    let choice = prop_oneof![
        select(&[ToolChoice::Auto, ToolChoice::None, ToolChoice::Required][..]),
        ".*".prop_map(ToolChoice::Function),
    ];
    let media = select(
        &[
            MediaMode::Json,
            MediaMode::Binary,
            MediaMode::BinaryIn,
            MediaMode::BinaryOut,
        ][..],
    );
    let vitals = (
        option::of(any::<bool>()),
        option::of(select(&[VitalsRegion::Auto, VitalsRegion::FaceCrop][..])),
        option::of(any::<u32>()),
        prop_oneof![
            Just(Patch::Keep),
            Just(Patch::Clear),
            any::<u32>().prop_map(Patch::Set)
        ],
    )
        .prop_map(|(enabled, region, interval_ms, duration_ms)| VitalsPatch {
            enabled,
            region,
            interval_ms,
            duration_ms,
        });
    let bedside = (option::of(media), option::of(vitals)).prop_map(|(media, vitals)| BedsidePatch {
        media,
        input: BedsideInputPatch::default(),
        vitals,
    });
    (
        input,
        output,
        option::of(".*"),
        option::of(limit),
        option::of(choice),
        option::of(bedside),
    )
        .prop_map(
            |(input, output, instructions, max_output_tokens, tool_choice, bedside)| SessionPatch {
                instructions,
                audio: AudioPatch { input, output },
                max_output_tokens,
                tool_choice,
                bedside,
                ..SessionPatch::default()
            },
        )
}

fn body() -> impl Strategy<Value = ItemBody> {
    let user = prop_oneof![
        ".*".prop_map(|text| ContentPart::InputText { text }),
        (".*", option::of(".*")).prop_map(|(audio, transcript)| ContentPart::InputAudio {
            audio: Some(audio),
            transcript
        }),
    ];
    prop_oneof![
        proptest::collection::vec(user, 1..4).prop_map(|content| ItemBody::Message {
            role: Role::User,
            content
        }),
        (".*", ".*", ".*").prop_map(|(call_id, name, arguments)| ItemBody::FunctionCall {
            call_id,
            name,
            arguments
        }),
        (".*", ".*").prop_map(|(call_id, output)| ItemBody::FunctionCallOutput { call_id, output }),
    ]
}

fn client_event() -> impl Strategy<Value = ClientEvent> {
    let item = || (option::of("[a-z_0-9]{1,64}"), body()).prop_map(|(id, body)| NewItem { id, body });
    let kind = prop_oneof![
        session().prop_map(|session| ClientEventKind::SessionUpdate {
            session: Box::new(session)
        }),
        ".*".prop_map(|audio| ClientEventKind::InputAudioBufferAppend { audio }),
        (".*", any::<u64>()).prop_map(
            |(image, capture_time_us)| ClientEventKind::InputVideoBufferAppend {
                image,
                capture_time_us,
            }
        ),
        (option::of(".*"), item()).prop_map(|(previous_item_id, item)| {
            ClientEventKind::ConversationItemCreate {
                previous_item_id,
                item,
            }
        }),
        (".*", any::<u32>(), any::<u64>()).prop_map(|(item_id, content_index, audio_end_ms)| {
            ClientEventKind::ConversationItemTruncate {
                item_id,
                content_index,
                audio_end_ms,
            }
        }),
        option::of(proptest::collection::vec(item().prop_map(InputItem::Item), 0..3)).prop_map(|input| {
            let response = ResponseParams {
                input,
                ..ResponseParams::default()
            };
            ClientEventKind::ResponseCreate {
                response: Box::new(response),
            }
        }),
        option::of(".*").prop_map(|response_id| ClientEventKind::ResponseCancel { response_id }),
    ];
    (kind, option::of(".*")).prop_map(|(kind, event_id)| ClientEvent { kind, event_id })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn client_events_read_back(event in client_event()) {
        let text = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(parse_client_event(&text), Ok(event), "{}", text);
    }

    #[test]
    fn audio_reads_back(audio in proptest::collection::vec(any::<u8>(), 0..100)) {
        let text = encode_audio(&audio);
        prop_assert_eq!(decode_audio(&text).unwrap(), audio.clone());
        prop_assert_eq!(decode_audio(text.trim_end_matches('=')).unwrap(), audio, "padding may be left out");
    }

    #[test]
    fn an_update_is_applied_whole_or_not_at_all(patch in session()) {
        let mut config = SessionConfig::new("m", "v");
        let before = config.clone();
        if config.apply(&patch).is_err() {
            prop_assert_eq!(config, before);
        } else {
            let once = config.clone();
            config.apply(&patch).unwrap();
            prop_assert_eq!(config, once, "twice is the same as once");
        }
    }

    #[test]
    fn any_text_is_judged_without_a_panic(text in ".*", json in r#"\{"type":"[a-z_.]{0,30}","[a-z]{1,9}":[\[\]{}0-9",:]{0,20}\}"#) {
        let _ = parse_client_event(&text);
        let _ = parse_client_event(&json);
    }
}

#[test]
fn what_is_no_base64_is_refused() {
    for text in ["A", "AA=A", "A A=", "AA\n", "ÄÖÜ", "AAA%", "-_-_"] {
        assert_eq!(decode_audio(text), Err(InvalidBase64), "{text}");
    }
}
