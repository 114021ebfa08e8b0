//! The function `start_heart_rate_scan`: the model calls it, the session runs it, and the result is told.

mod support;

use std::time::Duration;

use bedside_conversation::context::{Message, ModelEvent};
use bedside_conversation::io::{Input, Output};
use bedside_conversation::scan::{START_SCAN, Stage};
use bedside_protocol::{
    ClientEventKind, FunctionTool, ItemBody, NewItem, ResponseConversation, ResponseParams, ServerEventKind,
    ServerVad, TurnDetection,
};
use serde_json::json;
use support::video::{measure, with_vitals};
use support::{Bench, done, text};

/// A session in which the patient has been asked to look at the camera.
fn measuring() -> Bench {
    let mut bench = Bench::with(with_vitals());
    bench.model = vec![measure("call_1", "Please keep still."), text("Thank you.")];
    bench.create_response();
    bench
}

fn offered(bench: &Bench) -> Vec<bool> {
    let offered = bench
        .requests()
        .into_iter()
        .map(|request| request.tools.iter().any(|tool| tool.name == START_SCAN));
    offered.collect()
}

#[test]
fn the_function_is_offered_while_vitals_are_enabled() {
    let mut bench = Bench::new();
    bench.model = vec![text("One."), text("Two."), text("Three.")];
    for enabled in [None, Some(true), Some(false)] {
        if let Some(enabled) = enabled {
            bench.enable(enabled);
        }
        bench.create_response();
        bench.pass(Duration::from_secs(2));
    }
    assert_eq!(offered(&bench), [false, true, false]);
}

#[test]
fn a_client_that_has_the_function_runs_it_itself() {
    let mut config = with_vitals();
    config.tools = vec![FunctionTool {
        name: START_SCAN.to_owned(),
        description: None,
        parameters: None,
    }];
    let mut bench = Bench::with(config);
    bench.model = vec![measure("call_1", "Please keep still.")];
    bench.create_response();
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.requests()[0].tools.len(), 1);
    assert!(
        bench
            .events_since(0)
            .contains(&"response.function_call_arguments.done".to_owned())
    );
    bench.film(1, 60, Some(72.0));
    assert!(bench.outputs(0).is_empty());
}

#[test]
fn a_response_out_of_band_measures_nobody() {
    let mut bench = Bench::with(with_vitals());
    bench.model = vec![text("Fine.")];
    bench.client(ClientEventKind::ResponseCreate {
        response: Box::new(ResponseParams {
            conversation: ResponseConversation::None,
            ..ResponseParams::default()
        }),
    });
    assert_eq!(offered(&bench), [false]);
}

#[test]
fn the_call_is_an_item_and_never_asked_of_the_client() {
    let mut bench = measuring();
    bench.pass(Duration::from_secs(5));
    let names = bench.events_since(0);
    assert!(
        !names.iter().any(|name| name.contains("function_call")),
        "{names:?}"
    );
    let calls: Vec<_> = bench
        .sent(0)
        .filter_map(|kind| match kind {
            ServerEventKind::ConversationItemDone { item, .. } => match &item.body {
                ItemBody::FunctionCall { call_id, name, .. } => Some((call_id.as_str(), name.as_str())),
                _ => None,
            },
            ServerEventKind::ResponseOutputItemDone { item, .. } => {
                assert!(!matches!(item.body, ItemBody::FunctionCall { .. }));
                None
            }
            ServerEventKind::ResponseDone { response } => {
                assert_eq!(response.output.len(), 1, "the message alone");
                None
            }
            _ => None,
        })
        .collect();
    assert_eq!(calls, [("call_1", START_SCAN)]);
}

#[test]
fn the_result_of_half_a_minute_is_told_without_the_patient_speaking() {
    let mut bench = measuring();
    bench.film(1, 29, Some(72.0));
    assert!(bench.outputs(0).is_empty());
    bench.film(1, 1, Some(72.0));
    bench.pass(Duration::from_secs(2));
    let [(call_id, output)] = &bench.outputs(0)[..] else {
        panic!()
    };
    assert_eq!(call_id, "call_1");
    assert_eq!(
        *output,
        json!({
            "status": "completed", "heart_rate_bpm": 72.0, "quality": 0.8, "snr_db": 3.0,
            "respiratory_rate_bpm": 15.0, "respiratory_rate_quality": 0.7, "absent": {"hrv": "too_short"},
        })
    );
    assert_eq!(bench.spoken(0), "Please keep still.Thank you.");
    let last = bench.requests()[1].messages.last().cloned();
    assert!(
        matches!(last, Some(Message::ToolResult { call_id, .. }) if call_id == "call_1"),
        "the model is given the result"
    );
    assert_eq!(bench.scan_orders(), ["start 1"], "the client's scan goes on");
    assert_eq!(bench.requests().len(), 2, "it is told once");
}

