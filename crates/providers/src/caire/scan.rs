//! What a scan tells, made of the vendor's answers.

use std::time::Duration;

use bedside_conversation::scan::{
    AbsenceCode, Figures, Guidance, HeartRate, Progress, Reading, ScanNews, ScanSummary, Stage, Waveform,
};

use super::codec::Answer;
use super::evidence::{self, Evidence, WHOLE_WINDOW};

/// How figures are obtained.
const METHOD: &str = "caire";

/// The vendor gives no such figure.
const NOT_MEASURED: AbsenceCode = "not_measured";

/// Samples a second of the wave that is told.
const WAVE_HZ: f64 = 30.0;

/// It is told in pieces of so long, µs.
const WAVE_EVERY: u64 = 200_000;

/// Readings that are kept for the summary: an hour of them at one a second.
const MOST_READINGS: usize = 3_600;

/// One scan.
pub(super) struct Scan {
    interval: Duration,
    /// Capture time of the first picture, µs, and the wall clock then, µs since 1970.
    began: Option<(u64, u64)>,
    newest: u64,
    frames: u64,
    evidence: Evidence,
    /// Samples of the wave since the last piece that was told.
    untold: Vec<(u64, f64)>,
    /// Up to when the last reading went, µs of capture.
    told: Option<u64>,
    readings: Vec<Result<HeartRate, AbsenceCode>>,
}

impl Scan {
    /// Gives a reading every `interval`.
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            began: None,
            newest: 0,
            frames: 0,
            evidence: Evidence::new(),
            untold: Vec::new(),
            told: None,
            readings: Vec::new(),
        }
    }

    /// A picture captured at `captured_us` was sent, `wall_us` since 1970; returns its time on that clock.
    pub(super) fn sent(&mut self, captured_us: u64, wall_us: u64) -> u64 {
        let (first, wall) = *self.began.get_or_insert((captured_us, wall_us));
        self.newest = self.newest.max(captured_us);
        self.frames += 1;
        wall + captured_us.saturating_sub(first)
    }

    /// Capture time of the newest picture, µs.
    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// Pictures sent.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// From the first picture to the newest.
    pub(super) fn elapsed(&self) -> Duration {
        let first = self.began.map_or(self.newest, |(first, _)| first);
        Duration::from_micros(self.newest.saturating_sub(first))
    }

    /// What there is to tell of an answer.
    pub(super) fn on(&mut self, answer: &Answer) -> Vec<ScanNews> {
        let mut news = Vec::new();
        let Some((first, wall)) = self.began else {
            return news;
        };
        let wave = answer.wave.iter().map(|&(seconds, value)| {
            let since = (seconds * 1e6) as i64 - wall as i64;
            (first.saturating_add_signed(since), value)
        });
        self.untold.extend_from_slice(self.evidence.extend(wave));
        if let (Some(&(at, _)), Some(&last)) = (self.untold.first(), self.untold.last())
            && last.0 - at >= WAVE_EVERY
        {
            let (mean, largest) = self.evidence.scale();
            let samples = evidence::evenly(&self.untold, WAVE_HZ).into_iter();
            news.push(ScanNews::Waveform(Waveform {
                at,
                sample_rate: WAVE_HZ as f32,
                samples: samples.map(|sample| ((sample - mean) / largest) as f32).collect(),
            }));
            self.untold = vec![last];
        }
        // The wave tells up to which picture the vendor has come, once there is one. A vendor that lags behind has no news.
        let at = self
            .evidence
            .latest()
            .map_or(self.newest, |latest| latest.min(self.newest));
        let due = self.told.unwrap_or(first) + self.interval.as_micros() as u64;
        if at < due {
            return news;
        }
        self.told = Some(at);
        let window = Duration::from_micros(at - first);
        news.push(ScanNews::Progress(Progress {
            at,
            elapsed: window,
            // The vendor does not say where the face is, or how the patient could help.
            face: None,
            guidance: Guidance::Ok,
        }));
        let heart_rate = self.evidence.judge(answer.heart_rate, answer.confidence, window);
        let whole = window >= WHOLE_WINDOW;
        if whole && self.readings.len() < MOST_READINGS {
            self.readings.push(heart_rate);
        }
        news.push(ScanNews::Reading(Reading {
            at,
            window,
            stage: if whole { Stage::Stable } else { Stage::Preliminary },
            figures: figures(heart_rate),
            method: METHOD,
        }));
        news
    }

    /// The whole of it: the middle one of the rates, or the commonest reason why there was none.
    pub(super) fn summary(&self) -> ScanSummary {
        let mut passed: Vec<HeartRate> = self.readings.iter().filter_map(|reading| reading.ok()).collect();
        passed.sort_by(|one, other| one.bpm.total_cmp(&other.bpm));
        let reasons: Vec<AbsenceCode> = self.readings.iter().filter_map(|reading| reading.err()).collect();
        let count = |reason: AbsenceCode| reasons.iter().filter(|&&other| other == reason).count();
        let commonest = reasons.iter().copied().max_by_key(|&reason| count(reason));
        let middle = passed.get(passed.len() / 2).copied();
        ScanSummary {
            elapsed: self.elapsed(),
            frames: self.frames,
            figures: figures(middle.ok_or(commonest.unwrap_or("too_short"))),
            coverage: passed.len() as f64 / self.readings.len().max(1) as f64,
            method: METHOD,
        }
    }
}

