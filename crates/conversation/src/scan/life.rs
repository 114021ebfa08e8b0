//! The life of a scan: one at a time, each with its own id, each ended exactly once.

use std::time::Duration;

use bedside_protocol::{VitalsPatch, VitalsRegion};

use super::function::OpenCall;
use super::known::Known;
use super::{ScanCommand, ScanId, ScanNews, ScanParams, ScanRegion, ScanSummary};
use crate::Conversation;
use crate::io::{Output, StageFault};
use crate::time::Time;
use crate::timers::Timer;

/// A scan of which no frame came for this long is over.
const NO_VIDEO: Duration = Duration::from_secs(10);

/// A provider that was stopped owes the summary within this; it has only to add up what it knows.
const SUMMARY: Duration = Duration::from_secs(2);

/// A scan the client wants is begun anew this long after its provider failed, so many times in a row.
const RETRY_AFTER: Duration = Duration::from_secs(1);
const MAX_RETRIES: u32 = 3;

/// Why a scan gave nothing, as the wire and the model know it. Others are the codes of absent figures.
pub(super) const NO_VIDEO_CAME: &str = "no_video";
pub(super) const PROVIDER_FAILED: &str = "provider_failed";
pub(super) const DISABLED: &str = "disabled";

/// The scans of a session.
#[derive(Debug, Default)]
pub(crate) struct Scans {
    begun: u32,
    phase: Phase,
    /// Whether the client wants a scan as soon as the present one has ended.
    next: bool,
    retries: u32,
    /// The model's call that waits for a result.
    pub(super) call: Option<OpenCall>,
    pub(super) known: Known,
    /// Whether the result last given to the model had no figures.
    pub(crate) result_failed: bool,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Running(Run),
    /// The provider owes the summary.
    Ending {
        run: Run,
        /// Whether the client was told already how it ended.
        told: bool,
    },
}

impl Scans {
    /// Whether `call_id` is of the call that waits for a result.
    pub(crate) fn is_called(&self, call_id: &str) -> bool {
        self.call.as_ref().is_some_and(|call| call.is(call_id))
    }
}

/// One scan.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) scan: ScanId,
    /// Its name on the wire.
    pub(crate) id: String,
    pub(crate) started: Time,
    /// Capture time of its newest news.
    pub(crate) captured: Option<u64>,
    params: ScanParams,
    /// Whether the client wants it; else only the model's call does.
    of_client: bool,
}

impl Conversation {
    /// Begins the scan a session is configured with from its start.
    pub(crate) fn begin_configured_scan(&mut self) {
        self.on_vitals_patch(&VitalsPatch {
            enabled: Some(self.config.bedside.vitals.enabled),
            ..VitalsPatch::default()
        });
    }

    /// The client changed how vital signs are read; the configuration holds the change already.
    pub(crate) fn on_vitals_patch(&mut self, patch: &VitalsPatch) {
        if !self.config.bedside.vitals.enabled {
            self.scans.next = false;
            self.timers.stop(Timer::ScanRetry);
            self.resolve_scan_call(Err(DISABLED));
            self.stop_scan();
            return;
        }
        let asked = patch.enabled == Some(true);
        if asked {
            self.scans.retries = MAX_RETRIES;
        }
        let params = self.scan_params();
        match &mut self.scans.phase {
            Phase::Running(run) if run.params == params => {
                run.of_client |= asked;
                self.watch_scan_duration();
            }
            Phase::Running(run) => {
                self.scans.next = run.of_client || asked;
                self.stop_scan();
            }
            Phase::Ending { .. } => self.scans.next |= asked,
            Phase::Idle if asked => self.start_scan(true),
            Phase::Idle => {}
        }
    }

    fn scan_params(&self) -> ScanParams {
        let vitals = &self.config.bedside.vitals;
        ScanParams {
            region: match vitals.region {
                VitalsRegion::Auto => ScanRegion::Auto,
                VitalsRegion::FaceCrop => ScanRegion::FaceCrop,
            },
            interval: Duration::from_millis(vitals.interval_ms.into()),
        }
    }

    fn start_scan(&mut self, of_client: bool) {
        self.timers.stop(Timer::ScanRetry);
        self.scans.begun += 1;
        let run = Run {
            scan: ScanId(self.scans.begun),
            id: self.ids.scan(),
            started: self.now,
            captured: None,
            params: self.scan_params(),
            of_client,
        };
        let (scan, params) = (run.scan, run.params);
        self.out
            .push_back(Output::Scan(ScanCommand::Start { scan, params }));
        self.tell_scan_started(run.id.clone());
        self.scans.phase = Phase::Running(run);
        self.timers.set(Timer::VideoOverdue, self.now + NO_VIDEO);
        self.watch_scan_duration();
        self.bind_scan_call(scan);
    }

    /// Lets the scan end when the client wants it to; one that only the model wants ends with its call.
    fn watch_scan_duration(&mut self) {
        let Phase::Running(run) = &self.scans.phase else {
            return;
        };
        match self.config.bedside.vitals.duration_ms {
            Some(ms) if run.of_client => self
                .timers
                .set(Timer::ScanEnds, run.started + Duration::from_millis(ms.into())),
            _ => self.timers.stop(Timer::ScanEnds),
        }
    }

