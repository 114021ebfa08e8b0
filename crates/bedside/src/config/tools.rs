//! `[tools.NAME]`: functions of the clinic's own, which the model may call and the server runs by a webhook.

use super::reader::Reader;

/// A function of the clinic's own.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    /// Where its key is.
    pub(crate) key: Option<super::secret::SecretSource>,
}

pub(super) fn read(_: &mut Reader<'_>) -> Vec<Tool> {
    Vec::new()
}
