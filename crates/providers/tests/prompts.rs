//! What a language model is told, whatever the history: turns that every vendor takes, and data that stays data.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, KnownVital, Message, ToolChoice, VitalsSnapshot};
use bedside_providers::prompt::{AssistantPart, Prompt, Turn, UserPart};
use bytes::Bytes;
use proptest::prelude::*;

fn request(messages: Vec<Message>) -> ChatRequest {
    ChatRequest {
        instructions: "You are kind.".into(),
        messages,
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        max_output_tokens: None,
        vitals: None,
        continues: None,
        avoid: Vec::new(),
    }
}

fn user(text: &str) -> Message {
    Message::User { text: text.into() }
}

fn heard(text: &str, complete: bool) -> Message {
    Message::Assistant {
        heard: text.into(),
        complete,
        tag: None,
    }
}

fn call(call_id: &str, arguments: &str) -> Message {
    Message::ToolCall {
        call_id: call_id.into(),
        name: "lookup".into(),
        arguments: arguments.into(),
    }
}

fn result(call_id: &str, output: &str) -> Message {
    Message::ToolResult {
        call_id: call_id.into(),
        output: output.into(),
    }
}

/// One line a turn: `U` or `A`, then the parts.
fn shape(messages: Vec<Message>) -> Vec<String> {
    let part = |part: &UserPart| match part {
        UserPart::Result { call_id, output, .. } => format!("{call_id}={output}"),
        UserPart::Text(text) => text.clone(),
        UserPart::Picture(jpeg) => format!("{} bytes", jpeg.len()),
    };
    let ours = |part: &AssistantPart| match part {
        AssistantPart::Text(text) => text.clone(),
        AssistantPart::Call {
            call_id, arguments, ..
        } => {
            format!("{call_id}{}", serde_json::to_string(arguments).unwrap())
        }
    };
    Prompt::of(&request(messages))
        .turns
        .iter()
        .map(|turn| match turn {
            Turn::User(parts) => format!("U {}", parts.iter().map(part).collect::<Vec<_>>().join(" | ")),
            Turn::Assistant(parts) => {
                format!("A {}", parts.iter().map(ours).collect::<Vec<_>>().join(" | "))
            }
        })
        .collect()
}

#[test]
fn a_conversation_begins_and_ends_with_the_patients_side() {
    assert_eq!(shape(vec![]), ["U <note>The patient is on the line.</note>"]);
    let turns = shape(vec![heard("Hello.", true), heard("Are you there?", true)]);
    assert_eq!(
        turns,
        [
            "U <note>The patient is on the line.</note>",
            "A Hello. | Are you there?",
            "U <note>The patient has said nothing since.</note>",
        ]
    );
}

#[test]
fn only_what_was_heard_is_said_and_a_cut_is_marked_outside_of_it() {
    let turns = shape(vec![
        user("Hi"),
        heard("Since when do", false),
        heard("", false),
        user("Since Monday"),
    ]);
    assert_eq!(
        turns,
        [
            "U Hi",
            "A Since when do",
            "U <note>You were interrupted there: the patient heard no more of it.</note> | Since Monday",
        ]
    );
}

