//! The model calls functions of the server and of the session: they run, their results are told, and a silence while they
//! run is bridged.

mod support;

use std::time::Duration;

use bedside_conversation::SessionFunctions;
use bedside_conversation::context::{Message, ModelEvent, Tool, ToolChoice};
use bedside_conversation::functions::{END_CONSULTATION, ESCALATE};
use bedside_conversation::io::{Input, Output};
use bedside_protocol::{CloseCode, ItemBody, ServerEventKind};
use serde_json::json;
use support::{Bench, config, done, text};

const LOOKUP: &str = "lookup_patient";

fn bench() -> Bench {
    let tool = Tool {
        name: LOOKUP.into(),
        description: "Finds the patient.".into(),
        parameters: json!({}),
    };
    let functions = SessionFunctions {
        escalate: true,
        end_consultation: true,
    };
    Bench::offering(config(), vec![tool], functions)
}

fn call(id: &str, name: &str, arguments: &str) -> Vec<ModelEvent> {
    vec![
        ModelEvent::ToolCallStart {
            call_id: id.into(),
            name: name.into(),
        },
        ModelEvent::ToolCallArguments {
            call_id: id.into(),
            delta: arguments.into(),
        },
    ]
}

fn asks(calls: Vec<Vec<ModelEvent>>) -> Vec<ModelEvent> {
    calls.into_iter().flatten().chain([done()]).collect()
}

fn run(bench: &Bench) -> Vec<String> {
    let ids = bench.log.iter().filter_map(|(_, output)| match output {
        Output::RunTool { call_id, .. } => Some(call_id.clone()),
        _ => None,
    });
    ids.collect()
}

fn returns(bench: &mut Bench, call_id: &str) {
    bench.handle(Input::ToolReturned {
        call_id: call_id.into(),
        result: Ok("found".into()),
    });
}

fn outputs(bench: &Bench) -> Vec<(String, String)> {
    let items = bench.sent(0).filter_map(|event| match event {
        ServerEventKind::ConversationItemAdded { item, .. } => match &item.body {
            ItemBody::FunctionCallOutput { call_id, output } => Some((call_id.clone(), output.clone())),
            _ => None,
        },
        _ => None,
    });
    items.collect()
}

#[test]
fn the_model_is_asked_again_once_every_result_is_there() {
    let mut bench = bench();
    bench.model = vec![
        asks(vec![call("a", LOOKUP, "{}"), call("b", LOOKUP, "{}")]),
        text("Hello, Mary."),
    ];
    bench.create_response();
    assert_eq!(run(&bench), ["a", "b"]);
    returns(&mut bench, "a");
    assert_eq!(bench.requests().len(), 1);
    returns(&mut bench, "b");
    let requests = bench.requests();
    assert_eq!(requests.len(), 2);
    let results = requests[1]
        .messages
        .iter()
        .filter(|m| matches!(m, Message::ToolResult { .. }));
    assert_eq!(results.count(), 2);
    bench.pass(Duration::from_secs(3));
    assert_eq!(bench.spoken(0), "Hello, Mary.");
    assert_eq!(bench.requests().len(), 2, "a result is told once");
}

#[test]
fn a_slow_function_is_bridged_once_and_its_result_follows_in_the_same_answer() {
    let mut bench = bench();
    bench.model = vec![asks(vec![call("a", LOOKUP, "{}")]), text("Hello, Mary.")];
    bench.create_response();
    bench.pass(Duration::from_millis(1_499));
    assert_eq!(bench.spoken(0), "");
    bench.pass(Duration::from_millis(6_000));
    assert_eq!(bench.spoken(0), "One moment, please. ");
    returns(&mut bench, "a");
    bench.pass(Duration::from_secs(3));
    assert_eq!(bench.spoken(0), "One moment, please. Hello, Mary.");
    let heard = bench.sent(0).filter_map(|event| match event {
        ServerEventKind::ResponseOutputAudioTranscriptDone { transcript, .. } => Some(transcript.as_str()),
        _ => None,
    });
    assert_eq!(heard.collect::<Vec<_>>(), ["One moment, please. Hello, Mary."]);
}

