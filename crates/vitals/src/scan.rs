//! One scan of one patient: frames in, events out, all on capture time.

use std::collections::VecDeque;
use std::time::Duration;

use crate::absence::Absence;
use crate::filter::Band;
use crate::heart_rate::{self, Candidate};
use crate::presence::{FaceState, Guidance, Presence, guide};
use crate::reading::{HeartRate, Reading, Stage, Summary};
use crate::sample::{CaptureTime, FrameSample};
use crate::slow::SlowFigures;
use crate::spectrum::Analyzer;
use crate::tally::Tally;
use crate::trace::{GRID_HZ, MAX_GAP, Trace};
use crate::tracker::Tracker;

/// What a stable heart rate is found in.
const WINDOW: Duration = Duration::from_secs(10);

/// What a preliminary one is found in at least.
const FIRST_WINDOW: Duration = Duration::from_secs(6);

/// The newest part of a wave, whose filters have not settled: it is left for the next time.
const UNSETTLED: usize = (0.5 * GRID_HZ) as usize;

/// Events kept for a caller who does not ask for them; the oldest go first.
const MAX_EVENTS: usize = 16;

/// How a scan is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanSettings {
    /// Between readings, on capture time.
    pub interval: Duration,
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
        }
    }
}

/// What a scan tells of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum ScanEvent {
    /// How it goes: once an interval, and when the face is lost.
    Progress(Progress),
    /// A new piece of the pulse wave, where a heart rate is given.
    Waveform(Waveform),
    /// The vital signs: once an interval from 6 s on, and when the face is lost.
    Reading(Reading),
}

/// How a scan goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// When the newest frame was captured.
    pub at: CaptureTime,
    /// From the first frame to the newest, on the clock of the newest.
    pub elapsed: Duration,
    /// The face; absent if there is none.
    pub face: Option<FaceState>,
    /// What the patient should do.
    pub guidance: Guidance,
}

/// A piece of the pulse wave that follows the piece before it, or begins after one that was not fit to show.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// When its first sample lies.
    pub at: CaptureTime,
    /// Samples a second.
    pub sample_rate: f32,
    /// The wave, of unit power; it rises with the blood in the skin.
    pub samples: Vec<f32>,
}

/// A scan: frames are pushed, events are polled.
pub struct Scan {
    settings: ScanSettings,
    trace: Trace,
    presence: Presence,
    tracker: Tracker,
    slow: SlowFigures,
    analyzer: Analyzer,
    tally: Tally,
    events: VecDeque<ScanEvent>,
    first: Option<CaptureTime>,
    newest: CaptureTime,
    sides: [u32; 2],
    frames: u64,
    /// When the next reading is due.
    due: CaptureTime,
    /// Grid samples of the trace whose wave was given.
    shown: u64,
    /// Whether the newest reading has a heart rate.
    given: bool,
}

impl Scan {
    /// Begins a scan. Readings are at least one sample of the grid (1/30 s) apart.
    pub fn new(settings: ScanSettings) -> Self {
        let interval = settings.interval.max(Duration::from_secs_f64(1.0 / GRID_HZ));
        Self {
            settings: ScanSettings { interval },
            trace: Trace::default(),
            presence: Presence::default(),
            tracker: Tracker::default(),
            slow: SlowFigures::default(),
            analyzer: Analyzer::new(),
            tally: Tally::default(),
            events: VecDeque::new(),
            first: None,
            newest: CaptureTime::default(),
            sides: [0; 2],
            frames: 0,
            due: CaptureTime::default(),
            shown: 0,
            given: false,
        }
    }

    /// Takes what is known of a frame. One captured up to two seconds before the newest, or with it, is late and dropped;
    /// one captured still earlier is the first of another clock.
    pub fn push(&mut self, sample: FrameSample) {
        let now = sample.captured;
        let set_back = self.newest.since(now) > MAX_GAP;
        if set_back {
            self.lose_face();
            self.tally.forget();
        }
        if set_back || self.first.is_none() {
            self.first = Some(now);
            self.due = now.after(self.settings.interval);
        } else if now <= self.newest {
            return;
        }
        self.newest = now;
        self.frames += 1;
        if sample.sides != self.sides {
            self.sides = sample.sides;
            self.trace.change_view();
            self.presence.change_view(sample.sides);
        }
        let had_face = !self.trace.is_empty();
        if let Some(face) = sample
            .face
            .filter(|face| face.colours.iter().flatten().all(|value| value.is_finite()))
        {
            let before = self.trace.passed();
            self.trace.push(now, &face);
            if self.trace.passed() < before {
                self.begin_anew();
            }
            self.presence.see(now, &face);
        }
        let left = had_face && self.presence.lost(now);
        if left {
            self.lose_face();
        }
        let withdrawn = set_back && self.given;
        if left || withdrawn || now >= self.due {
            self.report(now);
        }
    }

