//! The client loses its connection, the server notices or does not, and the client comes back.

use bedside_conversation::io::Input;
use bedside_protocol::ServerEvent;

use super::World;
use crate::client::Expect;
use crate::connection::Message;
use crate::happening::Happening;

impl World {
    pub(super) fn plan_loss(&mut self) {
        if let Some(at) = self.losses.next(self.agenda.now()) {
            self.agenda.plan(at, Happening::Lose);
        }
    }

    /// What was sent over a connection that is no more is lost.
    pub(super) fn reach_client(&mut self, line: u32, event: &ServerEvent) {
        if !self.losses.delivers(line) {
            return;
        }
        let now = self.agenda.now();
        self.losses.got(&event.event_id);
        self.checks.delivered(now, &event.event_id);
        for answer in self.client.on_event(now, event) {
            self.send_up(answer);
        }
    }

    pub(super) fn meddle(&mut self) {
        let now = self.agenda.now();
        if let Some(event) = self.client.meddle(now) {
            self.send_up(event);
        }
        if let Some(kind) = self.camera.as_mut().and_then(|camera| camera.wish(now)) {
            let event = self.client.event(Expect::Fine, kind);
            self.send_up(event);
        }
    }

    /// The client's connection breaks. What it had sent still arrives, so that no word of the patient is lost; what it was
    /// sent does not.
    pub(super) fn lose(&mut self) {
        let now = self.agenda.now();
        let loss = self.losses.lose(now);
        self.trace.note(now, "**", &format_args!("{loss:?}"));
        self.agenda.plan(now + loss.length, Happening::Return);
        if let Some(after) = loss.noticed_after {
            let at = self.uplink.arrival(now) + after;
            let line = self.losses.line();
            self.agenda.plan(at, Happening::Notice { line });
        }
    }

    pub(super) fn come_back(&mut self) {
        let (last_event_id, repeat_unheard) = self.losses.claim();
        let claim = Happening::Claim {
            last_event_id,
            repeat_unheard,
        };
        let at = self.uplink.arrival(self.agenda.now());
        self.agenda.plan(at, claim);
    }

    /// The server knows that its connection is lost.
    pub(super) fn lose_connection(&mut self) {
        if self.connection.is_lost() {
            return;
        }
        self.give(Input::ConnectionLost);
        self.connection.lose(self.agenda.now());
    }

    /// The client is at the server's door again.
    pub(super) fn go_on(&mut self, last_event_id: &str, repeat_unheard: bool) {
        self.lose_connection();
        let now = self.agenda.now();
        let Some((missed, unreceived)) = self.connection.go_on(now, last_event_id) else {
            self.checks.violated(
                now,
                "resume",
                format!("what followed {last_event_id} is not kept"),
            );
            return;
        };
        let absent = self.losses.reconnected(now);
        self.trace.note(
            now,
            "**",
            &format_args!("back after {absent:?}, {} missed", missed.len()),
        );
        self.checks.came_back(now, last_event_id, absent);
        for event in missed {
            self.carry(Message::Event(event), true);
        }
        self.give(Input::ConnectionBack {
            repeat_unheard,
            unreceived,
        });
        self.plan_loss();
    }
}
