//! Functions the server runs for the model: what is open, how many at a time and for how long.
//!
//! An interruption does not end them: what they return informs the next answer.

use std::collections::VecDeque;

use serde_json::json;

use crate::Conversation;
use crate::calls::{Batch, OwnCall};
use crate::io::{FaultKind, Output, StageFault};
use crate::response::Generation;
use crate::time::Time;
use crate::timers::Timer;
use crate::wish::Source;

/// At most so many functions of the server run at a time for a session; others wait for their turn.
pub const TOOLS_AT_A_TIME: usize = 8;

/// So many answers of a model follow one another on what functions return, and no more: the last must do without.
pub(crate) const MAX_ROUNDS: u32 = 8;

/// A result is cut after so many bytes: a model reads no more of it with profit, and pays for all of it in every request.
const MAX_RESULT: usize = 16 * 1024;

/// The calls that have no result yet, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls(VecDeque<OpenCall>);

#[derive(Debug)]
struct OpenCall {
    call: OwnCall,
    batch: Batch,
    /// The client runs functions of the same answer, and asks for the next answer itself.
    with_client: bool,
    /// When it must have returned; none while it waits for its turn.
    deadline: Option<Time>,
}

impl ToolCalls {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_open(&self, call_id: &str) -> bool {
        self.0.iter().any(|open| open.call.call_id == call_id)
    }

    /// Whether a call of the batch is open.
    pub(crate) fn awaits(&self, batch: Batch) -> bool {
        self.0.iter().any(|open| open.batch == batch)
    }

    /// The calls made last, if they are open and it is for us to tell what they return.
    pub(crate) fn latest(&self) -> Option<Batch> {
        self.0
            .back()
            .filter(|open| !open.with_client)
            .map(|open| open.batch)
    }

    /// The client asked for an answer: the next one is not its affair any more.
    pub(crate) fn client_asked(&mut self) {
        for open in &mut self.0 {
            open.with_client = false;
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.0.iter().filter_map(|open| open.deadline).min()
    }

    fn take(&mut self, wanted: impl Fn(&OpenCall) -> bool) -> Option<OpenCall> {
        let at = self.0.iter().position(wanted)?;
        self.0.remove(at)
    }
}

impl Conversation {
    pub(crate) fn run_server_call(&mut self, call: OwnCall, batch: Batch, with_client: bool) {
        // Results could not be told apart.
        if self.tools.is_open(&call.call_id) || !self.add_call(&call) {
            return;
        }
        if self.ending || self.rounds >= MAX_ROUNDS {
            self.answer_call(call.call_id, failed("too_many_calls"));
            if !self.ending && !self.has_said_something() {
                self.wanted_resume.get_or_insert(Source::apology());
            }
            return;
        }
        self.tools.0.push_back(OpenCall {
            call,
            batch,
            with_client,
            deadline: None,
        });
        self.reserve_outputs();
        self.timers.stop(Timer::PatientIdle);
        self.run_waiting_tools();
        self.bridge_tools();
    }

    fn run_waiting_tools(&mut self) {
        let deadline = self.now + self.timing.tool;
        for open in self.tools.0.iter_mut().take(TOOLS_AT_A_TIME) {
            if open.deadline.is_none() {
                open.deadline = Some(deadline);
                self.out.push_back(Output::RunTool {
                    call_id: open.call.call_id.clone(),
                    name: open.call.name.clone(),
                    arguments: open.call.arguments.clone(),
                });
            }
        }
        match self.tools.deadline() {
            Some(at) => self.timers.set(Timer::ToolOverdue, at),
            None => self.timers.stop(Timer::ToolOverdue),
        }
    }

    pub(crate) fn on_tool_returned(&mut self, call_id: &str, result: Result<String, StageFault>) {
        let running = |open: &OpenCall| open.call.call_id == call_id && open.deadline.is_some();
        if let Some(open) = self.tools.take(running) {
            let output = match result {
                Ok(mut output) => {
                    output.truncate(output.floor_char_boundary(MAX_RESULT));
                    output
                }
                Err(fault) => failed(fault.kind.name()),
            };
            self.close_call(open, output);
        }
    }

    pub(crate) fn on_tool_overdue(&mut self) {
        let now = self.now;
        let overdue = |open: &OpenCall| open.deadline.is_some_and(|at| at <= now);
        while let Some(open) = self.tools.take(overdue) {
            self.cancel_tool(&open);
            self.close_call(open, failed(FaultKind::Timeout.name()));
        }
    }

    fn cancel_tool(&mut self, open: &OpenCall) {
        if open.deadline.is_some() {
            self.out.push_back(Output::CancelTool {
                call_id: open.call.call_id.clone(),
            });
        }
    }

    /// A call has its result, which is told once all of its batch have theirs.
    fn close_call(&mut self, open: OpenCall, output: String) {
        self.reserve_outputs();
        self.answer_call(open.call.call_id, output);
        self.run_waiting_tools();
        if self.tools.awaits(open.batch) {
            return;
        }
        if !open.with_client {
            self.result_is_due();
        }
        if self
            .response
            .as_ref()
            .is_some_and(|r| r.generation == Generation::Waiting)
        {
            self.generate_if_ready();
        } else {
            self.answer_if_ready();
        }
    }

    /// The item of a call was deleted: nobody waits for its result.
    pub(crate) fn forget_call(&mut self, call_id: &str) {
        let wanted = |open: &OpenCall| open.call.call_id == call_id;
        let Some(open) = self.tools.take(wanted) else {
            return;
        };
        self.cancel_tool(&open);
        self.reserve_outputs();
        self.run_waiting_tools();
        self.generate_if_ready();
    }

    /// What these calls return is not wanted any more.
    pub(crate) fn cancel_tools(&mut self, wanted: impl Fn(Batch) -> bool) {
        while let Some(open) = self.tools.take(|open| wanted(open.batch)) {
            self.cancel_tool(&open);
            self.reserve_outputs();
            self.answer_call(open.call.call_id, failed("cancelled"));
        }
        self.run_waiting_tools();
    }
}

/// What a model is told of a function that returned nothing.
pub(crate) fn failed(reason: &str) -> String {
    json!({ "status": "failed", "reason": reason }).to_string()
}
