//! A run as files: JSON for programs, and one page of HTML that needs nothing else to be read.
//!
//! The page is made of text whose escaping is the template's business ([`maud`]), and of plots that are drawn here: a
//! plotting crate would fix colours and sizes in the file, and these plots follow the reader's light or dark theme, name
//! themselves to screen readers, and have the axis of tails that latency needs.

mod capacity;
mod chart;
mod curves;
mod headline;
mod json;
mod number;
mod page;
mod summary;
mod tables;
mod timeline;

pub use json::{Document, json};
pub use page::html;
