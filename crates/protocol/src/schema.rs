//! JSON Schema (draft 2020-12) of both directions, for documentation and for checks from outside.

use schemars::{Schema, schema_for};

use crate::client::ClientEvent;
use crate::server::ServerEvent;

/// What clients may send. The parser is laxer where its documentation says so.
pub fn client_schema() -> Schema {
    schema_for!(ClientEvent)
}

/// What the server sends.
pub fn server_schema() -> Schema {
    schema_for!(ServerEvent)
}
