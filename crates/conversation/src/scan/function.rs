//! `start_heart_rate_scan`: a function the model can call and the session itself runs.
//!
//! It is offered while the client has vital signs enabled. A client that declares a function of this name runs it itself,
//! and this one is not offered.

use std::time::Duration;

use bedside_protocol::VitalsFigures;
use serde::Serialize;
use serde_json::json;

use super::known::Window;
use super::life::DISABLED;
use super::{Figures, ScanId};
use crate::Conversation;
use crate::calls::OwnCall;
use crate::context::{ChatRequest, Tool};
use crate::timers::Timer;

/// The function's name.
pub const START_SCAN: &str = "start_heart_rate_scan";

/// What one call covers.
const WINDOW: Duration = Duration::from_secs(30);

/// The result of a call that came while another was open.
const ALREADY_RUNNING: &str = "already_running";

/// The result where not one window was seen.
const TOO_SHORT: &str = "too_short";

/// A call that waits for its result.
#[derive(Debug)]
pub(crate) struct OpenCall {
    call_id: String,
    /// The scan it waits for; none yet while an earlier one is ending.
    scan: Option<ScanId>,
    /// The readings since it began.
    pub(super) window: Window,
}

impl OpenCall {
    pub(super) fn is(&self, call_id: &str) -> bool {
        self.call_id == call_id
    }
}

/// What the model gets.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum ScanOutput {
    Completed(VitalsFigures),
    Failed { reason: &'static str },
}

impl Conversation {
    pub(crate) fn scan_tool() -> Tool {
        Tool {
            name: START_SCAN.to_owned(),
            description: "Measures the patient's heart rate and respiratory rate with their camera. It takes half a \
                          minute, in which the patient should look at the camera and keep still: say so in the same \
                          answer. The result comes by itself; a figure that is absent could not be measured."
                .to_owned(),
            parameters: json!({ "type": "object", "properties": {} }),
        }
    }

    /// Adds to a request what is read from the conversation when generation begins.
    pub(crate) fn complete_request(&self, request: &mut ChatRequest) {
        let message = self.response.as_ref().and_then(|r| r.message.as_ref());
        let saying = message.map(|message| message.item_id.as_str());
        request.messages = self.items.messages(self.now, saying);
        request.vitals = self.scans.known.snapshot(self.now);
    }

    /// Runs a call the model has written.
    pub(crate) fn run_scan_call(&mut self, call: OwnCall) {
        if !self.add_call(&call) {
            return;
        }
        let call_id = call.call_id;
        if !self.config.bedside.vitals.enabled {
            self.answer_scan_call(call_id, Err(DISABLED));
            self.result_is_due();
            return;
        }
        if self.scans.call.is_some() {
            // A response will follow when the open call has its result.
            self.answer_scan_call(call_id, Err(ALREADY_RUNNING));
            return;
        }
        self.scans.call = Some(OpenCall {
            call_id,
            scan: None,
            window: Window::default(),
        });
        self.reserve_outputs();
        self.timers.stop(Timer::PatientIdle);
        self.scan_for_call();
    }

    /// The call now waits for `scan`.
    pub(super) fn bind_scan_call(&mut self, scan: ScanId) {
        if let Some(call) = self.scans.call.as_mut().filter(|call| call.scan.is_none()) {
            call.scan = Some(scan);
            self.timers.set(Timer::ScanWindowEnds, self.now + WINDOW);
        }
    }

    /// The call has been open long enough.
    pub(crate) fn on_scan_window_ends(&mut self) {
        if !self.scan_outlives_call() {
            self.stop_scan();
            return;
        }
        let figures = self.scans.call.as_ref().and_then(|call| call.window.figures());
        self.resolve_scan_call(figures.ok_or(TOO_SHORT));
    }

    /// The result of `scan` is known: the call that waits for it has its output.
    pub(super) fn resolve_scan_call_of(&mut self, scan: ScanId, result: Result<Figures, &'static str>) {
        if self
            .scans
            .call
            .as_ref()
            .is_some_and(|call| call.scan == Some(scan))
        {
            self.resolve_scan_call(result);
        }
    }

    /// The open call, if any, has its output, and a response will tell it.
    pub(super) fn resolve_scan_call(&mut self, result: Result<Figures, &'static str>) {
        let Some(call) = self.scans.call.take() else {
            return;
        };
        self.timers.stop(Timer::ScanWindowEnds);
        self.reserve_outputs();
        self.answer_scan_call(call.call_id, result);
        self.result_is_due();
        self.answer_if_ready();
    }

    fn answer_scan_call(&mut self, call_id: String, result: Result<Figures, &'static str>) {
        let output = match result.and_then(Figures::passed) {
            Ok(figures) => ScanOutput::Completed(VitalsFigures::from(figures)),
            Err(reason) => ScanOutput::Failed { reason },
        };
        self.scans.result_failed = matches!(output, ScanOutput::Failed { .. });
        let output = json!(output).to_string();
        self.answer_call(call_id, output);
    }

    /// Whether the patient is being measured for the model and should not be asked whether they are there.
    pub(crate) fn awaits_scan(&self) -> bool {
        self.scans.call.is_some()
    }
}
