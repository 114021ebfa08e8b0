//! The functions a model calls: the client's, shown as they are written, and the one the session runs itself.

use bedside_protocol::ItemStatus;

use crate::Conversation;
use crate::response::Call;
use crate::scan::START_SCAN;
use crate::scan::function::ScanCall;

impl Conversation {
    pub(crate) fn begin_call(&mut self, call_id: String, name: String) {
        let Some(response) = &mut self.response else {
            return;
        };
        if response.wish.offers_scan && name == START_SCAN {
            response.scan_calls.push(ScanCall {
                call_id,
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
            over: false,
        };
        let item = call.item(ItemStatus::InProgress);
        response.calls.push(call);
        self.add_output_item(item, None, output_index);
    }

    pub(crate) fn extend_call(&mut self, call_id: &str, delta: &str) {
        let Some(response) = &mut self.response else {
            return;
        };
        if let Some(call) = response
            .scan_calls
            .iter_mut()
            .find(|call| call.call_id == call_id)
        {
            call.arguments.push_str(delta);
            return;
        }
        let Some(at) = response.calls.iter().position(|call| call.call_id == call_id) else {
            return;
        };
        response.calls[at].arguments.push_str(delta);
        self.tell_call_delta(at, delta.to_owned());
    }

    pub(crate) fn complete_calls(&mut self) {
        let failed = self.response.as_ref().is_some_and(|r| r.fault.is_some());
        let status = if failed {
            ItemStatus::Incomplete
        } else {
            ItemStatus::Completed
        };
        if let Some(mut response) = self.response.take() {
            self.tell_calls_over(&mut response, status);
            self.response = Some(response);
        }
    }

    pub(crate) fn run_scan_calls(&mut self) {
        let calls = self
            .response
            .as_mut()
            .map(|response| std::mem::take(&mut response.scan_calls));
        for call in calls.into_iter().flatten() {
            self.run_scan_call(call);
        }
    }
}
