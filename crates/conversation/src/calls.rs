//! The functions a model calls: the client's, shown as they are written, and those the server or the session runs.
//!
//! A call that is not the client's to run and its output are items of the conversation, so every client sees them; but
//! the call is never part of a response's output, which is how a client is asked to run a function.

use bedside_protocol::{Item, ItemBody, ItemStatus};

use crate::Conversation;
use crate::context::Tool;
use crate::items::Place;
use crate::response::{Call, Response};

/// Who runs a function, if not the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// The session: it measures.
    Scan,
    /// The session: it reports an emergency.
    Escalate,
    /// The session: it says goodbye and closes.
    End,
    /// The server.
    Server,
}

/// The calls of one answer of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batch(pub(crate) u32);

/// A call as the model writes it, which is not the client's to run.
#[derive(Debug)]
pub(crate) struct OwnCall {
    pub(crate) call_id: String,
    pub(crate) name: String,
    pub(crate) runner: Runner,
    pub(crate) arguments: String,
}

impl Conversation {
    /// The functions on offer that are not the client's. One that the client declares is its own.
    pub(crate) fn own_functions(&self) -> Vec<(Tool, Runner)> {
        let mut own = Vec::new();
        if self.config.bedside.vitals.enabled {
            own.push((Self::scan_tool(), Runner::Scan));
        }
        if self.functions.escalate {
            own.push((Self::escalate_tool(), Runner::Escalate));
        }
        if self.functions.end_consultation {
            own.push((Self::end_tool(), Runner::End));
        }
        for tool in &self.server_tools {
            if own.iter().all(|(other, _)| other.name != tool.name) {
                own.push((tool.clone(), Runner::Server));
            }
        }
        own.retain(|(tool, _)| self.config.tools.iter().all(|client| client.name != tool.name));
        own
    }

    pub(crate) fn begin_call(&mut self, call_id: String, name: String) {
        let Some(response) = &mut self.response else {
            return;
        };
        if let Some(runner) = response.wish.runner(&name) {
            response.own_calls.push(OwnCall {
                call_id,
                name,
                runner,
                arguments: String::new(),
            });
            return;
        }
        let item_id = self.ids.item();
        let output_index = response.output.len() as u32;
        response.output.push(item_id.clone());
        let call = Call {
            item_id,
            output_index,
            call_id,
            name,
            arguments: String::new(),
            over: None,
        };
        let item = call.item(ItemStatus::InProgress);
        response.calls.push(call);
        self.add_output_item(item, None, output_index);
    }

    pub(crate) fn extend_call(&mut self, call_id: &str, delta: &str) {
        let Some(response) = &mut self.response else {
            return;
        };
        if let Some(call) = response.own_calls.iter_mut().find(|call| call.call_id == call_id) {
            call.arguments.push_str(delta);
            return;
        }
        let open = |call: &Call| call.call_id == call_id && call.over.is_none();
        let Some(at) = response.calls.iter().position(open) else {
            return;
        };
        response.calls[at].arguments.push_str(delta);
        self.tell_call_delta(at, delta.to_owned());
    }

    /// Ends the client's calls that are still being written.
    pub(crate) fn complete_calls(&mut self, status: ItemStatus) {
        if let Some(mut response) = self.response.take() {
            self.tell_calls_over(&mut response, status);
            self.response = Some(response);
        }
    }

    /// The answer is written: what is not the client's to run is run now.
    pub(crate) fn run_own_calls(&mut self) {
        let Some(response) = &mut self.response else {
            return;
        };
        let calls = std::mem::take(&mut response.own_calls);
        let with_client = response
            .calls
            .iter()
            .any(|call| call.over == Some(ItemStatus::Completed));
        let batch = Batch(self.generations);
        for call in calls {
            match call.runner {
                Runner::Scan => self.run_scan_call(call),
                Runner::Escalate => self.run_escalation(call),
                Runner::End => self.run_end(call),
                Runner::Server => self.run_server_call(call, batch, with_client),
            }
        }
    }

    /// Adds an own call to the conversation. Returns `false` if there is no room for it and its output: every call has one.
    pub(crate) fn add_call(&mut self, call: &OwnCall) -> bool {
        if !self.items.has_room_for(2) {
            self.tell_conversation_full();
            return false;
        }
        self.add_call_item(ItemBody::FunctionCall {
            call_id: call.call_id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        });
        true
    }

    pub(crate) fn answer_call(&mut self, call_id: String, output: String) {
        self.add_call_item(ItemBody::FunctionCallOutput { call_id, output });
    }

    fn add_call_item(&mut self, body: ItemBody) {
        let id = self.ids.item();
        let status = ItemStatus::Completed;
        self.add_item(Item { id, status, body }, Place::Last);
    }

    /// Whether `call_id` is of a call that the server or the session will answer.
    pub(crate) fn answers_call(&self, call_id: &str) -> bool {
        self.scans.is_called(call_id) || self.tools.is_open(call_id)
    }

    /// Keeps room for the outputs of the calls that are open.
    pub(crate) fn reserve_outputs(&mut self) {
        let open = usize::from(self.awaits_scan()) + self.tools.len();
        self.items.reserve(open);
    }

    /// A result waits to be told; the response in progress does not know it.
    pub(crate) fn result_is_due(&mut self) {
        self.discard_speculation();
        if let Some(response) = &mut self.response {
            response.tells_results = false;
        }
        self.result_due = true;
    }

    /// The response in progress tells the results nobody was told, if it knows them.
    pub(crate) fn results_were_told(&mut self) {
        if let Some(response) = &mut self.response
            && std::mem::take(&mut response.tells_results)
        {
            self.result_due = false;
        }
    }

    /// Whether the response in progress has said anything of its answer.
    pub(crate) fn has_said_something(&self) -> bool {
        self.response.as_ref().is_some_and(Response::has_begun)
    }
}
