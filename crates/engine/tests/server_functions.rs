//! A function that the model calls is run by the server, and its result is answered with.

mod support;

use std::sync::Arc;

use bedside_engine::SessionLimits;
use serde_json::json;
use support::{Script, start};

#[tokio::test(start_paused = true)]
async fn the_result_of_a_function_reaches_the_model_and_the_patient() {
    let script = Arc::new(Script {
        answer: "I found {result}.",
        calls: Some("look_up"),
        returns: "two records",
        ..Script::default()
    });
    let mut client = start(&script, SessionLimits::default(), 4_096);
    client.expect("session.created").await;
    client
        .send(
            json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "Do you know me?"}]}}),
        )
        .await;
    client.send(json!({"type": "response.create"})).await;
    let said = client.expect("response.output_audio_transcript.done").await;
    assert_eq!(said["transcript"], "I found two records with no picture.");
}
