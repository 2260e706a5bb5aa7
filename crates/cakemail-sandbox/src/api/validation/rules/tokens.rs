//! Rules for signing in.

use serde_json::{Map, Value};

use crate::api::field_error::FieldError;
use crate::domain::Fields;

/// Each grant type requires fields that the schema calls optional.
pub(super) fn check(body: &Map<String, Value>) -> Vec<FieldError> {
    let needed: &[&str] = match body.text("grant_type") {
        Some("refresh_token") => &["refresh_token"],
        None | Some("password") => &["username", "password"],
        Some(_) => &[],
    };
    let absent = needed.iter().filter(|name| body.field(name).is_none());
    absent.map(|name| FieldError::missing(vec!["body".into(), (*name).into()])).collect()
}
