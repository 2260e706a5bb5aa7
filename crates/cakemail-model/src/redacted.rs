//! `Debug` without text: it may be an address, a name or content, which do not belong in logs.

use std::fmt;

use serde_json::Value;

use crate::{JsonObject, Patch};

/// A value whose `Debug` shows the length of each text in place of the text.
///
/// Generated types format every field of free text with it, so that no new field can be forgotten.
pub struct Redacted<'a, T: ?Sized>(pub &'a T);

/// A value of text, or one that contains text.
pub trait Redact {
    /// Formats the value without its text.
    ///
    /// # Errors
    /// Those of the formatter.
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Redact + ?Sized> fmt::Debug for Redacted<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.redact(f)
    }
}

impl Redact for str {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.len())
    }
}

impl Redact for String {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().redact(f)
    }
}

impl Redact for Value {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => text.redact(f),
            Self::Object(object) => object.redact(f),
            Self::Array(items) => items.redact(f),
            Self::Number(_) => f.write_str("<number>"),
            Self::Null | Self::Bool(_) => write!(f, "{self}"),
        }
    }
}

impl Redact for JsonObject {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} fields>", self.len())
    }
}

impl<T: Redact> Redact for Vec<T> {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Redacted)).finish()
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_ref().map(Redacted), f)
    }
}

impl<T: Redact> Redact for Patch<T> {
    fn redact(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = match self {
            Self::Leave => Patch::Leave,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(Redacted(value)),
        };
        fmt::Debug::fmt(&redacted, f)
    }
}