#[test]
fn a_scan_of_its_own_ends_with_the_call() {
    let mut bench = Bench::new();
    bench.enable_for(5_000);
    bench.film(1, 5, Some(70.0));
    bench.finish_scan(1, Some(70.0));
    bench.model = vec![measure("call_1", "Please keep still."), text("Thank you.")];
    bench.create_response();
    assert_eq!(bench.scan_orders(), ["start 1", "stop 1", "start 2"]);
    bench.film(2, 30, Some(80.0));
    assert_eq!(bench.scan_orders().last().map(String::as_str), Some("stop 2"));
    assert!(bench.outputs(0).is_empty(), "its summary is the result");
    bench.finish_scan(2, Some(81.0));
    assert_eq!(bench.outputs(0)[0].1["heart_rate_bpm"], 81.0);
    assert_eq!(
        bench.scans(0),
        ["started", "completed 70", "started", "completed 81"]
    );
}

#[test]
fn a_measurement_that_fails_is_told_with_its_reason() {
    let mut bench = measuring();
    bench.film(1, 30, None);
    assert_eq!(
        bench.outputs(0)[0].1,
        json!({"status": "failed", "reason": "not_peaked"})
    );
    let mut bench = measuring();
    bench.pass(Duration::from_secs(12));
    assert_eq!(
        bench.outputs(0)[0].1,
        json!({"status": "failed", "reason": "no_video"})
    );
    assert_eq!(bench.spoken(0), "Please keep still.Thank you.");
}

#[test]
fn who_is_told_of_a_failure_is_not_measured_again_before_they_answer() {
    let mut bench = measuring();
    bench.film(1, 30, None);
    bench.pass(Duration::from_secs(3));
    bench.model = vec![text("I see.")];
    bench.create_response();
    bench.pass(Duration::from_secs(2));
    assert_eq!(offered(&bench), [true, false, true]);
}

#[test]
fn a_reading_that_is_only_preliminary_is_no_result() {
    let mut bench = measuring();
    for _ in 0..30 {
        bench.pass(Duration::from_secs(1));
        bench.reading(1, Stage::Preliminary, Some(140.0));
    }
    assert_eq!(
        bench.outputs(0)[0].1,
        json!({"status": "failed", "reason": "too_short"})
    );
}

#[test]
fn disabling_vitals_answers_the_call_at_once() {
    let mut bench = measuring();
    bench.film(1, 10, Some(72.0));
    let mark = bench.mark();
    bench.enable(false);
    assert_eq!(
        bench.outputs(mark),
        [(
            "call_1".to_owned(),
            json!({"status": "failed", "reason": "disabled"})
        )]
    );
    bench.finish_scan(1, Some(72.0));
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.outputs(0).len(), 1, "a call has one output");
    assert_eq!(bench.spoken(0), "Please keep still.Thank you.");
}

#[test]
fn one_call_at_a_time() {
    let mut bench = measuring();
    bench.film(1, 5, Some(72.0));
    bench.model = vec![measure("call_2", "And again."), text("There you are.")];
    bench.create_response();
    assert_eq!(
        bench.outputs(0),
        [(
            "call_2".to_owned(),
            json!({"status": "failed", "reason": "already_running"})
        )]
    );
    bench.film(1, 25, Some(72.0));
    let calls: Vec<_> = bench.outputs(0).into_iter().map(|(call_id, _)| call_id).collect();
    assert_eq!(calls, ["call_2", "call_1"]);
    assert_eq!(bench.scan_orders(), ["start 1"]);
}

#[test]
fn the_client_cannot_answer_for_the_server() {
    let mut bench = measuring();
    let mark = bench.mark();
    bench.client(ClientEventKind::ConversationItemCreate {
        previous_item_id: None,
        item: NewItem {
            id: None,
            body: ItemBody::FunctionCallOutput {
                call_id: "call_1".to_owned(),
                output: "60".to_owned(),
            },
        },
    });
    assert_eq!(bench.events_since(mark), ["error"]);
}

