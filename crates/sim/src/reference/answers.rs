//! An answer that one provider began and another went on with is the answer: no word twice, none lost, none half.

use std::collections::{BTreeMap, BTreeSet};

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{Epoch, GenerationId, Input, SpeakCommand, StageFault};
use bedside_conversation::time::Time;
use bedside_protocol::{ContentPart, ItemBody, Response, ResponseStatus, Role, ServerEventKind};

use super::Violations;

const RULE: &str = "answer";

/// A provider is tried at most so often in one response.
const ATTEMPTS: u32 = 3;

/// The response in progress.
#[derive(Debug, Default)]
struct Active {
    asked: u32,
    opened: u32,
    failed_models: BTreeSet<&'static str>,
    failed_voices: BTreeSet<&'static str>,
    /// The model's words are with the voice.
    spoken: bool,
    /// The model has said all it had to say.
    done: bool,
}

/// Follows answers from model to transcript.
#[derive(Debug, Default)]
pub struct Answers {
    texts: Vec<String>,
    /// Where each word of the model stands: its text and its place in it. No word is said twice.
    words: BTreeMap<String, (usize, usize)>,
    lengths: Vec<usize>,
    active: Option<Active>,
    generation: Option<GenerationId>,
    epoch: Option<Epoch>,
    continued: u32,
}

impl Answers {
    /// Answers that another model went on with.
    pub fn continued(&self) -> u32 {
        self.continued
    }

    /// Everything the model means or meant to say.
    pub fn means_to_say(&mut self, texts: &[String]) {
        for text in &texts[self.texts.len()..] {
            let words = recognisable(text);
            for (place, word) in words.iter().enumerate() {
                self.words.insert(word.clone(), (self.texts.len(), place));
            }
            self.lengths.push(words.len());
            self.texts.push(text.clone());
        }
    }

