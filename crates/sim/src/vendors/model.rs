//! The chat model: says things no one has said before, so that every word it speaks can be recognised again.

use std::collections::BTreeSet;
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Finish, ModelEvent, ModelUsage, ToolChoice};
use bedside_conversation::io::{FaultKind, GenerationId, Input};
use bedside_conversation::time::Time;

use super::{CHAIN, Delivery, Fate, VendorManners, choose, fault};
use crate::rng::{Rng, Stream};

const WORDS: [&str; 10] = [
    "rest",
    "pain",
    "tablet",
    "morning",
    "often",
    "breathing",
    "water",
    "temperature",
    "since",
    "ok",
];

/// The chat model.
#[derive(Debug)]
pub struct Model {
    manners: VendorManners,
    /// Sentences in an answer.
    sentences: std::ops::RangeInclusive<u64>,
    rng: Rng,
    words: u32,
    /// Everything it meant to say in each of its answers.
    texts: Vec<String>,
    muted: BTreeSet<GenerationId>,
}

impl Model {
    /// A model whose answers have so many sentences.
    pub fn new(manners: VendorManners, sentences: std::ops::RangeInclusive<u64>, seed: u64) -> Self {
        Self {
            manners,
            sentences,
            rng: Rng::new(seed, Stream::Model),
            words: 0,
            texts: Vec::new(),
            muted: BTreeSet::new(),
        }
    }

    /// Answers a request: everything it will say, with the time of each piece.
    pub fn generate(&mut self, now: Time, generation: GenerationId, request: &ChatRequest) -> Vec<Delivery> {
        let calls = !request.tools.is_empty()
            && match request.tool_choice {
                ToolChoice::None => false,
                ToolChoice::Auto => self.rng.chance(0.3),
                ToolChoice::Required | ToolChoice::Function(_) => true,
            };
        let mut events = Vec::new();
        if let Some(rest) = self.rest(request) {
            self.say(&rest, &mut events);
        } else if !calls || self.rng.chance(0.5) {
            let text = self.text();
            self.say(&text, &mut events);
            self.texts.push(text);
        }
        if calls {
            self.call(generation, request, &mut events);
        }
        events.push(ModelEvent::Done {
            usage: ModelUsage {
                input_tokens: 100,
                cached_tokens: 0,
                cache_write_tokens: 0,
                output_tokens: events.len() as u32,
            },
            finish: if self.rng.chance(0.05) {
                Finish::MaxTokens
            } else {
                Finish::Stop
            },
        });
        self.deliver(now, generation, choose(&request.avoid), events)
    }

    /// The generation is not wanted any more.
    pub fn cancel(&mut self, generation: GenerationId) {
        if !self.rng.chance(self.manners.late) {
            self.muted.insert(generation);
        }
    }

    /// Whether what a generation still has to say is delivered.
    pub fn is_heard(&self, generation: GenerationId) -> bool {
        !self.muted.contains(&generation)
    }

    /// Everything it means or meant to say, in the order in which the answers were begun.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What is left to say of an answer that another model began, with or without the space before it.
    fn rest(&mut self, request: &ChatRequest) -> Option<String> {
        let begun = request.continues.as_ref()?;
        let rest = self
            .texts
            .iter()
            .find_map(|text| text.strip_prefix(begun.as_str()))?;
        let rest = if self.rng.chance(0.5) {
            rest
        } else {
            rest.trim_start()
        };
        Some(rest.to_owned())
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.rng.between(self.sentences.clone()) {
            let words = self.rng.between(2..=14);
            for word in 0..words {
                if !text.is_empty() {
                    text.push(' ');
                }
                if self.rng.chance(0.03) {
                    text.push_str("Dr. ");
                }
                self.words += 1;
                text.push_str(self.rng.pick::<&str>(&WORDS));
                text.push_str(&self.words.to_string());
                if word + 1 == words {
                    text.push_str(self.rng.pick::<&str>(&[".", ".", "?", "!"]));
                } else if self.rng.chance(0.1) {
                    text.push(',');
                }
            }
        }
        text
    }

    fn say(&mut self, text: &str, events: &mut Vec<ModelEvent>) {
        if self.rng.chance(0.5) {
            events.push(ModelEvent::Tag(format!("tag{}", self.words)));
        }
        let mut rest = text;
        while !rest.is_empty() {
            // The text is ASCII, so any byte is a border.
            let (delta, after) = rest.split_at((self.rng.between(1..=16) as usize).min(rest.len()));
            events.push(ModelEvent::TextDelta(delta.to_owned()));
            rest = after;
        }
    }

    fn call(&mut self, generation: GenerationId, request: &ChatRequest, events: &mut Vec<ModelEvent>) {
        let most = *self.rng.pick(&[1, 1, 1, 2, 3, 12]);
        for index in 0..self.rng.between(1..=most) {
            let name = self.rng.pick(&request.tools).name.clone();
            let call_id = format!("call_{}_{index}", generation.0);
            events.push(ModelEvent::ToolCallStart {
                call_id: call_id.clone(),
                name,
            });
            for delta in ["{\"dose\"", ": 5}"] {
                events.push(ModelEvent::ToolCallArguments {
                    call_id: call_id.clone(),
                    delta: delta.to_owned(),
                });
            }
        }
    }

    fn deliver(
        &mut self,
        now: Time,
        generation: GenerationId,
        mut provider: &'static str,
        mut events: Vec<ModelEvent>,
    ) -> Vec<Delivery> {
        let mut fate = self.manners.fate(&mut self.rng);
        let mut noticed_after = Duration::ZERO;
        let mut begun_after = Duration::ZERO;
        if self.manners.first_fails && provider == CHAIN[0] {
            // A chain's deadline: before the first word it asks the next itself, later it tells.
            if self.rng.chance(0.5) {
                provider = CHAIN[1];
                begun_after = Duration::from_millis(2_500);
            } else {
                fate = Fate::Fails(FaultKind::Timeout);
                noticed_after = Duration::from_millis(2_500);
            }
        }
        events.insert(0, ModelEvent::ServedBy(provider));
        if fate != Fate::Serves {
            let least = u64::from(!noticed_after.is_zero());
            events.truncate(self.rng.between(least..=events.len() as u64 - 1) as usize);
        }
        let mut at = now + begun_after + self.rng.millis(self.manners.latency_ms.clone());
        let pace = self.rng.between(1..=40);
        let mut deliveries = Vec::with_capacity(events.len() + 1);
        for event in events {
            deliveries.push((
                at,
                Input::Model {
                    generation,
                    event: Ok(event),
                },
            ));
            at += Duration::from_micros(self.rng.between(100..=pace * 1_000));
        }
        if let Fate::Fails(kind) = fate {
            deliveries.push((
                at + noticed_after,
                Input::Model {
                    generation,
                    event: Err(fault(provider, kind)),
                },
            ));
        }
        deliveries
    }
}
