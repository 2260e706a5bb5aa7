//! Rules for a body that its schema does not express. A resource's rules are in the file of its name.

mod emails;
mod suppressions;
mod tokens;

use serde_json::{Map, Value};

use crate::api::document::Operation;
use crate::api::field_error::FieldErrors;
use crate::domain::Profile;

/// The errors of a body that fits its schema.
pub(super) fn check(operation: &Operation, body: &Map<String, Value>, profile: &Profile) -> FieldErrors {
    match operation.id.as_str() {
        "submitEmail" => emails::check(body, profile),
        "createSuppressedEmail" => suppressions::check(body),
        "createToken" => tokens::check(body),
        _ => FieldErrors::default(),
    }
}
