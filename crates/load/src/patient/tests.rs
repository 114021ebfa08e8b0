//! Visits in simulated time: what is due is taken every millisecond, and the server's part is played by the test.

use serde_json::{Value, json};

use super::*;
use crate::material::Clip;
use crate::scenario::Scenario;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

struct Visit {
    patient: Patient,
    tally: Tally,
    now: Duration,
    sent: Vec<(Duration, Message)>,
}

impl Visit {
    /// A patient whose session is set up at once, with one second to say.
    fn begin(kind: Kind, loses: bool, more: &str) -> Self {
        let text = format!(
            "name='a'\nsessions=1\nduration_s=60\narrival={{kind='burst'}}\nkinds={{voice=1,scan=1}}\n{more}"
        );
        let scenario = Scenario::parse(&text).unwrap();
        let second = Clip {
            samples: vec![9_000; 24_000],
            rate_hz: 24_000,
        };
        let material = Arc::new(Material::prepare(&scenario, &[second]).unwrap());
        let plan = Plan {
            number: 0,
            due: ms(100),
            ends: ms(60_000),
            kind,
            loses,
        };
        let mut visit = Self {
            patient: Patient::new(plan, Arc::new(scenario), material),
            tally: Tally::default(),
            now: ms(130),
            sent: Vec::new(),
        };
        visit.patient.connected(ms(130), &mut visit.tally);
        visit.hear(&json!({"type": "session.created", "event_id": "e1"}));
        visit.pass(ms(1));
        visit.hear(&json!({
            "type": "session.updated", "event_id": "e2",
            "session": {"bedside": {"resume": {"token": "t0", "ttl_ms": 30_000}}},
        }));
        visit
    }

    fn hear(&mut self, event: &Value) {
        self.patient.read(self.now, &event.to_string(), &mut self.tally);
    }

    /// Audio of the newest response, all of it audible.
    fn answer(&mut self, length: Duration) {
        let pcm = vec![0x30; length.as_millis() as usize * 48];
        let delta = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pcm);
        self.hear(&json!({"type": "response.output_audio.delta", "delta": delta}));
    }

    /// Lets time pass. Gives what the patient wishes at its end.
    fn pass(&mut self, time: Duration) -> Wish {
        let end = self.now + time;
        while self.now < end {
            self.now += ms(1);
            let wish = self.patient.wish(self.now);
            while let Some(due) = self.patient.take_due(self.now, &mut self.tally) {
                self.sent.push((due.at.unwrap_or(self.now), due.message));
            }
            if wish != Wish::Stay {
                return wish;
            }
        }
        Wish::Stay
    }

    /// Lets time pass until an utterance has ended; gives when its last sample was due.
    fn until_said(&mut self) -> Duration {
        let speaks = |(_, message): &(Duration, Message)| message.len() > 1_300 && is_speech(message);
        self.sent.clear();
        loop {
            self.pass(ms(20));
            if self.sent.iter().any(speaks) && self.sent.last().is_some_and(|last| !speaks(last)) {
                let said = self.sent.iter().rfind(|sent| speaks(sent));
                return said.map(|(at, _)| *at).unwrap();
            }
        }
    }

    fn max(&self, name: FigureName) -> f64 {
        self.tally.figures()[&name].max
    }
}

/// Silence is zeros, in base64 As.
fn is_speech(message: &Message) -> bool {
    message.to_text().is_ok_and(|text| !text.contains("AAAAAA"))
}

fn about(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() < 1.0 + expected * 0.002,
        "{value} and not {expected}"
    );
}

#[test]
fn a_session_is_set_up_before_anything_is_said() {
    let mut visit = Visit::begin(Kind::Voice, false, "");
    about(visit.max(FigureName::Connect), 30.0);
    assert_eq!(visit.tally.sessions.started, 1);
    let update: Value = serde_json::from_str(visit.sent[0].1.to_text().unwrap()).unwrap();
    assert_eq!(update["type"], "session.update");
    assert_eq!(update["session"]["audio"]["input"]["format"]["rate"], 24_000);
    assert_eq!(update["session"]["bedside"], Value::Null);
    visit.pass(ms(1_020));
    // The microphone is open all the time.
    assert_eq!(visit.sent.len(), 1 + 50);
}

