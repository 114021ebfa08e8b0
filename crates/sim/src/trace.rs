//! What happened, as a fingerprint and, when someone wants to read it, as text.

use std::fmt::{self, Debug, Write};

use bedside_conversation::time::Time;

/// The record of one run.
#[derive(Debug)]
pub struct Trace {
    outputs: Fingerprint,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// Keeps the fingerprint alone, or also the text (which costs time and memory).
    pub fn new(readable: bool) -> Self {
        Self {
            outputs: Fingerprint::default(),
            lines: readable.then(Vec::new),
        }
    }

    /// The core put something out. Only outputs make the fingerprint.
    pub fn output(&mut self, now: Time, output: &impl Debug) {
        // Writing to a fingerprint cannot fail.
        let _ = writeln!(self.outputs, "{} {output:?}", now.as_micros());
        self.note(now, "   >", output);
    }

    /// Something happened that the reader of a failure wants to see.
    pub fn note(&mut self, now: Time, mark: &str, what: &impl Debug) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!(
                "{:>11.3} {mark} {what:?}",
                now.as_micros() as f64 / 1_000.0
            ));
        }
    }

    /// The fingerprint of all outputs and their times so far.
    pub fn hash(&self) -> u64 {
        self.outputs.0
    }

    /// The text, oldest line first; empty if it was not wanted. Times are milliseconds.
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or(&[])
    }
}

/// FNV-1a, 64 bits: stable across platforms and compilers, unlike the standard library's hasher.
#[derive(Debug)]
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_sees_content_time_and_order() {
        let hash = |outputs: &[(u64, &str)]| {
            let mut trace = Trace::new(false);
            for (at, output) in outputs {
                trace.output(Time::from_millis(*at), output);
            }
            trace.hash()
        };
        assert_eq!(hash(&[(1, "a"), (2, "b")]), hash(&[(1, "a"), (2, "b")]));
        assert_ne!(hash(&[(1, "a"), (2, "b")]), hash(&[(1, "b"), (2, "a")]));
        assert_ne!(hash(&[(1, "a")]), hash(&[(2, "a")]));
    }
}
