//! Functions the server runs: each call is run once, ends once and is told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Message};
use bedside_conversation::functions::{END_CONSULTATION, ESCALATE};
use bedside_conversation::io::{Input, Output};
use bedside_conversation::time::Time;
use bedside_protocol::{ItemBody, ServerEventKind};

use super::Violations;

const RULE: &str = "function";

/// At most so many run at a time.
const AT_A_TIME: usize = 8;

/// A function that does not return is given up after 20 s, or when a process that stood still comes back.
const RUNS_AT_MOST: Duration = Duration::from_secs(25);

/// A call may wait for eight others, and for eight more.
const ANSWERED_WITHIN: Duration = Duration::from_secs(65);

/// A result is told once everyone has said what they had to say.
const TOLD_WITHIN: Duration = Duration::from_secs(45);

/// The client's own function.
const OF_CLIENT: &str = "note_dose";

/// Follows the calls of a session that are not the client's.
#[derive(Debug, Default)]
pub struct Functions {
    /// Calls without an output, since when, with their item.
    calls: BTreeMap<String, (Time, String)>,
    running: BTreeMap<String, Time>,
    ran: BTreeSet<String>,
    /// Returned while the core looks at it.
    returned: Option<String>,
    untold: BTreeMap<String, Time>,
    cancelled: bool,
    /// The model wishes to end the consultation.
    ends: bool,
    escalated: bool,
}

impl Functions {
    /// Functions that ran.
    pub fn ran(&self) -> u32 {
        self.ran.len() as u32
    }

    /// The client cancelled a response.
    pub fn client_cancelled(&mut self) {
        self.cancelled = true;
    }

    /// The core is about to be given an input.
    pub fn input(&mut self, now: Time, input: &Input, violations: &mut Violations) {
        let unanswered = self.returned.take().filter(|id| self.calls.contains_key(id));
        violations.check(unanswered.is_none(), now, RULE, || {
            format!("what {unanswered:?} returned is not in the conversation")
        });
        if let Input::ToolReturned { call_id, .. } = input
            && self.running.remove(call_id).is_some()
        {
            self.returned = Some(call_id.clone());
        }
    }

    /// The core put something out.
    pub fn output(&mut self, now: Time, output: &Output, violations: &mut Violations) {
        match output {
            Output::RunTool { call_id, .. } => {
                let known = self.calls.contains_key(call_id);
                violations.check(known, now, RULE, || {
                    format!("{call_id} is run, but was not called")
                });
                let fresh = self.ran.insert(call_id.clone());
                violations.check(fresh, now, RULE, || format!("{call_id} is run twice"));
                self.running.insert(call_id.clone(), now);
                violations.check(self.running.len() <= AT_A_TIME, now, RULE, || {
                    format!("{} functions run at a time", self.running.len())
                });
            }
            Output::CancelTool { call_id } => {
                let ran = self.running.remove(call_id).is_some();
                violations.check(ran, now, RULE, || {
                    format!("{call_id} is cancelled, but does not run")
                });
            }
            Output::Generate { request, .. } => self.asked(request),
            Output::Close { .. } => {
                violations.check(self.ends, now, "session", || "closed without need".to_owned());
                violations.check(self.running.is_empty(), now, RULE, || {
                    "the session is closed and functions run".to_owned()
                });
            }
            _ => {}
        }
    }

    fn asked(&mut self, request: &ChatRequest) {
        for message in &request.messages {
            if let Message::ToolResult { call_id, .. } = message {
                self.untold.remove(call_id);
            }
        }
    }

    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind, violations: &mut Violations) {
        match event {
            ServerEventKind::ConversationItemAdded { item, .. } => match &item.body {
                ItemBody::FunctionCall { call_id, name, .. } if name != OF_CLIENT => {
                    self.ends |= name == END_CONSULTATION;
                    self.escalated |= name == ESCALATE;
                    self.calls.insert(call_id.clone(), (now, item.id.clone()));
                }
                ItemBody::FunctionCallOutput { call_id, .. } => {
                    let known = self.calls.remove(call_id).is_some();
                    let of_server = self.ran.contains(call_id);
                    violations.check(known || !of_server, now, RULE, || {
                        format!("{call_id} is answered twice")
                    });
                    let running = self.running.contains_key(call_id);
                    violations.check(!running, now, RULE, || {
                        format!("{call_id} is answered and still runs")
                    });
                    if of_server {
                        self.untold.insert(call_id.clone(), now);
                    }
                }
                _ => {}
            },
            ServerEventKind::ConversationItemDeleted { item_id } => {
                self.calls.retain(|_, (_, id)| id != item_id);
                self.cancelled = true;
            }
            ServerEventKind::BedsideEscalation(escalation) if escalation.matched.is_empty() => {
                violations.check(self.escalated, now, RULE, || {
                    "an emergency is told that nobody saw".to_owned()
                });
            }
            _ => {}
        }
    }

    /// Time passes.
    pub fn step(&mut self, now: Time, violations: &mut Violations) {
        let overdue = |since: &Time| now.since(*since) > RUNS_AT_MOST;
        if let Some((call_id, since)) = self.running.iter_mut().find(|(_, since)| overdue(since)) {
            violations.add(now, RULE, format!("{call_id} runs since {since:?}"));
            *since = now;
        }
    }

    /// The run is over.
    pub fn finish(&self, now: Time, healthy: bool, violations: &mut Violations) {
        for (call_id, (since, _)) in self.calls.iter().filter(|(id, _)| id.starts_with("call")) {
            let of_scan = !self.ran.contains(call_id);
            violations.check(of_scan || now.since(*since) < ANSWERED_WITHIN, now, RULE, || {
                format!("{call_id} was never answered")
            });
        }
        for (call_id, since) in self.untold.iter().filter(|_| healthy && !self.cancelled) {
            violations.check(now.since(*since) < TOLD_WITHIN, now, RULE, || {
                format!("the result of {call_id} was never told")
            });
        }
    }
}
