//! An error of one field of a request.

use serde_json::{Value, json};

/// The location of the field, the error and its fix.
#[derive(Debug, Clone)]
pub(crate) struct FieldError {
    /// Outermost first.
    pub(crate) loc: Vec<Value>,
    msg: String,
    kind: &'static str,
}

impl FieldError {
    pub(crate) fn new(loc: Vec<Value>, kind: &'static str, msg: impl Into<String>) -> Self {
        Self { loc, msg: msg.into(), kind }
    }

    /// An error that no schema describes.
    pub(crate) fn value(loc: &[Value], msg: impl Into<String>) -> Self {
        Self::new(loc.to_vec(), "value_error", msg)
    }

    pub(crate) fn missing(loc: Vec<Value>) -> Self {
        Self::new(loc, "missing", "This field is required")
    }

    pub(crate) fn into_json(self) -> Value {
        json!({"loc": self.loc, "msg": self.msg, "type": self.kind})
    }
}
