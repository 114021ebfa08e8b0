//! Bedside.
fn main() {}
