//! One field of an update: absent, null or a value are three different wishes.

use serde::{Serialize, Serializer};

/// What an update asks of one nullable field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field was absent: it stays as it is.
    #[default]
    Keep,
    /// The field was `null`: it is turned off.
    Clear,
    /// The field had a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field was absent. Serialised structs leave such a field out.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

/// Whether a value is its type's default, for leaving out empty objects.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