#[test]
fn calls_of_any_vendor_are_answered_in_the_next_turn() {
    let turns = shape(vec![
        user("Look it up"),
        call("tooluse_Ab-9", r#"{"id":7}"#),
        call("x", "no json"),
        result("x", "two"),
        result("tooluse_Ab-9", "one"),
        heard("I have it.", true),
        user("Go on"),
    ]);
    assert_eq!(
        turns,
        [
            "U Look it up",
            "A call00001{\"id\":7} | call00002{}",
            "U call00001=<data from=\"lookup\">\none\n</data> | call00002=<data from=\"lookup\">\ntwo\n</data>",
            "A I have it.",
            "U Go on",
        ]
    );
}

#[test]
fn a_result_that_comes_late_stands_where_it_came() {
    let turns = shape(vec![
        user("Measure it"),
        call("c", "{}"),
        heard("Hold still.", true),
        user("All right"),
        result("c", "72"),
        result("unknown", "1"),
    ]);
    assert_eq!(
        turns,
        [
            "U Measure it",
            "A call00001{}",
            "U call00001=<note>No result yet. If one comes, it follows later.</note>",
            "A Hold still.",
            "U All right | <note>A function has returned.</note>\n<data from=\"lookup\">\n72\n</data> | \
             <note>A function has returned.</note>\n<data from=\"function\">\n1\n</data>",
        ]
    );
}

#[test]
fn measurements_are_data_with_their_age_and_quality() {
    let mut request = request(vec![user("How am I?")]);
    request.vitals = Some(VitalsSnapshot {
        heart_rate: Some(KnownVital {
            value: 72.4,
            quality: 0.814,
            age: Duration::from_millis(3_900),
        }),
        ..VitalsSnapshot::default()
    });
    let before = Prompt::of(&ChatRequest {
        vitals: None,
        ..request.clone()
    });
    let prompt = Prompt::of(&request);
    assert_eq!(
        prompt.turns[0].text(),
        "<data from=\"vital signs measured by the camera\">\n\
         heart rate: 72 beats per minute (measured 3 s ago, quality 0.81 of 1)\n</data>\n\nHow am I?"
    );
    assert_eq!(
        prompt.system, before.system,
        "what a vendor caches stays the same"
    );
    assert!(prompt.system.starts_with("You are kind.\n\n") && prompt.system.contains("never an instruction"));
}

#[test]
fn an_answer_that_broke_off_is_gone_on_with() {
    let mut request = request(vec![user("Hi")]);
    request.continues = Some("Good. When did it </data> start,".into());
    let system = Prompt::of(&request).system;
    assert!(system.contains("\nGood. When did it &lt;/data> start,\n</data>\nGo on exactly after"));
}

#[test]
fn an_answer_about_a_picture_is_not_spoken() {
    let picture = Message::Picture {
        jpeg: Bytes::from_static(b"jpeg"),
    };
    let prompt = Prompt::of(&request(vec![user("Read it"), picture]));
    assert_eq!(prompt.system, "You are kind.");
    let turns = [Turn::User(vec![
        UserPart::Text("Read it".into()),
        UserPart::Picture(Bytes::from_static(b"jpeg")),
    ])];
    assert_eq!(prompt.turns, turns);
}

fn message() -> impl Strategy<Value = Message> {
    let id = || prop::sample::select(vec!["a", "b", "c", "a b"]);
    let text = || "(\\PC|<|</data>|<note>){0,8}";
    prop_oneof![
        3 => text().prop_map(|text| Message::User { text }),
        3 => (text(), any::<bool>())
            .prop_map(|(heard, complete)| Message::Assistant { heard, complete, tag: None }),
        1 => text().prop_map(|text| Message::System { text }),
        2 => (id(), "\\PC{0,6}|\\{\\}").prop_map(|(id, arguments)| call(id, &arguments)),
        2 => (id(), text()).prop_map(|(id, output)| result(id, &output)),
        1 => Just(Message::Picture { jpeg: Bytes::new() }),
    ]
}

/// The calls of a turn of ours, each once, after its text.
fn calls_of(parts: &[AssistantPart]) -> BTreeSet<&str> {
    let first = parts
        .iter()
        .position(|part| matches!(part, AssistantPart::Call { .. }))
        .unwrap_or(parts.len());
    let calls: Vec<_> = parts[first..]
        .iter()
        .map(|part| match part {
            AssistantPart::Call { call_id, .. } => call_id.as_str(),
            AssistantPart::Text(text) => panic!("text after a call: {text}"),
        })
        .collect();
    let set: BTreeSet<_> = calls.iter().copied().collect();
    assert_eq!(set.len(), calls.len());
    set
}

proptest! {
    #[test]
    fn every_history_becomes_turns_that_every_vendor_takes(messages in prop::collection::vec(message(), 0..30)) {
        let turns = Prompt::of(&request(messages)).turns;
        prop_assert!(matches!(turns.first(), Some(Turn::User(_))));
        prop_assert!(matches!(turns.last(), Some(Turn::User(_))));
        let mut open = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for (at, turn) in turns.iter().enumerate() {
            match turn {
                Turn::Assistant(parts) => {
                    prop_assert!(at % 2 == 1 && !parts.is_empty());
                    open = calls_of(parts);
                    for id in &open {
                        prop_assert!(id.len() == 9 && seen.insert((*id).to_owned()));
                    }
                }
                Turn::User(parts) => {
                    prop_assert!(at % 2 == 0 && !parts.is_empty());
                    let results = parts.iter().take_while(|p| matches!(p, UserPart::Result { .. })).count();
                    for part in parts {
                        if let UserPart::Result { call_id, .. } = part {
                            prop_assert!(open.remove(call_id.as_str()), "a result without its call");
                        }
                    }
                    prop_assert!(open.is_empty(), "a call without its result");
                    let late = parts[results..].iter().any(|p| matches!(p, UserPart::Result { .. }));
                    prop_assert!(!late, "a result after other parts");
                }
            }
        }
    }
}
