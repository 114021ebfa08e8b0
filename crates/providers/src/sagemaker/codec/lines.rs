use bedside_conversation::io::FaultKind;

/// The longest line, bytes. One that is longer is no piece of an answer to speak.
const LONGEST: usize = 1024 * 1024;

/// Puts together lines that come in pieces.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), FaultKind> {
        if self.bytes.len() + piece.len() > LONGEST {
            return Err(FaultKind::Internal);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The next whole line that is not empty, without its end.
    pub(super) fn take(&mut self) -> Result<Option<String>, FaultKind> {
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = std::str::from_utf8(&line)
                .map_err(|_| FaultKind::Internal)?
                .trim();
            if !line.is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
        Ok(None)
    }
}
