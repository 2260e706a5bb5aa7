//! Rules for signing in.

use serde_json::{Map, Value};

use crate::api::field_error::{FieldError, FieldErrors};
use crate::domain::Fields;

/// Each grant type requires fields that the schema calls optional.
pub(super) fn check(body: &Map<String, Value>) -> FieldErrors {
    let needed: &[&str] = match body.text("grant_type") {
        Some("refresh_token") => &["refresh_token"],
        None | Some("password") => &["username", "password"],
        Some(_) => &[],
    };
    let mut errors = FieldErrors::default();
    for name in needed.iter().filter(|name| body.field(name).is_none()) {
        errors.push(FieldError::missing(vec!["body".into(), (*name).into()]));
    }
    errors
}
