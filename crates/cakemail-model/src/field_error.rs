//! The errors of a request's fields, found by validation or returned by the server.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check_line;

/// A field of a request that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldError {
    /// The field's path, such as `content.subject` or `tags[1]`. Empty if the error names no field.
    pub field: String,
    /// What is wrong and how to fix it. Validation never repeats the field's value here.
    pub message: String,
}

impl FieldError {
    /// Creates an error for a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for FieldError {}

/// All fields of a request that are wrong, so that they can be fixed at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds an error.
    pub fn push(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Adds an error if a text is given that is not one line: see [`check_line`].
    pub fn check_line(&mut self, field: &str, text: Option<&String>) {
        if let Some(message) = text.and_then(|text| check_line(text)) {
            self.push(field, message);
        }
    }

    /// The errors, in the order they were added.
    pub fn as_slice(&self) -> &[FieldError] {
        &self.0
    }

    /// The errors as a vector.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }

    /// `Ok` if there is no error.
    ///
    /// # Errors
    /// `self`, if there is an error.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FieldErrors {}
