//! What `bedside scan` makes of a scan: words, tables, JSON and a plot.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod plot;
pub(crate) mod record;
pub(crate) mod text;