#[test]
fn an_interruption_does_not_end_a_function_and_a_deadline_does() {
    let mut bench = bench();
    bench.words = vec!["And my knee hurts."];
    bench.model = vec![
        asks(vec![call("a", LOOKUP, "{}")]),
        text("I see."),
        text("I could not look it up."),
    ];
    bench.create_response();
    bench.pass(Duration::from_millis(2_000));
    bench.speak(600);
    bench.silence(2_500);
    let cancelled = |bench: &Bench| {
        let cancels = |(_, output): &(_, Output)| matches!(output, Output::CancelTool { .. });
        bench.log.iter().any(cancels)
    };
    assert!(!cancelled(&bench));
    bench.silence(16_000);
    assert!(cancelled(&bench));
    let answer = r#"{"reason":"timeout","status":"failed"}"#;
    assert_eq!(outputs(&bench), [("a".to_owned(), answer.to_owned())]);
    assert!(
        bench.spoken(0).ends_with("I could not look it up."),
        "{}",
        bench.spoken(0)
    );
}

#[test]
fn eight_functions_run_at_a_time() {
    let mut bench = bench();
    let ids: Vec<String> = (0..10).map(|index| format!("c{index}")).collect();
    bench.model = vec![asks(ids.iter().map(|id| call(id, LOOKUP, "{}")).collect())];
    bench.create_response();
    assert_eq!(run(&bench).len(), 8);
    returns(&mut bench, "c3");
    assert_eq!(run(&bench).len(), 9);
}

#[test]
fn a_model_that_only_calls_must_speak_in_the_eighth_round() {
    let mut bench = bench();
    bench.model = (0..7)
        .map(|round| asks(vec![call(&format!("r{round}"), LOOKUP, "{}")]))
        .chain([text("I give up.")])
        .collect();
    bench.create_response();
    for round in 0..7 {
        returns(&mut bench, &format!("r{round}"));
    }
    let requests = bench.requests();
    assert_eq!(requests.len(), 8);
    assert_eq!(requests[6].tool_choice, ToolChoice::Auto);
    assert_eq!(requests[7].tool_choice, ToolChoice::None);
}

#[test]
fn an_escalation_is_told_once_and_the_consultation_goes_on() {
    let mut bench = bench();
    let reason = r#"{"reason":"wants to harm himself"}"#;
    bench.model = vec![
        asks(vec![call("a", ESCALATE, reason)]),
        asks(vec![call("b", ESCALATE, reason)]),
        text("Stay with me."),
    ];
    bench.create_response();
    bench.pass(Duration::from_secs(3));
    let told = bench.sent(0).filter_map(|event| match event {
        ServerEventKind::BedsideEscalation(escalation) => Some(escalation.reason.as_str()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["wants to harm himself"]);
    assert_eq!(bench.spoken(0), "Stay with me.");
}

#[test]
fn a_consultation_ends_when_the_farewell_was_heard() {
    let mut bench = bench();
    let farewell = r#"{"farewell":"Take care, Mary."}"#;
    bench.model = vec![asks(vec![call("a", END_CONSULTATION, farewell)])];
    bench.create_response();
    let closed = |bench: &Bench| {
        bench.log.iter().find_map(|(at, output)| match output {
            Output::Close { code, .. } => Some((*at, *code)),
            _ => None,
        })
    };
    assert_eq!(bench.spoken(0), "Take care, Mary.");
    bench.pass(Duration::from_millis(890));
    assert_eq!(closed(&bench), None, "three words take 900 ms");
    bench.pass(Duration::from_millis(100));
    assert_eq!(closed(&bench).map(|(_, code)| code), Some(CloseCode::Normal));
    let mark = bench.mark();
    bench.create_response();
    assert_eq!(bench.log.len(), mark, "nothing follows");
}

#[test]
fn a_patient_who_has_something_to_add_is_heard() {
    let mut bench = bench();
    bench.words = vec!["Wait, one more thing."];
    bench.model = vec![asks(vec![call("a", END_CONSULTATION, "{}")]), text("Yes?")];
    bench.create_response();
    bench.pass(Duration::from_millis(600));
    bench.speak(700);
    bench.silence(3_000);
    assert!(bench.spoken(0).ends_with("Yes?"), "{}", bench.spoken(0));
    assert!(
        !bench
            .log
            .iter()
            .any(|(_, output)| matches!(output, Output::Close { .. }))
    );
}
