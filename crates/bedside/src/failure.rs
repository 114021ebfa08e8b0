//! How a command fails: in words for a person and an exit code for a script.

use std::fmt;
use std::process::ExitCode;

/// A failed command. The codes are those of BSD's `sysexits.h`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The command line or the configuration is wrong (64).
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(64, &message)
    }

    /// A file given to the command is not what it should be (65).
    pub(crate) fn data(message: impl fmt::Display) -> Self {
        Self::new(65, &message)
    }

    /// Something the command needs is not there: a model, a server, an address (69).
    pub(crate) fn unavailable(message: impl fmt::Display) -> Self {
        Self::new(69, &message)
    }

    /// A part of Bedside failed (70).
    pub(crate) fn internal(message: impl fmt::Display) -> Self {
        Self::new(70, &message)
    }

    /// A file could not be read or written (74).
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(74, &format_args!("{}: {error}", path.display()))
    }

    fn new(code: u8, message: &dyn fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
