//! What has become of a response's segments: which audio and which words belong to which.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use bytes::Bytes;

use super::codec::Event;
use super::words::{self, TimedWord};
use crate::traits::{SynthesisInput, SynthesisOutput};

/// One context's part of a response.
#[derive(Debug)]
pub(super) struct Response {
    name: &'static str,
    rate: u32,
    /// Segments that were sent and whose audio is not complete; the first is the one that is spoken.
    waiting: VecDeque<SynthesisInput>,
    /// Samples of the context before the segment that is spoken …
    before: u64,
    /// … and of the segment itself.
    samples: u64,
    timed: Vec<TimedWord>,
    /// The first half of a sample.
    half: Option<u8>,
    /// The flush that was acknowledged last.
    flushed: Option<u64>,
    /// Whether the vendor said anything in this context.
    began: bool,
}

/// What an event comes to.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Something to hand on.
    Output(SynthesisOutput),
    /// The context has ended.
    Ended,
}

impl Response {
    /// A response spoken by `name` at `rate` samples per second.
    pub(super) fn new(name: &'static str, rate: u32) -> Self {
        Self {
            name,
            rate,
            waiting: VecDeque::new(),
            before: 0,
            samples: 0,
            timed: Vec::new(),
            half: None,
            flushed: None,
            began: false,
        }
    }

    /// A segment was sent.
    pub(super) fn sent(&mut self, segment: SynthesisInput) {
        self.waiting.push_back(segment);
    }

    /// Segments that were sent and are not complete.
    pub(super) fn waiting(&self) -> &VecDeque<SynthesisInput> {
        &self.waiting
    }

    /// Whether nothing of what was sent was answered yet.
    pub(super) fn is_untouched(&self) -> bool {
        !self.began
    }

    /// A new context begins, with the same segments still to be spoken.
    pub(super) fn begin_context(&mut self) {
        self.before = 0;
        self.samples = 0;
        self.timed.clear();
        self.half = None;
        self.flushed = None;
        self.began = false;
    }

    /// Takes an event of the context.
    pub(super) fn on(&mut self, event: Event) -> Result<Vec<Step>, FaultKind> {
        self.began = true;
        match event {
            Event::Audio(data) => self.on_audio(data),
            Event::Words(timed) => {
                self.timed.extend(timed);
                Ok(Vec::new())
            }
            Event::Flushed(id) => {
                if id.is_some() && id <= self.flushed {
                    return Ok(Vec::new());
                }
                self.flushed = id;
                Ok(self.complete().into_iter().collect())
            }
            Event::Done => {
                // The last boundary may be left out, if all words were timed.
                let complete = match self.waiting.front() {
                    Some(last) if self.waiting.len() == 1 && self.samples > 0 && !self.timed.is_empty() => {
                        words::reach_the_end(&last.text, &self.timed)
                    }
                    waiting => waiting.is_none(),
                };
                if !complete {
                    return Err(FaultKind::Internal);
                }
                Ok(self.complete().into_iter().chain([Step::Ended]).collect())
            }
            Event::Failed(kind) => Err(kind),
            Event::Other => Ok(Vec::new()),
        }
    }

    fn on_audio(&mut self, mut pcm: Vec<u8>) -> Result<Vec<Step>, FaultKind> {
        // Sound that no text asked for.
        let segment = self.waiting.front().ok_or(FaultKind::Internal)?.segment;
        if let Some(half) = self.half.take() {
            pcm.insert(0, half);
        }
        if pcm.len() % 2 == 1 {
            self.half = pcm.pop();
        }
        if pcm.is_empty() {
            return Ok(Vec::new());
        }
        self.samples += (pcm.len() / 2) as u64;
        Ok(vec![Step::Output(SynthesisOutput::Audio {
            segment,
            pcm: Bytes::from(pcm),
            rate: self.rate,
        })])
    }

