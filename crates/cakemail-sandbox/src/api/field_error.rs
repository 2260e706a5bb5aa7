//! The errors of the fields of a request.

use serde_json::{Value, json};

/// How many errors a response lists.
const MAX_LISTED: usize = 100;

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

    fn into_json(self) -> Value {
        json!({"loc": self.loc, "msg": self.msg, "type": self.kind})
    }
}

/// The errors of a request: the first hundred, and how many there are besides.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors {
    pub(crate) listed: Vec<FieldError>,
    more: usize,
}

impl FieldErrors {
    pub(crate) fn push(&mut self, error: FieldError) {
        self.push_with(|| error);
    }

    /// Adds an error, which is not made when it would not be listed.
    pub(crate) fn push_with(&mut self, error: impl FnOnce() -> FieldError) {
        if self.listed.len() < MAX_LISTED {
            self.listed.push(error());
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        other.listed.into_iter().for_each(|error| self.push(error));
        self.more += other.more;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// An entry for each error that is listed, and a last one with the number of the others.
    pub(crate) fn into_json(self) -> Vec<Value> {
        let more = (self.more > 0).then(|| {
            let msg = format!("{} more errors are not listed", self.more);
            FieldError::new(Vec::new(), "too_many_errors", msg)
        });
        self.listed.into_iter().chain(more).map(FieldError::into_json).collect()
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self { listed: vec![error], more: 0 }
    }
}
