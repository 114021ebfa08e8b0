//! What goes wrong, decided event by event. Pure: no sockets and no clock.
//!
//! One order stands per vendor. A vendor's handler asks twice:
//!
//! - [`Faults::start`] when a request begins (an HTTP request, a handshake, or a new context on a shared socket). It
//!   either gives the request's [`Stream`] or says how to refuse it.
//! - [`Faults::next`] before each event the stream would send. It says what becomes of that event.
//!
//! [`Outlet`](crate::outlet::Outlet) does both for a handler that hands it whole events. A handler refuses in the shape
//! of its vendor: [`Refusal::Drop`] is [`Line::cut`](crate::line::Line::cut), the other two are the vendor's 429 and
//! 500.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::vendor::Vendor;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// The connection is dropped without an answer.
    Refuse,
    /// 429 in the vendor's shape.
    TooMany,
    /// 500 in the vendor's shape.
    ServerError,
    /// Accepted, then nothing.
    StallFirst,
    /// Nothing more, from some event on.
    StallMid,
    /// The connection is cut without a goodbye.
    Cut,
    /// An error in the vendor's shape within a stream, which ends it. Over a socket the connection is cut.
    ErrorMid,
    /// Bytes that break the vendor's framing, then nothing more.
    Garbage,
    /// Everything from some event on trickles.
    SlowDrip,
    /// A clean end without the terminal message.
    CleanEnd,
    /// One event comes after the one that should follow it.
    WrongOrder,
    /// One event comes twice.
    Duplicate,
}

/// What shall go wrong, how late, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// What goes wrong.
    pub(crate) fault: Fault,
    /// Events that a stream sends unharmed before a fault in its middle strikes.
    pub(crate) after: u32,
    /// Requests that are struck; all of them until the order is withdrawn, if not given.
    pub(crate) times: Option<u32>,
}

/// How a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Cut the connection without an answer.
    Drop,
    /// Answer the vendor's 429.
    TooMany,
    /// Answer the vendor's 500.
    ServerError,
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is sent.
    Send,
    /// It is not sent, nor is anything after it; the connection stays open.
    Withhold,
    /// The connection is cut instead.
    Cut,
    /// The vendor's error goes out instead.
    Fail,
    /// Bytes that break the framing go out instead.
    Garbage,
    /// It is sent slowly.
    Drip,
    /// The stream ends cleanly instead.
    End,
    /// It is sent after the next one.
    Hold,
    /// It is sent twice.
    Twice,
}

/// A request that was accepted: what the faults know of it.
#[derive(Debug)]
pub(crate) struct Stream {
    vendor: Vendor,
    /// The latest order when it began.
    opened: u64,
    sent: u32,
    struck: Option<Fault>,
}

/// The orders that stand.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    orders: BTreeMap<Vendor, Placed>,
    placed: u64,
}

#[derive(Debug)]
struct Placed {
    order: Order,
    left: Option<u32>,
    number: u64,
}

impl Faults {
    /// Places an order for `vendor`, instead of the one that stands.
    pub(crate) fn place(&mut self, vendor: Vendor, order: Order) {
        self.placed += 1;
        let (left, number) = (order.times, self.placed);
        if left != Some(0) {
            self.orders.insert(vendor, Placed { order, left, number });
        }
    }

    /// Withdraws the order for `vendor`, or all of them. Streams already struck stay so.
    pub(crate) fn withdraw(&mut self, vendor: Option<Vendor>) {
        match vendor {
            Some(vendor) => drop(self.orders.remove(&vendor)),
            None => self.orders.clear(),
        }
    }

    /// A request begins.
    pub(crate) fn start(&mut self, vendor: Vendor) -> Result<Stream, Refusal> {
        let refusal = self
            .orders
            .get(&vendor)
            .and_then(|placed| refusal(placed.order.fault));
        match refusal {
            Some(refusal) => {
                self.count(vendor);
                Err(refusal)
            }
            None => Ok(Stream {
                vendor,
                opened: self.placed,
                sent: 0,
                struck: None,
            }),
        }
    }

    /// `stream` is about to send an event.
    pub(crate) fn next(&mut self, stream: &mut Stream) -> Step {
        let step = match stream.struck {
            Some(fault) => afterwards(fault),
            None => self.strike(stream),
        };
        stream.sent += 1;
        step
    }

    fn strike(&mut self, stream: &mut Stream) -> Step {
        let Some(placed) = self.orders.get(&stream.vendor) else {
            return Step::Send;
        };
        let fault = placed.order.fault;
        let met_midway = stream.opened < placed.number;
        let due = match fault {
            Fault::StallFirst => stream.sent == 0,
            // Only who is connected already gets here: a vendor that turns everybody away keeps nobody.
            _ if refusal(fault).is_some() => false,
            _ => stream.sent >= placed.order.after,
        };
        if !due && !met_midway {
            return Step::Send;
        }
        stream.struck = Some(fault);
        self.count(stream.vendor);
        at_once(fault)
    }