fn figures(heart_rate: Result<HeartRate, AbsenceCode>) -> Figures {
    Figures {
        heart_rate,
        respiratory_rate: Err(NOT_MEASURED),
        hrv: Err(NOT_MEASURED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: u64 = 1_730_868_591_000_000;

    /// A scan of so many seconds with a pulse of 66 a minute in the wave, and all it told.
    fn scanned(seconds: u64, rate: impl Fn(f64) -> Option<f64>) -> (Scan, Vec<ScanNews>) {
        let mut scan = Scan::new(Duration::from_secs(1));
        let mut news = Vec::new();
        for frame in 0..=seconds * 30 {
            let captured = 5_000_000 + frame * 33_333;
            let unix = scan.sent(captured, WALL + frame * 7);
            assert_eq!(unix, WALL + frame * 33_333);
            let t = unix as f64 / 1e6;
            let piece = (0..3_u64).rev().map(|back| t - back as f64 / 30.0);
            let wave = piece
                .map(|at| (at, ((at % 1_000.0) * std::f64::consts::TAU * 1.1).sin()))
                .collect();
            let answer = Answer {
                heart_rate: rate(frame as f64 / 30.0),
                wave,
                ..Answer::default()
            };
            news.extend(scan.on(&answer));
        }
        (scan, news)
    }

    fn readings(news: &[ScanNews]) -> Vec<Reading> {
        let reading = |news: &ScanNews| match news {
            ScanNews::Reading(reading) => Some(*reading),
            _ => None,
        };
        news.iter().filter_map(reading).collect()
    }

    #[test]
    fn a_rate_is_told_once_a_second_and_only_after_ten() {
        let (scan, news) = scanned(15, |t| (t > 4.0).then_some(66.0));
        let readings = readings(&news);
        assert!((14..=15).contains(&readings.len()), "{}", readings.len());
        for reading in readings {
            let early = reading.window < WHOLE_WINDOW;
            assert_eq!(reading.figures.heart_rate.is_err(), early, "{:?}", reading.window);
            assert_eq!(reading.stage == Stage::Preliminary, early);
            assert_eq!(reading.figures.hrv, Err("not_measured"));
        }
        let summary = scan.summary();
        assert_eq!((summary.frames, summary.coverage), (451, 1.0));
        assert_eq!(summary.figures.heart_rate.map(|rate| rate.bpm), Ok(66.0));
    }

    #[test]
    fn a_pulse_that_is_never_found_is_absent_with_its_reason() {
        let (scan, news) = scanned(12, |_| None);
        let last = readings(&news).pop().expect("a reading");
        assert_eq!(last.figures.heart_rate, Err("not_ready"));
        assert_eq!(
            (scan.summary().figures.heart_rate, scan.summary().coverage),
            (Err("not_ready"), 0.0)
        );
        assert_eq!(
            Scan::new(Duration::from_secs(1)).summary().figures.heart_rate,
            Err("too_short")
        );
    }

    #[test]
    fn a_vendor_that_lags_behind_tells_what_it_has_seen() {
        let mut scan = Scan::new(Duration::from_secs(1));
        let mut news = Vec::new();
        for frame in 0..=20 * 30 {
            scan.sent(frame * 33_333, WALL);
            // It is at a tenth of what it was shown.
            let t = (WALL + frame * 3_333) as f64 / 1e6;
            news.extend(scan.on(&Answer {
                heart_rate: Some(66.0),
                wave: vec![(t, (t % 1_000.0 * std::f64::consts::TAU * 1.1).sin())],
                ..Answer::default()
            }));
        }
        let readings = readings(&news);
        let windows: Vec<u64> = readings.iter().map(|reading| reading.window.as_secs()).collect();
        assert_eq!(windows, [1]);
        assert!(readings[0].at.abs_diff(1_000_000) < 10_000, "{}", readings[0].at);
    }

    #[test]
    fn the_wave_is_told_once_on_the_clock_of_the_pictures() {
        let (_, news) = scanned(3, |_| None);
        let waves: Vec<&Waveform> = news
            .iter()
            .filter_map(|news| match news {
                ScanNews::Waveform(wave) => Some(wave),
                _ => None,
            })
            .collect();
        let first = waves.first().expect("a wave");
        assert!(first.at.abs_diff(5_000_000) < 70_000, "{}", first.at);
        assert!(waves.is_sorted_by_key(|wave| wave.at));
        assert!(
            waves
                .iter()
                .flat_map(|wave| &wave.samples)
                .all(|sample| sample.abs() <= 1.001)
        );
    }
}
