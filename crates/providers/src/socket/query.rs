use std::fmt::Write as _;

/// Percent-encodes the value of a query's parameter at the end of `out`.
pub(crate) fn encode(value: &str, out: &mut String) {
    for &byte in value.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
