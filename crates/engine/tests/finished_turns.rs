//! Whoever traces turns is told of each when it is over.

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bedside_engine::SessionLimits;
use bedside_protocol::ResponseStatus;
use support::{Script, start};

#[tokio::test(start_paused = true)]
async fn a_finished_turn_has_the_ids_and_times_that_its_client_was_told() {
    let script = Arc::new(Script {
        answer: "How long have you had the headache?",
        transcript: "I have a headache.",
        ..Script::default()
    });
    let mut client = start(&script, SessionLimits::default(), 4_096);
    let mut turns = client.metrics.finished_turns().expect("nobody has them");
    assert!(
        client.metrics.finished_turns().is_none(),
        "there is one who traces"
    );
    let created = client.expect("session.created").await;
    client.speak(true, 1_500).await;
    client.speak(false, 600).await;
    let told = client.expect("bedside.turn.metrics").await;
    let turn = turns.recv().await.expect("a turn");
    assert_eq!(created["session"]["id"], turn.session.as_str());
    assert_eq!(told["response_id"], turn.metrics.response_id.as_str());
    assert_eq!(told["voice_to_voice"].as_f64(), turn.metrics.voice_to_voice);
    assert_eq!(turn.outcome, ResponseStatus::Completed);
    // The answer ends after its first audio was sent.
    let heard = Duration::from_secs_f64(turn.metrics.voice_to_voice.expect("it was heard") / 1_000.0);
    assert!(turn.voiced_at + heard <= SystemTime::now(), "{turn:?}");
    assert!(turns.try_recv().is_err(), "one turn, told once");
}
