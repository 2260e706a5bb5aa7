//! Rules for suppressed addresses.

use serde_json::{Map, Value};

use crate::api::field_error::{FieldError, FieldErrors};
use crate::domain::Fields;

/// An entry has one of three forms. The schema says so only for removing one.
pub(super) fn check(body: &Map<String, Value>) -> FieldErrors {
    let Some((name, domain)) =
        body.text("email").filter(|it| !it.is_empty()).map(|it| it.split_once('@').unwrap_or((it, "")))
    else {
        return FieldErrors::default();
    };
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', '*']);
    let named =
        |domain: &str| plain(domain) && domain.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    if (plain(name) && (domain == "*" || named(domain))) || (name == "*" && named(domain)) {
        return FieldErrors::default();
    }
    let msg = "This must be an address (a@b.c), a whole domain (*@b.c) or a name at any domain (a@*)";
    FieldError::value(&["body".into(), "email".into()], msg).into()
}
