//! Which number of sessions to try next.
//!
//! The number doubles until the objectives break, and the gap is halved until it is narrow. One run proves little: a
//! number is too many when two runs broke, and the answer was kept by two. Where two runs disagree, a third decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many runs have to agree on a number of sessions.
const AGREE: u32 = 2;

/// What a search keeps to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The number of sessions to begin with.
    pub first: u64,
    /// The most to try.
    pub most: u64,
    /// How close together what holds and what breaks shall be, as a share of what breaks.
    pub resolution: f64,
    /// The most runs.
    pub trials: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            first: 10,
            most: 10_000,
            resolution: 0.05,
            trials: 40,
        }
    }
}

/// What one run says of its number of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The objectives were kept.
    Kept,
    /// One was not.
    Broken,
    /// Nothing: the generator did not keep up.
    Invalid,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// Run with so many sessions.
    Try(u64),
    /// Nothing, this is the answer.
    Done(Found),
}

/// The answer of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The most sessions that held; 0 if none did.
    pub sessions: u64,
    /// Whether two runs with them did.
    pub confirmed: bool,
    /// The least with which two runs broke.
    pub broken: Option<u64>,
    /// Why it is over.
    pub ended: Ended,
}

/// Why a search is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// What holds and what breaks are close together.
    Resolved,
    /// The generator could not make more load: nothing is known of the server from here on.
    GeneratorLimited {
        /// The least number of sessions it did not keep up with, twice.
        at: u64,
    },
    /// All that was to be tried holds.
    MostTried,
    /// It took more runs than it may.
    TrialsSpent,
}

/// A search for the most sessions that hold.
#[derive(Debug, Clone)]
pub struct Search {
    bounds: Bounds,
    spent: u32,
    levels: BTreeMap<u64, Tally>,
}

/// What the runs with one number of sessions said.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    kept: u32,
    broken: u32,
    invalid: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Confirmed,
    /// Kept once: enough to go on from, too little to end with.
    Kept,
    Open,
    Broken,
    Invalid,
}

impl Tally {
    fn standing(self) -> Standing {
        if self.kept >= AGREE {
            Standing::Confirmed
        } else if self.broken >= AGREE {
            Standing::Broken
        } else if self.invalid >= AGREE {
            Standing::Invalid
        } else if self.kept == 1 && self.broken == 0 {
            Standing::Kept
        } else {
            Standing::Open
        }
    }
}

impl Search {
    /// Begins a search. Bounds that contradict each other are brought into order: at least one session, `first` at most
    /// `most`, and a resolution from 0 to 1.
    pub fn new(bounds: Bounds) -> Self {
        let most = bounds.most.max(1);
        Self {
            bounds: Bounds {
                first: bounds.first.clamp(1, most),
                most,
                resolution: bounds.resolution.clamp(0.0, 1.0),
                trials: bounds.trials,
            },
            spent: 0,
            levels: BTreeMap::new(),
        }
    }

    /// Takes in what a run with `sessions` said.
    pub fn judged(&mut self, sessions: u64, outcome: Outcome) {
        self.spent += 1;
        let tally = self.levels.entry(sessions).or_default();
        match outcome {
            Outcome::Kept => tally.kept += 1,
            Outcome::Broken => tally.broken += 1,
            Outcome::Invalid => tally.invalid += 1,
        }
    }

    /// What to do next. Says the same until something is [judged](Self::judged).
    pub fn next(&self) -> Next {
        let ceiling = self.ceiling();
        let floor = self.floor();
        let left = self.bounds.trials.saturating_sub(self.spent);
        if left == 0 {
            return Next::Done(self.out_of_trials());
        }
        let unconfirmed = floor > 0 && self.standing(floor) == Standing::Kept;
        if left == 1 && unconfirmed {
            return Next::Try(floor);
        }
        if let Some(open) = self.open() {
            return Next::Try(open);
        }
        let ended = match ceiling {
            None if floor == 0 => return Next::Try(self.bounds.first),
            None if floor < self.bounds.most => {
                return Next::Try(floor.saturating_mul(2).min(self.bounds.most));
            }
            None => Ended::MostTried,
            Some((at, Standing::Invalid)) => Ended::GeneratorLimited { at },
            Some((broken, _)) if broken - floor > self.step(broken) => {
                return Next::Try(floor + (broken - floor) / 2);
            }
            Some(_) => Ended::Resolved,
        };
        if unconfirmed {
            return Next::Try(floor);
        }
        Next::Done(Found {
            sessions: floor,
            confirmed: true,
            broken: self.least_broken(),
            ended,
        })
    }

    /// The most that may lie between what holds and what breaks in the end.
    fn step(&self, broken: u64) -> u64 {
        ((broken as f64 * self.bounds.resolution) as u64).max(1)
    }

    fn standing(&self, level: u64) -> Standing {
        self.levels.get(&level).copied().unwrap_or_default().standing()
    }

    fn standings(&self) -> impl DoubleEndedIterator<Item = (u64, Standing)> {
        self.levels
            .iter()
            .map(|(&level, tally)| (level, tally.standing()))
    }

    /// The least that is known not to hold, or not to be measurable.
    fn ceiling(&self) -> Option<(u64, Standing)> {
        self.standings()
            .find(|(_, standing)| matches!(standing, Standing::Broken | Standing::Invalid))
    }

    fn below_ceiling(&self) -> impl DoubleEndedIterator<Item = (u64, Standing)> {
        let ceiling = self.ceiling().map_or(u64::MAX, |(level, _)| level);
        self.standings().filter(move |&(level, _)| level < ceiling)
    }

    /// The most that held at least once, below the ceiling; 0 if there is none.
    fn floor(&self) -> u64 {
        self.below_ceiling()
            .rfind(|(_, standing)| matches!(standing, Standing::Confirmed | Standing::Kept))
            .map_or(0, |(level, _)| level)
    }

    /// A number of sessions on which runs have not agreed yet, and on which something depends.
    fn open(&self) -> Option<u64> {
        let floor = self.floor();
        self.below_ceiling()
            .find(|&(level, standing)| level > floor && standing == Standing::Open)
            .map(|(level, _)| level)
    }

    fn least_broken(&self) -> Option<u64> {
        self.standings()
            .find(|&(_, standing)| standing == Standing::Broken)
            .map(|(level, _)| level)
    }

    fn out_of_trials(&self) -> Found {
        let confirmed = self
            .below_ceiling()
            .rfind(|&(_, standing)| standing == Standing::Confirmed)
            .map(|(level, _)| level);
        Found {
            sessions: confirmed.unwrap_or_else(|| self.floor()),
            confirmed: confirmed.is_some(),
            broken: self.least_broken(),
            ended: Ended::TrialsSpent,
        }
    }
}
