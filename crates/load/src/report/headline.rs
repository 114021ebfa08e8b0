//! What a report says before all else.

use maud::{Markup, html};

use crate::capacity::Capacity;
use crate::capacity::search::Ended;
use crate::figures::Run;

/// How a run, or a search, came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    /// Nothing is known: the generator was the bottleneck.
    Void,
    Plain,
}

impl Tone {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Void => "void",
            Self::Plain => "plain",
        }
    }

    /// A sign beside the words, so that colour is not all that tells them apart.
    const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✕",
            Self::Void => "!",
            Self::Plain => "–",
        }
    }
}

/// The first words of a report, and why.
#[derive(Debug)]
pub(super) struct Headline {
    pub tone: Tone,
    pub words: String,
    pub because: Vec<String>,
}

impl Headline {
    pub(super) fn of_run(run: &Run) -> Self {
        let broken: Vec<String> = run
            .objectives
            .iter()
            .filter(|it| !it.kept)
            .map(|it| it.objective.clone())
            .collect();
        let all = run.objectives.len();
        let (tone, words, because) = if !run.generator.invalid.is_empty() {
            let words = "Run invalid: the generator was the bottleneck".to_owned();
            let mut because = run.generator.invalid.clone();
            because.push("No figure here says anything about the server.".to_owned());
            (Tone::Void, words, because)
        } else if all == 0 {
            (Tone::Plain, "No objectives were set".to_owned(), Vec::new())
        } else if broken.is_empty() {
            let words = match all {
                1 => "The objective was kept".to_owned(),
                _ => format!("All {all} objectives were kept"),
            };
            (Tone::Good, words, Vec::new())
        } else {
            let words = match all {
                1 => "The objective was broken".to_owned(),
                _ => format!("{} of {all} objectives were broken", broken.len()),
            };
            (Tone::Bad, words, broken)
        };
        Self { tone, words, because }
    }

    pub(super) fn of_search(capacity: &Capacity) -> Self {
        let tone = match capacity.ended {
            Ended::Resolved if capacity.sessions == 0 => Tone::Bad,
            Ended::Resolved => Tone::Good,
            Ended::GeneratorLimited { .. } => Tone::Void,
            Ended::MostTried | Ended::TrialsSpent => Tone::Plain,
        };
        let broken = capacity
            .broken
            .iter()
            .map(|it| format!("{} sessions broke: {}", it.sessions, it.objectives.join("; ")));
        let limiting = capacity
            .limiting
            .iter()
            .map(|it| format!("Limited by: {} ({})", it.resource, it.because));
        Self {
            tone,
            words: capacity.headline(),
            because: broken.chain(limiting).collect(),
        }
    }

    /// In large letters, with the reasons.
    pub(super) fn banner(&self) -> Markup {
        html! {
            div class={ "banner " (self.tone.class()) } role="status" {
                span class="sign" aria-hidden="true" { (self.tone.sign()) }
                div {
                    p class="words" { (self.words) }
                    @if !self.because.is_empty() {
                        ul { @for reason in &self.because { li { (reason) } } }
                    }
                }
            }
        }
    }

    /// A line that stays in sight however far one reads, where reading on without knowing would mislead.
    pub(super) fn strip(&self) -> Markup {
        html! {
            @if matches!(self.tone, Tone::Bad | Tone::Void) {
                p class={ "strip " (self.tone.class()) } aria-hidden="true" { (self.tone.sign()) " " (self.words) }
            }
        }
    }
}
