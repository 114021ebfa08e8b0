//! Prints the wire for checks from outside: `wire server-events` (one of every kind, a line each), `wire
//! server-schema`, `wire client-schema`.

#[path = "../tests/common/mod.rs"]
mod samples;

use std::io::Write as _;

use bedside_protocol::{client_schema, server_schema};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        Some("server-events") => {
            for event in samples::server_events() {
                writeln!(out, "{}", event.to_json()?)?;
            }
        }
        Some("server-schema") => writeln!(out, "{}", serde_json::to_string_pretty(&server_schema())?)?,
        Some("client-schema") => writeln!(out, "{}", serde_json::to_string_pretty(&client_schema())?)?,
        _ => return Err("expected server-events, server-schema or client-schema".into()),
    }
    Ok(())
}
