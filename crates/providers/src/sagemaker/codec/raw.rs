use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;

/// Puts together characters that come in pieces.
#[derive(Debug, Default)]
pub(crate) struct RawText {
    /// The beginning of a character.
    held: Vec<u8>,
    spoke: bool,
}

impl RawText {
    pub(super) fn part(&mut self, bytes: &[u8], out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        self.held.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.held) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_some() => return Err(FaultKind::Internal),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.held.split_off(whole);
        let text =
            String::from_utf8(std::mem::replace(&mut self.held, rest)).map_err(|_| FaultKind::Internal)?;
        if !text.is_empty() {
            self.spoke = true;
            out.push_back(ModelEvent::TextDelta(text));
        }
        Ok(())
    }

    pub(super) fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        if !self.spoke || !self.held.is_empty() {
            return Err(FaultKind::Internal);
        }
        out.push_back(ModelEvent::Done {
            usage: ModelUsage::default(),
            finish: Finish::Stop,
        });
        Ok(())
    }
}
