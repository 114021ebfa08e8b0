//! Identifiers of function calls that are unique in a session, whoever makes the calls.

/// Makes the identifiers of one answer. Vendors are not to be relied on for them: some send none, some begin at
/// `call_0` with every answer.
#[derive(Debug)]
pub(crate) struct CallIds {
    answer: u64,
    made: u32,
}

/// For an answer of its own.
impl Default for CallIds {
    fn default() -> Self {
        let answer = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
        Self { answer, made: 0 }
    }
}

impl CallIds {
    /// The next one.
    pub(crate) fn fresh(&mut self) -> String {
        self.made += 1;
        format!("call_{:016x}_{}", self.answer, self.made)
    }
}
