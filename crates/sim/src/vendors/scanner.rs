//! The provider of vital signs. Its figures pass or do not at random; what matters is what becomes of them.

use std::time::Duration;

use bedside_conversation::io::Input;
use bedside_conversation::scan::{
    FaceState, Figures, Guidance, HeartRate, Hrv, Progress, Reading, RespiratoryRate, ScanCommand, ScanId,
    ScanNews, ScanSummary, Stage, Waveform,
};
use bedside_conversation::time::Time;

use super::{Delivery, Fate, PROVIDER, VendorManners, fault};
use crate::rng::{Rng, Stream};

const REASONS: [&str; 4] = ["too_short", "face_lost", "moving", "not_peaked"];
const METHOD: &str = "simulated";

/// The provider.
#[derive(Debug)]
pub struct Scanner {
    manners: VendorManners,
    rng: Rng,
    scan: Option<Scanning>,
}

#[derive(Debug)]
struct Scanning {
    scan: ScanId,
    interval: Duration,
    fate: Fate,
    /// When it fails or stalls, if it does.
    breaks_at: Time,
    first_frame: Option<Time>,
    told: Option<Time>,
    /// When the newest news arrives; they keep their order.
    arrived: Time,
    frames: u64,
}

impl Scanner {
    /// A provider.
    pub fn new(manners: VendorManners, seed: u64) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, Stream::Scanner),
            scan: None,
        }
    }

    /// What it answers to a command.
    pub fn command(&mut self, now: Time, command: ScanCommand) -> Vec<Delivery> {
        match command {
            ScanCommand::Start { scan, params } => {
                let fate = self.manners.fate(&mut self.rng);
                let breaks_at = now + self.rng.millis(0..=20_000);
                self.scan = Some(Scanning {
                    scan,
                    interval: params.interval,
                    fate,
                    breaks_at,
                    first_frame: None,
                    told: None,
                    arrived: now,
                    frames: 0,
                });
                Vec::new()
            }
            ScanCommand::Stop { scan } => self.stop(now, scan),
        }
    }

    fn stop(&mut self, now: Time, scan: ScanId) -> Vec<Delivery> {
        let Some(mut scanning) = self.scan.take().filter(|scanning| scanning.scan == scan) else {
            return Vec::new();
        };
        let answer = match scanning.fate {
            Fate::Stalls => return Vec::new(),
            Fate::Fails(kind) => Err(fault(PROVIDER, kind)),
            Fate::Serves => Ok(ScanNews::Finished(ScanSummary {
                elapsed: scanning
                    .first_frame
                    .map_or(Duration::ZERO, |first| now.since(first)),
                frames: scanning.frames,
                figures: self.figures(),
                coverage: self.rng.fraction(0.0..=1.0),
                method: METHOD,
            })),
        };
        let mut deliveries = vec![self.deliver(now, &mut scanning, answer)];
        if self.rng.chance(self.manners.late) {
            let late = ScanNews::Reading(self.reading(now, Stage::Stable));
            deliveries.push(self.deliver(now, &mut scanning, Ok(late)));
        }
        deliveries
    }

    /// A frame came.
    pub fn frame(&mut self, now: Time) -> Vec<Delivery> {
        let Some(mut scanning) = self.scan.take() else {
            return Vec::new();
        };
        let first = *scanning.first_frame.get_or_insert(now);
        scanning.frames += 1;
        let broken = scanning.fate != Fate::Serves && now >= scanning.breaks_at;
        if let Fate::Fails(kind) = scanning.fate
            && broken
        {
            return vec![self.deliver(now, &mut scanning, Err(fault(PROVIDER, kind)))];
        }
        let due = scanning
            .told
            .is_none_or(|told| now.since(told) >= scanning.interval);
        let mut deliveries = Vec::new();
        if due && !broken {
            scanning.told = Some(now);
            let elapsed = now.since(first);
            for news in self.news(now, elapsed) {
                deliveries.push(self.deliver(now, &mut scanning, Ok(news)));
            }
        }
        self.scan = Some(scanning);
        deliveries
    }

    fn news(&mut self, now: Time, elapsed: Duration) -> Vec<ScanNews> {
        let face = self.rng.chance(0.9).then_some(FaceState {
            bounds: None,
            motion: 0.25,
            brightness: 0.5,
        });
        let mut news = vec![
            ScanNews::Progress(Progress {
                at: now.as_micros(),
                elapsed,
                face,
                guidance: if face.is_some() {
                    Guidance::Ok
                } else {
                    Guidance::FaceNotFound
                },
            }),
            ScanNews::Waveform(Waveform {
                at: now.as_micros(),
                sample_rate: 30.0,
                samples: vec![0.5, -0.5],
            }),
        ];
        if elapsed >= Duration::from_secs(6) {
            let stage = if elapsed < Duration::from_secs(10) {
                Stage::Preliminary
            } else {
                Stage::Stable
            };
            news.push(ScanNews::Reading(self.reading(now, stage)));
        }
        news
    }

    fn reading(&mut self, now: Time, stage: Stage) -> Reading {
        Reading {
            at: now.as_micros(),
            window: Duration::from_secs(10),
            stage,
            figures: self.figures(),
            method: METHOD,
        }
    }

    fn figures(&mut self) -> Figures {
        let rng = &mut self.rng;
        let reason = *rng.pick(&REASONS);
        let heart_rate = HeartRate {
            bpm: rng.fraction(40.0..=200.0),
            quality: rng.fraction(0.0..=1.0),
            snr_db: 3.0,
        };
        let respiratory_rate = RespiratoryRate {
            per_min: rng.fraction(6.0..=30.0),
            quality: 0.5,
        };
        let hrv = Hrv {
            rmssd_ms: rng.fraction(5.0..=100.0),
            sdnn_ms: 50.0,
            beats: 30,
            quality: 0.5,
        };
        Figures {
            heart_rate: rng.chance(0.6).then_some(heart_rate).ok_or(reason),
            respiratory_rate: rng.chance(0.5).then_some(respiratory_rate).ok_or(reason),
            hrv: rng.chance(0.3).then_some(hrv).ok_or(reason),
        }
    }

    fn deliver(
        &mut self,
        now: Time,
        scanning: &mut Scanning,
        news: Result<ScanNews, bedside_conversation::io::StageFault>,
    ) -> Delivery {
        let at = now + self.rng.millis(self.manners.latency_ms.clone());
        scanning.arrived = scanning.arrived.max(at);
        let input = Input::Scan {
            scan: scanning.scan,
            news,
        };
        (scanning.arrived, input)
    }
}