    /// The next event, in order.
    pub fn poll_event(&mut self) -> Option<ScanEvent> {
        self.events.pop_front()
    }

    /// What the scan came to so far.
    pub fn summary(&self) -> Summary {
        self.tally.summary(self.elapsed(), self.frames, self.newest)
    }

    fn elapsed(&self) -> Duration {
        self.first
            .map_or(Duration::ZERO, |first| self.newest.since(first))
    }

    fn lose_face(&mut self) {
        self.trace.clear();
        self.begin_anew();
        self.presence.forget();
    }

    /// What was known of the heart belongs to a trace that ended.
    fn begin_anew(&mut self) {
        self.tracker.forget();
        self.slow.forget();
        self.shown = 0;
    }

    fn report(&mut self, now: CaptureTime) {
        if now >= self.due {
            let interval = self.settings.interval;
            let past = now.since(self.due).as_micros() % interval.as_micros();
            self.due = now.after(interval.saturating_sub(Duration::from_micros(past as u64)));
        }
        let (elapsed, face) = (self.elapsed(), self.presence.state(now));
        let guidance = guide(face.as_ref());
        self.tell(ScanEvent::Progress(Progress {
            at: now,
            elapsed,
            face,
            guidance,
        }));
        if elapsed >= FIRST_WINDOW || self.given {
            let reading = self.read(now, face.as_ref());
            self.given = reading.heart_rate.is_ok();
            self.tally.count(&reading);
            self.tell(ScanEvent::Reading(reading));
        }
    }

    fn read(&mut self, now: CaptureTime, face: Option<&FaceState>) -> Reading {
        let window = self.trace.span().min(WINDOW);
        let stage = if window < WINDOW {
            Stage::Preliminary
        } else {
            Stage::Stable
        };
        let absent = |reason| Reading {
            at: now,
            window,
            stage,
            heart_rate: Err(reason),
            respiratory_rate: Err(reason),
            hrv: Err(reason),
        };
        if face.is_none() {
            return absent(Absence::FaceLost);
        }
        if window < FIRST_WINDOW {
            return absent(Absence::TooShort);
        }
        let heart_rate = match self.heart_rate(now, window) {
            Ok(heart_rate) => heart_rate,
            Err(_) if face.is_some_and(FaceState::restless) => return absent(Absence::Moving),
            Err(reason) => return absent(reason),
        };
        let slow = self
            .slow
            .at(now, &self.trace, self.tracker.band(), &mut self.analyzer);
        Reading {
            heart_rate: Ok(heart_rate),
            respiratory_rate: slow.respiratory_rate,
            hrv: slow.hrv,
            ..absent(Absence::TooShort)
        }
    }

    fn heart_rate(&mut self, now: CaptureTime, window: Duration) -> Result<HeartRate, Absence> {
        let count = (window.as_secs_f64() * GRID_HZ).round() as usize;
        let found = self.find(count).ok_or(Absence::NotPeaked)?;
        let quality = found.evidence.judge()?;
        self.tracker
            .follow(now, found.rate_bpm, found.evidence.is_clear())?;
        self.show(&found.pulse.fused);
        Ok(HeartRate {
            bpm: found.rate_bpm,
            quality,
            snr_db: found.evidence.snr_db,
        })
    }

    /// Looks in the band of a heart at rest, and where the peak lies beyond it, in that of exercise.
    fn find(&mut self, count: usize) -> Option<Candidate> {
        let band = self.tracker.band();
        let found = heart_rate::find(&self.trace, count, band, &mut self.analyzer)?;
        let strongest = found.pulse.spectrum.peak(Band::EXERCISED);
        if strongest.is_some_and(|peak| peak.hz > band.high_hz) {
            return heart_rate::find(&self.trace, count, Band::EXERCISED, &mut self.analyzer);
        }
        Some(found)
    }

    /// Gives what of `wave`, which ends with the trace, is new and settled.
    fn show(&mut self, wave: &[f64]) {
        let passed = self.trace.passed();
        let settled = wave.len().saturating_sub(UNSETTLED);
        let new = usize::try_from(passed - self.shown)
            .unwrap_or(usize::MAX)
            .saturating_sub(UNSETTLED)
            .min(settled);
        if new == 0 {
            return;
        }
        self.shown = passed - UNSETTLED as u64;
        let samples = wave[settled - new..settled]
            .iter()
            .map(|value| *value as f32)
            .collect();
        let at = self.trace.at(passed - (UNSETTLED + new) as u64);
        self.tell(ScanEvent::Waveform(Waveform {
            at,
            sample_rate: GRID_HZ as f32,
            samples,
        }));
    }

    fn tell(&mut self, event: ScanEvent) {
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}