    /// The segment that is spoken is complete.
    fn complete(&mut self) -> Option<Step> {
        let done = self.waiting.pop_front()?;
        let seconds = |samples: u64| samples as f64 / f64::from(self.rate);
        let words = words::marks(
            &done.text,
            &self.timed,
            seconds(self.before),
            seconds(self.samples),
        );
        self.before += self.samples;
        self.samples = 0;
        self.timed.clear();
        self.half = None;
        Some(Step::Output(SynthesisOutput::SegmentDone {
            segment: done.segment,
            words,
            busy: Duration::ZERO,
            provider: self.name,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(texts: &[&str]) -> Response {
        let mut response = Response::new("cartesia", 1_000);
        for (segment, text) in (0..).zip(texts) {
            let text = (*text).to_owned();
            response.sent(SynthesisInput { segment, text });
        }
        response
    }

    /// Events in short: `audio 0 (500)`, `done 0 [0..5 at 0]`, `ended`.
    fn told(response: &mut Response, events: Vec<Event>) -> Result<Vec<String>, FaultKind> {
        let mut told = Vec::new();
        for event in events {
            for step in response.on(event)? {
                told.push(match step {
                    Step::Output(SynthesisOutput::Audio { segment, pcm, .. }) => {
                        format!("audio {segment} ({})", pcm.len() / 2)
                    }
                    Step::Output(SynthesisOutput::SegmentDone { segment, words, .. }) => {
                        let starts: Vec<u128> = words.iter().map(|word| word.start.as_millis()).collect();
                        format!("done {segment} {starts:?}")
                    }
                    Step::Ended => "ended".into(),
                });
            }
        }
        Ok(told)
    }

    fn audio(samples: usize) -> Event {
        Event::Audio(vec![1; samples * 2])
    }

    fn word(word: &str, start: f64, end: f64) -> Event {
        let word = word.to_owned();
        Event::Words(vec![TimedWord { word, start, end }])
    }

    #[test]
    fn audio_and_words_belong_to_the_segment_before_the_boundary() {
        let mut response = response(&["Hello.", "How are you?"]);
        assert!(response.is_untouched());
        let events = vec![
            audio(300),
            word("Hello", 0.1, 0.4),
            audio(200),
            Event::Flushed(Some(1)),
            Event::Flushed(Some(1)),
            word("How", 0.6, 0.7),
            audio(600),
            word("are", 0.7, 0.8),
            word("you", 0.8, 1.0),
            Event::Flushed(Some(2)),
            Event::Done,
        ];
        assert_eq!(
            told(&mut response, events),
            Ok([
                "audio 0 (300)",
                "audio 0 (200)",
                "done 0 [100]",
                "audio 1 (600)",
                "done 1 [100, 200, 300]",
                "ended"
            ]
            .map(str::to_owned)
            .to_vec())
        );
    }

    #[test]
    fn samples_may_be_cut_in_half() {
        let mut response = response(&["Hi."]);
        let events = vec![
            Event::Audio(vec![1]),
            Event::Audio(vec![2, 3]),
            Event::Audio(vec![4]),
        ];
        assert_eq!(told(&mut response, events).map(|told| told.len()), Ok(2));
    }

    #[test]
    fn an_end_before_all_is_spoken_is_a_fault() {
        for (texts, events) in [
            (&["One.", "Two."][..], vec![audio(10), Event::Done]),
            (&["One."], vec![Event::Done]),
            (
                &["One two."],
                vec![audio(10), word("One", 0.0, 0.01), Event::Done],
            ),
            (&[], vec![audio(10)]),
            (&["One."], vec![audio(10), Event::Failed(FaultKind::Internal)]),
        ] {
            let mut response = response(texts);
            assert_eq!(told(&mut response, events), Err(FaultKind::Internal), "{texts:?}");
        }
    }

    #[test]
    fn the_last_boundary_may_be_missing_when_every_word_was_timed() {
        let mut response = response(&["One two."]);
        let events = vec![
            audio(20),
            word("One", 0.0, 0.01),
            word("two", 0.01, 0.02),
            Event::Done,
        ];
        assert_eq!(told(&mut response, events).map(|told| told.len()), Ok(3));
    }
}