    /// Gives the model's call a scan to wait for: the one that runs, else one of its own.
    pub(super) fn scan_for_call(&mut self) {
        match &self.scans.phase {
            Phase::Running(run) => {
                let scan = run.scan;
                self.bind_scan_call(scan);
            }
            Phase::Ending { .. } => {}
            Phase::Idle => {
                let of_client = self.timers.is_set(Timer::ScanRetry);
                self.start_scan(of_client);
            }
        }
    }

    /// Asks for the summary of the scan that runs.
    pub(crate) fn stop_scan(&mut self) {
        self.release_scan(false);
    }

    /// Whether the running scan goes on when the model's call has its result.
    pub(super) fn scan_outlives_call(&self) -> bool {
        matches!(&self.scans.phase, Phase::Running(run) if run.of_client)
    }

    fn release_scan(&mut self, told: bool) {
        match std::mem::take(&mut self.scans.phase) {
            Phase::Running(run) => {
                for timer in [Timer::VideoOverdue, Timer::ScanEnds, Timer::ScanWindowEnds] {
                    self.timers.stop(timer);
                }
                let scan = run.scan;
                self.out.push_back(Output::Scan(ScanCommand::Stop { scan }));
                self.timers.set(Timer::ScanOverdue, self.now + SUMMARY);
                self.scans.phase = Phase::Ending { run, told };
            }
            other => self.scans.phase = other,
        }
    }

    pub(crate) fn on_video(&mut self) {
        if matches!(self.scans.phase, Phase::Running(_)) {
            self.timers.set(Timer::VideoOverdue, self.now + NO_VIDEO);
        }
    }

    pub(crate) fn on_video_overdue(&mut self) {
        if let Phase::Running(run) = &self.scans.phase {
            let (scan, id, captured) = (run.scan, run.id.clone(), run.captured);
            self.release_scan(true);
            self.tell_scan_failed(id, captured, NO_VIDEO_CAME);
            self.resolve_scan_call_of(scan, Err(NO_VIDEO_CAME));
        }
    }

    pub(crate) fn on_scan_overdue(&mut self) {
        self.end_scan(Err(PROVIDER_FAILED));
    }

    pub(crate) fn on_scan_retry(&mut self) {
        if matches!(self.scans.phase, Phase::Idle) {
            self.start_scan(true);
        }
    }

    pub(crate) fn on_scan(&mut self, scan: ScanId, news: Result<ScanNews, StageFault>) {
        let (Phase::Running(run) | Phase::Ending { run, .. }) = &mut self.scans.phase else {
            return;
        };
        if run.scan != scan {
            return;
        }
        match news {
            Ok(ScanNews::Finished(summary)) => self.end_scan(Ok(summary)),
            Err(_) => self.on_scan_fault(),
            Ok(news) => self.on_scan_news(news),
        }
    }

    fn on_scan_news(&mut self, news: ScanNews) {
        let Phase::Running(run) = &mut self.scans.phase else {
            return;
        };
        let id = run.id.clone();
        match news {
            ScanNews::Progress(progress) => {
                run.captured = Some(progress.at);
                self.tell_scan_progress(id, progress);
            }
            ScanNews::Waveform(waveform) => self.tell_waveform(id, waveform),
            ScanNews::Reading(reading) => {
                run.captured = Some(reading.at);
                self.scans.known.note(self.now, &reading);
                if let Some(call) = &mut self.scans.call {
                    call.window.note(&reading);
                }
                self.tell_vitals(id, reading);
            }
            ScanNews::Finished(_) => {}
        }
        self.on_video();
    }

    fn on_scan_fault(&mut self) {
        let again = matches!(&self.scans.phase, Phase::Running(run) if run.of_client);
        self.end_scan(Err(PROVIDER_FAILED));
        if again && self.scans.retries > 0 && matches!(self.scans.phase, Phase::Idle) {
            self.scans.retries -= 1;
            self.timers.set(Timer::ScanRetry, self.now + RETRY_AFTER);
        }
    }

    /// The scan is over: the client and the model are told, and the next one begins if it is wanted.
    fn end_scan(&mut self, outcome: Result<ScanSummary, &'static str>) {
        let (run, told) = match std::mem::take(&mut self.scans.phase) {
            Phase::Idle => return,
            Phase::Running(run) => (run, false),
            Phase::Ending { run, told } => (run, told),
        };
        for timer in [
            Timer::VideoOverdue,
            Timer::ScanEnds,
            Timer::ScanWindowEnds,
            Timer::ScanOverdue,
        ] {
            self.timers.stop(timer);
        }
        if !told {
            let scan = run.scan;
            match outcome.and_then(|summary| summary.figures.passed().map(|_| summary)) {
                Ok(summary) => {
                    self.tell_scan_completed(run, &summary);
                    self.resolve_scan_call_of(scan, Ok(summary.figures));
                }
                Err(reason) => {
                    self.tell_scan_failed(run.id, run.captured, reason);
                    self.resolve_scan_call_of(scan, Err(reason));
                }
            }
        }
        let of_client = std::mem::take(&mut self.scans.next);
        if of_client || self.scans.call.is_some() {
            self.start_scan(of_client);
        }
    }
}
