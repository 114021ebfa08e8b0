//! A bench for one conversation: a patient's windows of speech, and vendors that answer as a test says.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "each test file uses its own part of the bench"
)]

pub mod video;

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::context::{ChatRequest, Finish, ModelEvent, ModelUsage, Tool};
use bedside_conversation::io::{
    Epoch, GenerationId, Input, Output, SegmentIndex, SpeakCommand, SynthesisEvent, TranscribeCommand,
    TranscriptEvent, UtteranceId, WordMark,
};
use bedside_conversation::time::{AudioPos, Time};
use bedside_conversation::{Conversation, Safety, SessionFunctions, SessionStart, Timing};
use bedside_protocol::{
    ClientEvent, ClientEventKind, ResponseParams, ServerEventKind, SessionConfig, Transcription,
    TurnDetection,
};
use bytes::Bytes;

pub const WINDOW: u64 = 512;
pub const EMERGENCY: &str = "Please call the emergency number now.";

/// A word of synthesised speech takes this long.
pub const WORD_MS: u64 = 300;

pub struct Bench {
    pub core: Conversation,
    pub now: Time,
    pub position: AudioPos,
    /// Everything that came out, with its time.
    pub log: Vec<(Time, Output)>,
    /// Whether synthesis answers by itself, at once.
    pub synthesis: bool,
    /// Answers of the model to the next generations, given at once; without one the model stays silent.
    pub model: Vec<Vec<ModelEvent>>,
    /// Text of the next utterances, given at once; without one the transcriber stays silent.
    pub words: Vec<&'static str>,
    /// What the end-of-turn model says.
    pub finished: Option<f32>,
}

pub fn config() -> SessionConfig {
    let mut config = SessionConfig::new("general-intake", "joe");
    config.input.transcription = Some(Transcription::default());
    config
}

pub fn text(text: &str) -> Vec<ModelEvent> {
    vec![ModelEvent::TextDelta(text.to_owned()), done()]
}