    /// Who failed, if the input tells that the model at work on the response in progress did.
    pub fn fault_of(&self, input: &Input) -> Option<&'static str> {
        match input {
            Input::Model {
                generation,
                event: Err(fault),
            } if self.active.is_some() && self.generation == Some(*generation) => Some(fault.provider),
            _ => None,
        }
    }

    /// The core is about to be given an input.
    pub fn input(&mut self, input: &Input) {
        match (input, &mut self.active) {
            (Input::Model { generation, event }, Some(active)) if self.generation == Some(*generation) => {
                match event {
                    Err(StageFault { provider, .. }) => {
                        active.failed_models.insert(provider);
                    }
                    Ok(ModelEvent::Done { .. }) => active.done = true,
                    Ok(_) => {}
                }
            }
            (
                Input::Model {
                    generation,
                    event: Ok(ModelEvent::Done { .. }),
                },
                None,
            ) if self.generation == Some(*generation) => self.generation = None,
            (
                Input::Synthesis {
                    epoch,
                    event: Err(fault),
                },
                Some(active),
            ) if self.epoch == Some(*epoch) => {
                active.failed_voices.insert(fault.provider);
            }
            _ => {}
        }
    }

    /// A model is asked.
    pub fn asked(
        &mut self,
        now: Time,
        generation: GenerationId,
        request: &ChatRequest,
        violations: &mut Violations,
    ) {
        self.generation = Some(generation);
        let Some(active) = &mut self.active else {
            violations.check(request.continues.is_none(), now, RULE, || {
                "a speculation continues something".to_owned()
            });
            return;
        };
        active.asked += 1;
        violations.check(active.asked <= ATTEMPTS, now, RULE, || {
            format!("models are asked {} times for one answer", active.asked)
        });
        let avoided: BTreeSet<&str> = request.avoid.iter().copied().collect();
        violations.check(
            active.failed_models.iter().all(|f| avoided.contains(f)),
            now,
            RULE,
            || format!("{:?} failed, and {avoided:?} are avoided", active.failed_models),
        );
        let Some(begun) = &request.continues else {
            violations.check(!active.spoken, now, RULE, || {
                "an answer that is being spoken is begun anew".to_owned()
            });
            return;
        };
        self.continued += 1;
        let goes_on = |text: &String| {
            text.strip_prefix(begun.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        violations.check(self.texts.iter().any(goes_on), now, RULE, || {
            format!("{begun:?} continues nothing that was begun, or half a word")
        });
    }

    /// Nobody waits for a model any more.
    pub fn cancelled(&mut self, generation: GenerationId) {
        self.generation = self.generation.filter(|asked| *asked != generation);
    }

    /// A voice is told something.
    pub fn speak(&mut self, now: Time, command: &SpeakCommand, violations: &mut Violations) {
        let Some(active) = &mut self.active else { return };
        match command {
            SpeakCommand::Open { epoch, avoid, .. } => {
                self.epoch = Some(*epoch);
                active.opened += 1;
                violations.check(active.opened <= ATTEMPTS, now, RULE, || {
                    format!("{} voices for one answer", active.opened)
                });
                violations.check(
                    active.failed_voices.iter().all(|f| avoid.contains(f)),
                    now,
                    RULE,
                    || format!("{:?} failed, and {avoid:?} are avoided", active.failed_voices),
                );
            }
            SpeakCommand::Segment { text, .. } => active.spoken |= !recognisable(text).is_empty(),
            SpeakCommand::Finish { .. } | SpeakCommand::Cancel { .. } => {}
        }
    }

    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind, violations: &mut Violations) {
        match event {
            ServerEventKind::ResponseCreated { .. } => self.active = Some(Active::default()),
            ServerEventKind::ResponseDone { response } => {
                self.generation = None;
                self.epoch = None;
                let done = self.active.take().is_some_and(|active| active.done);
                self.check(now, response, done, violations);
            }
            _ => {}
        }
    }

    /// What was said is a run of what a model meant to say; all of it, if the model came to its end.
    fn check(&self, now: Time, response: &Response, done: bool, violations: &mut Violations) {
        let whole = matches!(
            response.status,
            ResponseStatus::Completed | ResponseStatus::Incomplete
        );
        for said in response.output.iter().filter_map(|item| spoken(&item.body)) {
            let words = recognisable(said);
            let places: Vec<_> = words.iter().map(|word| self.words.get(word)).collect();
            let run = places.windows(2).all(|pair| match (pair[0], pair[1]) {
                (Some((text, place)), Some((next, after))) => text == next && place + 1 == *after,
                _ => false,
            });
            violations.check(run && places.iter().all(Option::is_some), now, RULE, || {
                format!("{} says {said:?}, which no model meant to say", response.id)
            });
            if let (true, Some(Some((text, first)))) = (whole && done, places.first()) {
                let all = *first == 0 && places.len() == self.lengths[*text];
                violations.check(all, now, RULE, || {
                    format!("{} says {said:?} of {:?}", response.id, self.texts[*text])
                });
            }
        }
    }
}

fn spoken(body: &ItemBody) -> Option<&str> {
    let ItemBody::Message {
        role: Role::Assistant,
        content,
    } = body
    else {
        return None;
    };
    content.iter().find_map(|part| match part {
        ContentPart::OutputAudio { transcript, .. } => transcript.as_deref(),
        ContentPart::OutputText { text } => Some(text.as_str()),
        _ => None,
    })
}

/// The words of a text that only a model says: each has a number.
fn recognisable(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.chars().any(|c| c.is_ascii_digit()))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_twice_half_or_lost_is_noticed() {
        let mut answers = Answers::default();
        answers.means_to_say(&["rest1 pain2, water3 ok4.".to_owned()]);
        let run = |said: &str| {
            let places: Vec<_> = recognisable(said)
                .iter()
                .map(|word| answers.words.get(word).copied())
                .collect();
            places
        };
        assert_eq!(run("pain2, water3"), [Some((0, 1)), Some((0, 2))]);
        assert_eq!(run("wat3"), [None]);
        assert_eq!(answers.lengths, [4]);
    }
}
