//! One session's detection: which windows the model must judge, and what is said of the others.

use std::collections::VecDeque;

use super::gate::Gate;
use super::level::levels;
use super::{Hearing, Stream, WINDOW};

/// Windows before the one that wakes the model that are judged with it, so that its memory is as if it had not slept:
/// a quarter of a second.
const BEFORE: usize = 8;

/// Follows one gapless stream.
#[derive(Debug)]
pub struct Listener {
    gate: Gate,
    stream: Stream,
    /// The last windows that were not judged.
    unheard: VecDeque<[i16; WINDOW]>,
}

/// What is known of new windows at once, and what the model must judge.
#[derive(Debug)]
pub struct Attention {
    /// How many of them, at the beginning, are surely no speech.
    pub silent: usize,
    /// The others, for the model; none if all are silent.
    pub hearing: Option<Hearing>,
}

impl Default for Listener {
    fn default() -> Self {
        Self::new()
    }
}

impl Listener {
    /// A stream that has not begun.
    pub const fn new() -> Self {
        Self {
            gate: Gate::NEW,
            stream: Stream::NEW,
            unheard: VecDeque::new(),
        }
    }

    /// Takes the next windows of 16 kHz PCM. What is to be judged must come back by
    /// [`Listener::learn`] before more is taken.
    pub fn attend(&mut self, windows: &[[i16; WINDOW]]) -> Attention {
        let mut silent = 0;
        for window in windows {
            if self.gate.is_asleep() {
                self.gate.hear(&levels(window));
            }
            if !self.gate.is_asleep() {
                break;
            }
            silent += 1;
            if self.unheard.len() == BEFORE {
                self.unheard.pop_front();
            }
            self.unheard.push_back(*window);
        }
        let rest = &windows[silent..];
        let hearing = (!rest.is_empty()).then(|| Hearing {
            stream: self.stream.clone(),
            told: self.unheard.len(),
            windows: self.unheard.drain(..).chain(rest.iter().copied()).collect(),
        });
        Attention { silent, hearing }
    }

    /// Takes what the model made of a [`Hearing`]; returns the probabilities of the windows that are news.
    pub fn learn<'a>(&mut self, hearing: Hearing, judged: &'a [f32]) -> &'a [f32] {
        for (window, probability) in hearing.windows.iter().zip(judged) {
            self.gate.learn(*probability, || levels(window));
        }
        self.stream = hearing.stream;
        judged.get(hearing.told..).unwrap_or_default()
    }
}
