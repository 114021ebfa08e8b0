//! The heart of Bedside: a consultation as a pure state machine.
//!
//! No sockets, threads or clocks: the caller passes the time and what happened, and drains what is to be done.
//! It must never know a vendor, a model file or a socket.

pub mod context;
pub mod io;
pub mod time;
