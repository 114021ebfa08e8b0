//! Vital signs: every scan ends once and is silent afterwards, no figure is told that was not measured, and every call for
//! a measurement has one answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Message};
use bedside_conversation::io::{Input, InputSettings};
use bedside_conversation::scan::{Figures, START_SCAN, ScanCommand, ScanId, ScanNews};
use bedside_conversation::time::Time;
use bedside_protocol::{ItemBody, ServerEventKind, VitalsFigures};
use serde_json::Value;

use super::Violations;

const RULE: &str = "vitals";

/// A call is answered within half a minute of measuring, after at most ten seconds without video, a summary that is not
/// given for two, and a frozen process.
const ANSWERED_WITHIN: Duration = Duration::from_secs(50);

/// A result is told once everyone has said what they had to say; an answer over a bad connection takes half a minute.
const TOLD_WITHIN: Duration = Duration::from_secs(45);

/// A scan without video ends after ten seconds, or when a process that stood still comes back.
const VIDEO_WITHIN: Duration = Duration::from_secs(15);

/// A scan that is stopped ends after two seconds at the latest, or when a process that stood still comes back.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// Follows the scans of a session.
#[derive(Debug, Default)]
pub struct Scans {
    /// The news the core is looking at.
    news: Option<ScanNews>,
    scan_ids: BTreeSet<String>,
    open: Option<String>,
    ended: u32,
    /// The scan the provider was told to begin, and whether it was told to stop.
    ordered: Option<(ScanId, bool)>,
    stopped_at: Option<Time>,
    last_video: Option<Time>,
    accepts_video: bool,
    /// Everything that was measured and passed, rounded as the wire rounds it.
    measured: BTreeSet<i64>,
    /// Calls that wait for their answer, since when.
    calls: BTreeMap<String, Time>,
    answered: BTreeSet<String>,
    /// Results that no model has been given yet, since when.
    untold: BTreeMap<String, Time>,
    cancelled: bool,
}

impl Scans {
    /// Whether every result must be told: no one cancelled a response, perhaps the one that told it.
    fn must_tell(&self, healthy: bool) -> bool {
        healthy && !self.cancelled
    }

    /// Scans that ended so far.
    pub fn ended(&self) -> u32 {
        self.ended
    }

    /// Calls that were answered so far.
    pub fn measurements(&self) -> u32 {
        self.answered.len() as u32
    }

    /// The core is about to be given an input.
    pub fn input(&mut self, now: Time, input: &Input, violations: &mut Violations) {
        self.news = None;
        violations.check(self.accepts_video || self.calls.is_empty(), now, RULE, || {
            format!(
                "{:?} wait for a measurement that is turned off",
                self.calls.keys()
            )
        });
        match input {
            Input::VideoReceived => self.last_video = Some(now),
            Input::Scan { news: Ok(news), .. } => {
                match news {
                    ScanNews::Reading(reading) => self.measure(&reading.figures),
                    ScanNews::Finished(summary) => self.measure(&summary.figures),
                    ScanNews::Progress(_) | ScanNews::Waveform(_) => {}
                }
                self.last_video = Some(now);
                self.news = Some(news.clone());
            }
            _ => {}
        }
    }

    /// The client cancelled a response.
    pub fn client_cancelled(&mut self) {
        self.cancelled = true;
    }

    fn measure(&mut self, figures: &Figures) {
        let passed = [
            figures.heart_rate.ok().map(|v| v.bpm),
            figures.respiratory_rate.ok().map(|v| v.per_min),
            figures.hrv.ok().map(|v| v.rmssd_ms),
        ];
        self.measured.extend(passed.into_iter().flatten().map(hundredths));
    }

    /// The provider is told something.
    pub fn command(&mut self, now: Time, command: ScanCommand, violations: &mut Violations) {
        match command {
            ScanCommand::Start { scan, .. } => {
                let fresh = self.ordered.is_none_or(|(before, _)| scan > before);
                violations.check(fresh, now, RULE, || format!("{scan:?} begins after a later one"));
                self.last_video = Some(now);
                self.ordered = Some((scan, false));
            }
            ScanCommand::Stop { scan } => {
                violations.check(self.ordered == Some((scan, false)), now, RULE, || {
                    format!("{scan:?} is stopped while {:?} is in order", self.ordered)
                });
                self.ordered = Some((scan, true));
                self.stopped_at = Some(now);
            }
        }
    }