#[test]
fn a_patient_who_speaks_meanwhile_is_answered_and_the_result_comes_later() {
    let mut bench = measuring();
    bench.film(1, 10, Some(72.0));
    bench.words = vec!["How long does it take?"];
    bench.model = vec![text("Half a minute."), text("Thank you.")];
    bench.speak(800);
    bench.silence(3_000);
    assert!(bench.spoken(0).contains("Half a minute."));
    assert!(bench.outputs(0).is_empty());
    bench.film(1, 30, Some(72.0));
    bench.pass(Duration::from_secs(3));
    assert_eq!(bench.outputs(0).len(), 1);
    assert!(bench.spoken(0).ends_with("Thank you."));
}

#[test]
fn a_result_that_comes_while_the_patient_speaks_is_told_with_their_answer() {
    let mut bench = measuring();
    bench.film(1, 29, Some(72.0));
    bench.words = vec!["I think I have a cold as well."];
    bench.speak(2_000);
    assert_eq!(bench.outputs(0).len(), 1, "the window ended as they spoke");
    assert_eq!(bench.requests().len(), 1, "they are not interrupted");
    bench.silence(3_000);
    let told = bench.requests()[1]
        .messages
        .iter()
        .any(|m| matches!(m, Message::ToolResult { .. }));
    assert!(told);
    bench.pass(Duration::from_secs(30));
    assert_eq!(bench.requests().len(), 2, "and it is told once");
}

#[test]
fn a_result_cut_off_by_a_noise_before_a_word_was_said_is_told_afterwards() {
    let mut bench = measuring();
    bench.model.truncate(0);
    bench.film(1, 30, Some(72.0));
    assert_eq!(
        bench.requests().len(),
        2,
        "the model is asked, and has not answered"
    );
    bench.words = vec![""];
    bench.speak(600);
    bench.model = vec![text("Thank you.")];
    bench.silence(3_000);
    assert!(bench.spoken(0).ends_with("Thank you."), "{}", bench.spoken(0));
}

#[test]
fn a_cancelled_telling_is_not_begun_again() {
    let mut bench = measuring();
    bench.model.clear();
    bench.film(1, 30, Some(72.0));
    assert_eq!(bench.requests().len(), 2);
    bench.client(ClientEventKind::ResponseCancel { response_id: None });
    bench.pass(Duration::from_secs(5));
    assert_eq!(bench.requests().len(), 2);
}

#[test]
fn nobody_is_asked_whether_they_are_there_while_they_keep_still() {
    let mut config = with_vitals();
    config.input.turn_detection = Some(TurnDetection::ServerVad(ServerVad {
        idle_timeout_ms: Some(5_000),
        ..ServerVad::default()
    }));
    let mut bench = Bench::with(config);
    bench.model = vec![measure("call_1", "Please keep still."), text("Thank you.")];
    bench.create_response();
    bench.film(1, 29, Some(72.0));
    assert!(
        !bench
            .events_since(0)
            .contains(&"input_audio_buffer.timeout_triggered".to_owned())
    );
    bench.film(1, 12, Some(72.0));
    assert!(
        bench
            .events_since(0)
            .contains(&"input_audio_buffer.timeout_triggered".to_owned())
    );
}

#[test]
fn a_model_knows_the_latest_vital_signs() {
    let mut bench = Bench::with(with_vitals());
    bench.film(1, 3, Some(72.0));
    bench.pass(Duration::from_secs(2));
    bench.model = vec![vec![ModelEvent::TextDelta("Hello.".to_owned()), done()]];
    bench.create_response();
    let heart_rate = bench.requests()[0].vitals.and_then(|v| v.heart_rate).unwrap();
    assert_eq!((heart_rate.value, heart_rate.age), (72.0, Duration::from_secs(2)));
}

#[test]
fn a_call_written_while_vitals_were_turned_off_is_refused_and_told() {
    let mut bench = Bench::with(with_vitals());
    bench.create_response();
    bench.enable(false);
    let generation = bench.log.iter().find_map(|(_, output)| match output {
        Output::Generate { generation, .. } => Some(*generation),
        _ => None,
    });
    bench.model = vec![text("Never mind.")];
    for event in measure("call_1", "Please keep still.") {
        bench.handle(Input::Model {
            generation: generation.expect("asked"),
            event: Ok(event),
        });
    }
    bench.pass(Duration::from_secs(5));
    assert_eq!(
        bench.outputs(0)[0].1,
        json!({"status": "failed", "reason": "disabled"})
    );
    assert!(bench.spoken(0).ends_with("Never mind."), "{}", bench.spoken(0));
    assert_eq!(offered(&bench), [true, false]);
}
