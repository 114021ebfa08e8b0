//! The camera's side of the bench: frames come, and a provider of vital signs answers.

use std::time::Duration;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::{Input, Output};
use bedside_conversation::scan::{
    FaceState, Figures, Guidance, HeartRate, Hrv, Progress, Reading, RespiratoryRate, START_SCAN,
    ScanCommand, ScanId, ScanNews, ScanSummary, Stage, Waveform,
};
use bedside_protocol::{
    BedsidePatch, ClientEventKind, ItemBody, Patch, ServerEventKind, SessionConfig, SessionPatch, VitalsPatch,
};
use serde_json::Value;

use super::{Bench, config, done};

pub fn with_vitals() -> SessionConfig {
    let mut config = config();
    config.bedside.vitals.enabled = true;
    config
}

/// `None` is a heart rate that did not pass its gate.
pub fn figures(heart_rate: Option<f64>) -> Figures {
    Figures {
        heart_rate: heart_rate
            .map(|bpm| HeartRate {
                bpm,
                quality: 0.8,
                snr_db: 3.0,
            })
            .ok_or("not_peaked"),
        respiratory_rate: heart_rate
            .map(|_| RespiratoryRate {
                per_min: 15.0,
                quality: 0.7,
            })
            .ok_or("not_peaked"),
        hrv: Err::<Hrv, _>("too_short"),
    }
}

pub fn summary(heart_rate: Option<f64>) -> ScanSummary {
    ScanSummary {
        elapsed: Duration::from_secs(30),
        frames: 900,
        figures: figures(heart_rate),
        coverage: 0.9,
        method: "test",
    }
}

/// A model's answer that says `words` and starts a measurement.
pub fn measure(call_id: &str, words: &str) -> Vec<ModelEvent> {
    vec![
        ModelEvent::TextDelta(words.to_owned()),
        ModelEvent::ToolCallStart {
            call_id: call_id.to_owned(),
            name: START_SCAN.to_owned(),
        },
        ModelEvent::ToolCallArguments {
            call_id: call_id.to_owned(),
            delta: "{}".to_owned(),
        },
        done(),
    ]
}

impl Bench {
    pub fn vitals(&mut self, vitals: VitalsPatch) {
        let session = Box::new(SessionPatch {
            bedside: Some(BedsidePatch {
                vitals: Some(vitals),
                ..BedsidePatch::default()
            }),
            ..SessionPatch::default()
        });
        self.client(ClientEventKind::SessionUpdate { session });
    }

    pub fn enable(&mut self, enabled: bool) {
        self.vitals(VitalsPatch {
            enabled: Some(enabled),
            ..VitalsPatch::default()
        });
    }

    pub fn enable_for(&mut self, ms: u32) {
        self.vitals(VitalsPatch {
            enabled: Some(true),
            duration_ms: Patch::Set(ms),
            ..VitalsPatch::default()
        });
    }

    pub fn news(&mut self, scan: u32, news: ScanNews) {
        self.handle(Input::Scan {
            scan: ScanId(scan),
            news: Ok(news),
        });
    }

    pub fn finish_scan(&mut self, scan: u32, heart_rate: Option<f64>) {
        self.news(scan, ScanNews::Finished(summary(heart_rate)));
    }

    pub fn reading(&mut self, scan: u32, stage: Stage, heart_rate: Option<f64>) {
        let at = self.now.as_micros();
        self.news(
            scan,
            ScanNews::Progress(Progress {
                at,
                elapsed: Duration::from_secs(1),
                face: Some(FaceState {
                    bounds: None,
                    motion: 0.1,
                    brightness: 0.5,
                }),
                guidance: Guidance::Ok,
            }),
        );
        self.news(
            scan,
            ScanNews::Waveform(Waveform {
                at,
                sample_rate: 30.0,
                samples: vec![0.5; 30],
            }),
        );
        self.news(
            scan,
            ScanNews::Reading(Reading {
                at,
                window: Duration::from_secs(10),
                stage,
                figures: figures(heart_rate),
                method: "test",
            }),
        );
    }

    /// Video comes, and a stable reading of it every second.
    pub fn film(&mut self, scan: u32, seconds: u64, heart_rate: Option<f64>) {
        for _ in 0..seconds {
            self.pass(Duration::from_secs(1));
            self.handle(Input::VideoReceived);
            self.reading(scan, Stage::Stable, heart_rate);
        }
    }

    pub fn scan_commands(&self) -> Vec<ScanCommand> {
        let commands = self.log.iter().filter_map(|(_, output)| match output {
            Output::Scan(command) => Some(*command),
            _ => None,
        });
        commands.collect()
    }

    /// `start 1`, `stop 1`.
    pub fn scan_orders(&self) -> Vec<String> {
        let orders = self.scan_commands().into_iter().map(|command| match command {
            ScanCommand::Start { scan, .. } => format!("start {}", scan.0),
            ScanCommand::Stop { scan } => format!("stop {}", scan.0),
        });
        orders.collect()
    }

    /// How scans began and ended on the wire since `mark`.
    pub fn scans(&self, mark: usize) -> Vec<String> {
        let ends = self.sent(mark).filter_map(|kind| match kind {
            ServerEventKind::VitalsScanStarted { .. } => Some("started".to_owned()),
            ServerEventKind::VitalsScanCompleted(completed) => Some(format!(
                "completed {}",
                completed.figures.heart_rate_bpm.unwrap_or_default()
            )),
            ServerEventKind::VitalsScanFailed { reason, .. } => Some(format!("failed {reason}")),
            _ => None,
        });
        ends.collect()
    }

    /// The outputs of calls that entered the conversation since `mark`.
    pub fn outputs(&self, mark: usize) -> Vec<(String, Value)> {
        let outputs = self.sent(mark).filter_map(|kind| match kind {
            ServerEventKind::ConversationItemDone { item, .. } => match &item.body {
                ItemBody::FunctionCallOutput { call_id, output } => {
                    Some((call_id.clone(), serde_json::from_str(output).expect("JSON")))
                }
                _ => None,
            },
            _ => None,
        });
        outputs.collect()
    }
}
