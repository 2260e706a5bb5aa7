//! The three states of a field in a `PATCH`: unchanged, cleared, set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The change that a `PATCH` makes to a field.
///
/// ```
/// use cakemail_model::Patch;
/// use cakemail_model::senders::SenderPatch;
///
/// let mut patch = SenderPatch::new().name("Ada");
/// assert_eq!(serde_json::to_string(&patch)?, r#"{"name":"Ada"}"#);
/// patch.language = Patch::Clear;
/// assert_eq!(serde_json::to_string(&patch)?, r#"{"name":"Ada","language":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leaves the field unchanged: it is not sent.
    #[default]
    Leave,
    /// Clears the field: `null` is sent.
    Clear,
    /// Sets the field to a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is left unchanged.
    pub const fn is_leave(&self) -> bool {
        matches!(self, Self::Leave)
    }

    /// The value, if the field is set to one.
    pub const fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Leave | Self::Clear => None,
        }
    }

    /// The value that the field is set to: the default, if it was left or cleared.
    pub fn get_or_insert_default(&mut self) -> &mut T
    where
        T: Default,
    {
        if !matches!(self, Self::Set(_)) {
            *self = Self::Set(T::default());
        }
        match self {
            Self::Set(value) => value,
            Self::Leave | Self::Clear => unreachable!("the value was just set"),
        }
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_some(value),
            Self::Leave | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
