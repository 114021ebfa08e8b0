//! `start_heart_rate_scan`: a function the model can call and the session itself runs.
//!
//! It is offered while the client has vital signs enabled. The call and its output are items of the conversation, so
//! every client sees them; but the call is never part of a response's output, which is how a client is asked to run a
//! function. A client that declares a function of this name runs it itself, and this one is not offered.

use std::time::Duration;

use bedside_protocol::{Item, ItemBody, ItemStatus, VitalsFigures};
use serde::Serialize;
use serde_json::json;

use super::known::Window;
use super::life::DISABLED;
use super::{Figures, ScanId};
use crate::Conversation;
use crate::context::{ChatRequest, Tool};
use crate::items::Place;
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

/// A call of the function as the model writes it.
#[derive(Debug)]
pub(crate) struct ScanCall {
    pub(crate) call_id: String,
    pub(crate) arguments: String,
}

/// What the model gets.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum ScanOutput {
    Completed(VitalsFigures),
    Failed { reason: &'static str },
}

impl Conversation {
    /// Whether the model is offered the function along with the client's own.
    pub(crate) fn offers_scan(&self) -> bool {
        self.config.bedside.vitals.enabled && self.config.tools.iter().all(|tool| tool.name != START_SCAN)
    }

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
        request.messages = self.items.messages(self.now);
        request.vitals = self.scans.known.snapshot(self.now);
    }

    /// Runs a call the model has written.
    pub(crate) fn run_scan_call(&mut self, call: ScanCall) {
        let ScanCall { call_id, arguments } = call;
        let body = ItemBody::FunctionCall {
            call_id: call_id.clone(),
            name: START_SCAN.to_owned(),
            arguments,
        };
        // Every call has its output: there must be room for both.
        if !self.items.has_room_for(2) {
            self.tell_conversation_full();
            return;
        }
        self.add_call_item(body);
        if !self.config.bedside.vitals.enabled {
            self.answer_scan_call(call_id, Err(DISABLED));
            if let Some(response) = &mut self.response {
                // It may tell an earlier result, but not this one.
                response.tells_scan = false;
            }
            self.scans.result_due = true;
            return;
        }
        if self.scans.call.is_some() {
            // A response will follow when the open call has its result.
            self.answer_scan_call(call_id, Err(ALREADY_RUNNING));
            return;
        }
        self.items.reserve(1);
        self.scans.call = Some(OpenCall {
            call_id,
            scan: None,
            window: Window::default(),
        });
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
        self.items.reserve(0);
        self.answer_scan_call(call.call_id, result);
        self.discard_speculation();
        self.scans.result_due = true;
        self.answer_if_ready();
    }

    fn answer_scan_call(&mut self, call_id: String, result: Result<Figures, &'static str>) {
        let output = match result.and_then(Figures::passed) {
            Ok(figures) => ScanOutput::Completed(VitalsFigures::from(figures)),
            Err(reason) => ScanOutput::Failed { reason },
        };
        self.scans.result_failed = matches!(output, ScanOutput::Failed { .. });
        let output = json!(output).to_string();
        self.add_call_item(ItemBody::FunctionCallOutput { call_id, output });
    }

    fn add_call_item(&mut self, body: ItemBody) {
        let id = self.ids.item();
        let status = ItemStatus::Completed;
        self.add_item(Item { id, status, body }, Place::Last);
    }

    /// Whether `call_id` is of the call that the session itself will answer.
    pub(crate) fn answers_call(&self, call_id: &str) -> bool {
        self.scans
            .call
            .as_ref()
            .is_some_and(|call| call.call_id == call_id)
    }

    /// Whether the patient is being measured for the model and should not be asked whether they are there.
    pub(crate) fn awaits_scan(&self) -> bool {
        self.scans.call.is_some()
    }
}