    /// One more request of `vendor` was struck.
    fn count(&mut self, vendor: Vendor) {
        let Some(placed) = self.orders.get_mut(&vendor) else {
            return;
        };
        if let Some(left) = &mut placed.left {
            *left -= 1;
            if *left == 0 {
                self.orders.remove(&vendor);
            }
        }
    }
}

impl Stream {
    /// What has struck the stream.
    pub(crate) fn struck(&self) -> Option<Fault> {
        self.struck
    }
}

fn refusal(fault: Fault) -> Option<Refusal> {
    match fault {
        Fault::Refuse => Some(Refusal::Drop),
        Fault::TooMany => Some(Refusal::TooMany),
        Fault::ServerError => Some(Refusal::ServerError),
        _ => None,
    }
}

/// What becomes of the event at which `fault` strikes.
fn at_once(fault: Fault) -> Step {
    match fault {
        Fault::Refuse | Fault::TooMany | Fault::ServerError | Fault::Cut => Step::Cut,
        Fault::StallFirst | Fault::StallMid => Step::Withhold,
        Fault::ErrorMid => Step::Fail,
        Fault::Garbage => Step::Garbage,
        Fault::SlowDrip => Step::Drip,
        Fault::CleanEnd => Step::End,
        Fault::WrongOrder => Step::Hold,
        Fault::Duplicate => Step::Twice,
    }
}

/// What becomes of the events after that.
fn afterwards(fault: Fault) -> Step {
    match fault {
        Fault::SlowDrip => Step::Drip,
        Fault::WrongOrder | Fault::Duplicate => Step::Send,
        Fault::Refuse
        | Fault::TooMany
        | Fault::ServerError
        | Fault::StallFirst
        | Fault::StallMid
        | Fault::Cut
        | Fault::ErrorMid
        | Fault::Garbage
        | Fault::CleanEnd => Step::Withhold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(fault: Fault) -> Order {
        Order {
            fault,
            after: 1,
            times: None,
        }
    }

    fn steps(faults: &mut Faults, events: usize) -> Vec<Step> {
        let mut stream = faults.start(Vendor::Deepgram).expect("not refused");
        (0..events).map(|_| faults.next(&mut stream)).collect()
    }

    #[test]
    fn a_stall_strikes_after_so_many_events_and_lasts() {
        let mut faults = Faults::default();
        let after = Order {
            after: 2,
            ..order(Fault::StallMid)
        };
        faults.place(Vendor::Deepgram, after);
        let expected = [Step::Send, Step::Send, Step::Withhold, Step::Withhold];
        assert_eq!(steps(&mut faults, 4), expected);
    }

    #[test]
    fn a_first_stall_sends_nothing_at_all() {
        let mut faults = Faults::default();
        faults.place(Vendor::Deepgram, order(Fault::StallFirst));
        assert_eq!(steps(&mut faults, 2), [Step::Withhold, Step::Withhold]);
    }

    #[test]
    fn a_stream_already_open_is_struck_at_its_next_event() {
        let mut faults = Faults::default();
        let mut stream = faults.start(Vendor::Cartesia).expect("no order stands");
        let late = Order {
            after: 9,
            ..order(Fault::Cut)
        };
        faults.place(Vendor::Cartesia, late);
        assert_eq!(faults.next(&mut stream), Step::Cut);
        assert_eq!(stream.struck(), Some(Fault::Cut));
    }

    #[test]
    fn who_is_connected_is_cut_off_by_a_vendor_that_turns_everybody_away() {
        let mut faults = Faults::default();
        let mut stream = faults.start(Vendor::Deepgram).expect("no order stands");
        faults.place(Vendor::Deepgram, order(Fault::TooMany));
        assert_eq!(faults.next(&mut stream), Step::Cut);
        assert_eq!(faults.next(&mut stream), Step::Withhold);
    }

    #[test]
    fn an_order_ends_when_it_has_struck_often_enough() {
        let mut faults = Faults::default();
        let once = Order {
            times: Some(1),
            ..order(Fault::TooMany)
        };
        faults.place(Vendor::Bedrock, once);
        assert_eq!(faults.start(Vendor::Bedrock).err(), Some(Refusal::TooMany));
        assert!(faults.start(Vendor::Bedrock).is_ok());
    }

    #[test]
    fn one_event_changes_places_or_doubles_and_the_rest_is_sound() {
        for (fault, step) in [(Fault::WrongOrder, Step::Hold), (Fault::Duplicate, Step::Twice)] {
            let mut faults = Faults::default();
            faults.place(Vendor::Deepgram, order(fault));
            assert_eq!(steps(&mut faults, 3), [Step::Send, step, Step::Send]);
        }
    }

    #[test]
    fn an_order_strikes_its_own_vendor_alone_and_can_be_withdrawn() {
        let mut faults = Faults::default();
        faults.place(Vendor::Flux, order(Fault::Refuse));
        assert_eq!(steps(&mut faults, 2), [Step::Send, Step::Send]);
        assert_eq!(faults.start(Vendor::Flux).err(), Some(Refusal::Drop));
        faults.withdraw(Some(Vendor::Flux));
        assert!(faults.start(Vendor::Flux).is_ok());
    }
}