pub fn done() -> ModelEvent {
    ModelEvent::Done {
        usage: ModelUsage::default(),
        finish: Finish::Stop,
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with(config())
    }

    pub fn with(config: SessionConfig) -> Self {
        Self::offering(config, Vec::new(), SessionFunctions::default())
    }

    pub fn offering(config: SessionConfig, tools: Vec<Tool>, functions: SessionFunctions) -> Self {
        let red_flags = RedFlags::new(&Protocol::general_intake().expect("the shipped protocol is valid"));
        let safety = Safety {
            red_flags,
            emergency_sentence: EMERGENCY.to_owned(),
        };
        let core = Conversation::new(SessionStart {
            id: "test".into(),
            expires_at: None,
            started_at: Some(1_800_000_000_000),
            vitals: true,
            model_name: "scripted",
            tools,
            functions,
            currency: "USD".to_owned(),
            config,
            safety: Arc::new(safety),
            timing: Timing::default(),
        });
        let mut bench = Self {
            core,
            now: Time::ZERO,
            position: AudioPos::START,
            log: Vec::new(),
            synthesis: true,
            model: Vec::new(),
            words: Vec::new(),
            finished: Some(0.9),
        };
        bench.drain();
        bench
    }

    pub fn with_turns(turns: Option<TurnDetection>) -> Self {
        let mut config = config();
        config.input.turn_detection = turns;
        Self::with(config)
    }

    pub fn handle(&mut self, input: Input) {
        self.core.handle(self.now, input);
        self.drain();
    }

    pub fn client(&mut self, kind: ClientEventKind) {
        self.handle(Input::Client(ClientEvent::new(kind)));
    }

    pub fn create_response(&mut self) {
        self.client(ClientEventKind::ResponseCreate {
            response: Box::new(ResponseParams::default()),
        });
    }

    /// `ms` of patient audio at this speech probability, in real time.
    pub fn hear(&mut self, ms: u64, probability: f32) {
        let end = self.position + ms * AudioPos::RATE / 1_000;
        while self.position < end {
            self.position = self.position + WINDOW;
            self.pass(Duration::from_millis(32));
            self.handle(Input::AudioReceived { to: self.position });
            self.handle(Input::Speech {
                end: self.position,
                probability,
            });
        }
    }

    pub fn speak(&mut self, ms: u64) {
        self.hear(ms, 0.95);
    }

    pub fn silence(&mut self, ms: u64) {
        self.hear(ms, 0.02);
    }

    /// Time passes; every deadline on the way is kept.
    pub fn pass(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(at) = self.core.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.handle(Input::Tick);
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(output) = self.core.poll_output() {
            self.log.push((self.now, output.clone()));
            self.answer(output);
        }
    }

    fn answer(&mut self, output: Output) {
        match output {
            Output::Transcribe(TranscribeCommand::Finish {
                utterance, attempt, ..
            }) if !self.words.is_empty() => {
                let text = self.words[0];
                self.transcribe(utterance, attempt, text);
            }
            Output::JudgeTurn { utterance, to, .. } => {
                let busy = Duration::from_millis(70);
                let input = Input::TurnJudged {
                    utterance,
                    at: to,
                    probability: self.finished,
                    busy,
                };
                self.core.handle(self.now, input);
            }
            Output::Generate { generation, .. } if !self.model.is_empty() => {
                for event in self.model.remove(0) {
                    self.say(generation, event);
                }
            }
            Output::Speak(SpeakCommand::Segment { epoch, segment, text }) if self.synthesis => {
                self.synthesise(epoch, segment, &text);
            }
            _ => {}
        }
    }

    pub fn transcribe(&mut self, utterance: UtteranceId, attempt: u32, text: &str) {
        let event = TranscriptEvent::Final {
            attempt,
            text: text.to_owned(),
            busy: Duration::from_millis(100),
            provider: "test",
        };
        self.core.handle(self.now, Input::Transcript { utterance, event });
    }

    pub fn say(&mut self, generation: GenerationId, event: ModelEvent) {
        self.core.handle(
            self.now,
            Input::Model {
                generation,
                event: Ok(event),
            },
        );
    }

    /// Speaks a segment: each word takes [`WORD_MS`], in pieces of 20 ms.
    pub fn synthesise(&mut self, epoch: Epoch, segment: SegmentIndex, text: &str) {
        let mut words = Vec::new();
        let mut at = 0;
        for (index, word) in text.split_whitespace().enumerate() {
            let start = at + text[at..].find(word).unwrap_or(0);
            at = start + word.len();
            let ms = |n: usize| Duration::from_millis(n as u64 * WORD_MS);
            words.push(WordMark {
                text: start..at,
                start: ms(index),
                end: ms(index + 1),
            });
        }
        for _ in 0..words.len() as u64 * WORD_MS / 20 {
            let data = Bytes::from_static(&[0; 960]);
            let event = SynthesisEvent::Audio {
                segment,
                data,
                duration: Duration::from_millis(20),
            };
            self.core.handle(
                self.now,
                Input::Synthesis {
                    epoch,
                    event: Ok(event),
                },
            );
        }
        let event = SynthesisEvent::SegmentDone {
            segment,
            words,
            busy: Duration::ZERO,
            provider: "test",
        };
        self.core.handle(
            self.now,
            Input::Synthesis {
                epoch,
                event: Ok(event),
            },
        );
    }

    /// Names of the events sent since `mark`, deltas and audio left out.
    pub fn events_since(&self, mark: usize) -> Vec<String> {
        let events = self.log[mark..].iter().filter_map(|(_, output)| match output {
            Output::Send(event) => Some(name(&event.kind)),
            _ => None,
        });
        events.filter(|name| !name.contains(".delta")).collect()
    }

    pub fn sent(&self, mark: usize) -> impl Iterator<Item = &ServerEventKind> {
        self.log[mark..].iter().filter_map(|(_, output)| match output {
            Output::Send(event) => Some(&event.kind),
            _ => None,
        })
    }

    pub fn requests(&self) -> Vec<&ChatRequest> {
        let requests = self.log.iter().filter_map(|(_, output)| match output {
            Output::Generate { request, .. } => Some(request.as_ref()),
            _ => None,
        });
        requests.collect()
    }

    /// What was given to the synthesiser since `mark`.
    pub fn spoken(&self, mark: usize) -> String {
        let segments = self.log[mark..].iter().filter_map(|(_, output)| match output {
            Output::Speak(SpeakCommand::Segment { text, .. }) => Some(text.as_str()),
            _ => None,
        });
        segments.collect()
    }

    pub fn audio_sent(&self, mark: usize) -> Duration {
        let audio = self.log[mark..].iter().filter_map(|(_, output)| match output {
            Output::SendAudio(audio) => Some(audio.duration),
            _ => None,
        });
        audio.sum()
    }

    pub fn mark(&self) -> usize {
        self.log.len()
    }
}

pub fn name(kind: &ServerEventKind) -> String {
    let value = serde_json::to_value(kind).expect("events serialise");
    value["type"].as_str().unwrap_or_default().to_owned()
}