#[test]
fn an_answer_counts_from_the_last_sample_to_the_first_audible_one() {
    let mut visit = Visit::begin(Kind::Voice, false, "");
    let ended = visit.until_said();
    visit.hear(&json!({"type": "input_audio_buffer.committed", "item_id": "i"}));
    visit.pass(ms(300));
    visit.hear(&json!({
        "type": "conversation.item.input_audio_transcription.completed", "item_id": "i", "transcript": "words",
    }));
    about(
        visit.max(FigureName::Transcript),
        (visit.now - ended).as_secs_f64() * 1e3,
    );
    visit.hear(&json!({"type": "response.created"}));
    let silence = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, vec![0; 200 * 48]);
    visit.hear(&json!({"type": "response.output_audio.delta", "delta": silence}));
    visit.pass(ms(50));
    visit.answer(ms(500));
    // It comes 50 ms later, and is played when the 200 ms of silence are over.
    let expected = (visit.now - ended).as_secs_f64() * 1e3 + 150.0;
    about(visit.max(FigureName::VoiceToVoice), expected);
    assert_eq!(visit.tally.figures()[&FigureName::VoiceToVoice].count, 1);
    about(visit.max(FigureName::Jitter), 150.0);
    about(visit.max(FigureName::AudioGap), 0.0);
}

#[test]
fn an_answer_is_heard_out_and_one_that_does_not_come_is_not_waited_for() {
    let mut visit = Visit::begin(Kind::Voice, false, "voice={listen_s=3,talk_share=1.0,gap_ms=0}");
    visit.until_said();
    visit.hear(&json!({"type": "response.created"}));
    visit.answer(ms(8_000));
    let answered = visit.now;
    visit.hear(&json!({"type": "response.done", "response": {"status": "completed"}}));
    let second = visit.until_said();
    about((second - answered).as_secs_f64(), 9.0);
    // The second is never answered: the third comes on its time.
    let third = visit.until_said();
    about((third - second).as_secs_f64(), 4.0);
    assert_eq!(visit.tally.drops["answers_missing"], 1);
}

#[test]
fn an_interruption_counts_from_its_first_sample_to_the_last_sound() {
    let mut visit = Visit::begin(Kind::Voice, false, "voice={interruptions=1.0}");
    visit.until_said();
    visit.hear(&json!({"type": "response.created"}));
    visit.answer(ms(20_000));
    let ended = visit.until_said();
    let began = ended - ms(1_000);
    visit.hear(&json!({"type": "output_audio_buffer.cleared"}));
    let expected = (visit.now - began).as_secs_f64() * 1e3;
    about(visit.max(FigureName::InterruptionToSilence), expected);
    visit.answer(ms(100));
    assert_eq!(visit.tally.drops["audio_after_interruption"], 1);
    visit.hear(&json!({"type": "response.done", "response": {"status": "cancelled"}}));
    assert_eq!(visit.tally.figures()[&FigureName::InterruptionToSilence].count, 1);
}

#[test]
fn a_connection_is_lost_once_and_taken_up_with_the_ticket() {
    let mut visit = Visit::begin(Kind::Both, true, "");
    let update: Value = serde_json::from_str(visit.sent[0].1.to_text().unwrap()).unwrap();
    assert_eq!(update["session"]["bedside"]["media"], "binary_in");
    assert_eq!(visit.pass(ms(60_000)), Wish::Break);
    assert_eq!(
        visit.patient.way_back().as_deref(),
        Some("resume=t0&last_event_id=e2")
    );
    let again = visit.now + ms(700);
    visit.now = again;
    visit.patient.connected(again, &mut visit.tally);
    visit.sent.clear();
    visit.pass(ms(40));
    assert!(!visit.sent.is_empty());
    // What could not be sent meanwhile is not sent late.
    assert!(visit.sent.iter().all(|(at, _)| *at >= again));
    assert_eq!(visit.tally.sessions.resumed, 1);
    assert_eq!(visit.pass(ms(60_000) + LINGER), Wish::Close);
}

#[test]
fn a_refused_setting_or_a_silent_server_ends_the_visit() {
    let mut visit = Visit::begin(Kind::Scan, false, "");
    assert_eq!(visit.pass(ms(5_000)), Wish::Stay);
    visit.patient.stage = Stage::Settling(ms(60_000));
    visit.hear(
        &json!({"type": "error", "error": {"code": "unknown_parameter", "type": "invalid_request_error"}}),
    );
    assert_eq!(visit.pass(ms(1)), Wish::GiveUp);
    assert_eq!(visit.tally.errors["unknown_parameter"], 1);
    visit.patient.stage = Stage::Arriving(visit.now + SET_UP);
    assert_eq!(visit.pass(SET_UP), Wish::GiveUp);
}

#[test]
fn what_is_on_its_way_at_the_end_is_awaited_for_a_while() {
    let mut visit = Visit::begin(Kind::Echo, false, "");
    visit.pass(ms(59_000));
    assert!(visit.sent.iter().skip(1).all(|(_, message)| message.is_binary()));
    assert_eq!(visit.pass(ms(2_000)), Wish::Stay);
    let frames = visit.sent.len() as u64 - 1;
    assert_eq!(visit.pass(LINGER), Wish::Close);
    visit.patient.end(&mut visit.tally);
    assert_eq!(visit.tally.drops["frames_not_echoed"], frames);
}