    /// The shell is told whether to take video.
    pub fn configured(&mut self, settings: &InputSettings) {
        self.accepts_video = settings.video;
    }

    /// The model is given what is known.
    pub fn request(&mut self, now: Time, request: &ChatRequest, violations: &mut Violations) {
        for message in &request.messages {
            if let Message::ToolResult { call_id, .. } = message {
                self.untold.remove(call_id);
            }
        }
        let offered = request.tools.iter().any(|tool| tool.name == START_SCAN);
        violations.check(!offered || self.accepts_video, now, RULE, || {
            "a measurement is offered to the model, but no video is taken".to_owned()
        });
        let known = request
            .vitals
            .into_iter()
            .flat_map(|v| [v.heart_rate, v.respiratory_rate, v.hrv_rmssd]);
        for vital in known.flatten() {
            violations.check(
                self.measured.contains(&hundredths(vital.value)),
                now,
                RULE,
                || format!("the model is told {}, which was not measured", vital.value),
            );
        }
    }

    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind, violations: &mut Violations) {
        if let Err(reason) = self.follow(now, event) {
            violations.add(now, RULE, reason);
        }
    }

    fn follow(&mut self, now: Time, event: &ServerEventKind) -> Result<(), String> {
        use ServerEventKind as E;
        match event {
            E::VitalsScanStarted { scan_id } => {
                let fresh = self.scan_ids.insert(scan_id.clone());
                let before = self.open.replace(scan_id.clone());
                ensure(fresh, || format!("the id {scan_id} is used again"))?;
                ensure(before.is_none(), || {
                    format!("{scan_id} begins while {before:?} is open")
                })
            }
            E::VitalsScanProgress(progress) => self.of_running(&progress.scan_id),
            E::VitalsWaveform { scan_id, .. } => self.of_running(scan_id),
            E::VitalsUpdated(update) => {
                self.of_running(&update.scan_id)?;
                match &self.news {
                    Some(ScanNews::Reading(reading)) => same(&update.figures, &reading.figures),
                    other => Err(format!("figures are told after {other:?}")),
                }
            }
            E::VitalsScanCompleted(completed) => {
                self.ends(&completed.scan_id)?;
                let absent = |o: &bedside_protocol::fhir::Observation| {
                    o.value_quantity.is_some() == o.data_absent_reason.is_none()
                };
                ensure(completed.observations.iter().all(absent), || {
                    "an observation has both a figure and a reason, or neither".to_owned()
                })?;
                match &self.news {
                    Some(ScanNews::Finished(summary)) => same(&completed.figures, &summary.figures),
                    other => Err(format!("a scan is completed after {other:?}")),
                }
            }
            E::VitalsScanFailed { scan_id, .. } => self.ends(scan_id),
            E::ConversationItemAdded { item, .. } => match &item.body {
                ItemBody::FunctionCall { call_id, name, .. } if name == START_SCAN => {
                    self.calls.insert(call_id.clone(), now);
                    Ok(())
                }
                ItemBody::FunctionCallOutput { call_id, output } => self.answer(now, call_id, output),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn of_open(&self, scan_id: &str) -> Result<(), String> {
        ensure(self.open.as_deref() == Some(scan_id), || {
            format!("news of {scan_id} while {:?} is open", self.open)
        })
    }

    fn of_running(&self, scan_id: &str) -> Result<(), String> {
        self.of_open(scan_id)?;
        ensure(!matches!(self.ordered, Some((_, true))), || {
            format!("news of {scan_id}, which was stopped")
        })
    }

    fn ends(&mut self, scan_id: &str) -> Result<(), String> {
        self.of_open(scan_id)?;
        self.open = None;
        self.ended += 1;
        Ok(())
    }

    fn answer(&mut self, now: Time, call_id: &str, output: &str) -> Result<(), String> {
        ensure(!self.answered.contains(call_id), || {
            format!("{call_id} is answered twice")
        })?;
        if self.calls.remove(call_id).is_none() {
            // The client's own function.
            return Ok(());
        }
        self.answered.insert(call_id.to_owned());
        let output: Value = serde_json::from_str(output).map_err(|error| error.to_string())?;
        if output["reason"] != "already_running" {
            self.untold.insert(call_id.to_owned(), now);
        }
        for name in ["heart_rate_bpm", "respiratory_rate_bpm", "hrv_rmssd_ms"] {
            if let Some(figure) = output[name].as_f64() {
                ensure(self.measured.contains(&hundredths(figure)), || {
                    format!("{name} {figure} is told, and was not measured")
                })?;
            }
        }
        Ok(())
    }

    /// Time passes.
    pub fn step(&mut self, now: Time, violations: &mut Violations) {
        let overdue = self.open.is_some()
            && matches!(self.ordered, Some((_, true)))
            && self.stopped_at.is_some_and(|at| now.since(at) > STOPPED_WITHIN);
        if overdue {
            self.stopped_at = Some(now);
            violations.add(now, RULE, "a scan that was stopped does not end".to_owned());
        }
        let starved = matches!(self.ordered, Some((_, false)))
            && self.open.is_some()
            && self.last_video.is_some_and(|at| now.since(at) > VIDEO_WITHIN);
        if starved {
            self.last_video = Some(now);
            violations.add(now, RULE, "a scan goes on without video".to_owned());
        }
    }

    /// The run is over.
    pub fn finish(&self, now: Time, healthy: bool, violations: &mut Violations) {
        for (call_id, since) in &self.calls {
            violations.check(now.since(*since) < ANSWERED_WITHIN, now, RULE, || {
                format!("{call_id} was never answered")
            });
        }
        for (call_id, since) in self.untold.iter().filter(|_| self.must_tell(healthy)) {
            violations.check(now.since(*since) < TOLD_WITHIN, now, RULE, || {
                format!("the result of {call_id} was never told")
            });
        }
    }
}

fn same(told: &VitalsFigures, measured: &Figures) -> Result<(), String> {
    let pairs = [
        (told.heart_rate_bpm, measured.heart_rate.ok().map(|v| v.bpm)),
        (
            told.respiratory_rate_bpm,
            measured.respiratory_rate.ok().map(|v| v.per_min),
        ),
        (told.hrv_rmssd_ms, measured.hrv.ok().map(|v| v.rmssd_ms)),
    ];
    ensure(
        pairs
            .into_iter()
            .all(|(told, measured)| told.map(hundredths) == measured.map(hundredths)),
        || format!("{told:?} is told, and {measured:?} was measured"),
    )?;
    let absent = [
        (told.heart_rate_bpm.is_none(), &told.absent.heart_rate),
        (told.respiratory_rate_bpm.is_none(), &told.absent.respiratory_rate),
        (told.hrv_rmssd_ms.is_none(), &told.absent.hrv),
    ];
    ensure(
        absent
            .into_iter()
            .all(|(absent, reason)| absent == reason.is_some()),
        || format!("a figure is absent without a reason: {told:?}"),
    )
}

fn hundredths(figure: f64) -> i64 {
    (figure * 100.0).round() as i64
}

fn ensure(ok: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    super::grammar::ensure(ok, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(scan_id: &str) -> ServerEventKind {
        ServerEventKind::VitalsScanStarted {
            scan_id: scan_id.into(),
        }
    }

    fn failed(scan_id: &str) -> ServerEventKind {
        ServerEventKind::VitalsScanFailed {
            scan_id: scan_id.into(),
            capture_time_us: None,
            reason: "no_video".into(),
        }
    }

    fn judge(events: &[ServerEventKind]) -> Vec<String> {
        let mut scans = Scans::default();
        events
            .iter()
            .filter_map(|event| scans.follow(Time::ZERO, event).err())
            .collect()
    }

    #[test]
    fn a_scan_begins_and_ends_once() {
        assert_eq!(
            judge(&[started("a"), failed("a"), started("b"), failed("b")]),
            [""; 0]
        );
        for wrong in [
            vec![started("a"), started("b")],
            vec![started("a"), failed("a"), failed("a")],
            vec![started("a"), failed("a"), started("a")],
            vec![started("a"), failed("b")],
        ] {
            assert_eq!(judge(&wrong).len(), 1, "{wrong:?}");
        }
    }

    #[test]
    fn a_figure_that_was_not_measured_is_noticed() {
        let told = VitalsFigures {
            heart_rate_bpm: Some(72.0),
            ..VitalsFigures::default()
        };
        let measured = Figures {
            heart_rate: Err("noisy"),
            respiratory_rate: Err("noisy"),
            hrv: Err("noisy"),
        };
        assert!(same(&told, &measured).is_err());
        assert!(same(&VitalsFigures::default(), &measured).is_err(), "no reasons");
    }
}
