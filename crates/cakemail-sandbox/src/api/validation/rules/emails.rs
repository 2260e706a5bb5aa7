//! Rules for submissions.

use std::borrow::Cow;

use cakemail_model::{check_header_name, check_line};
use serde_json::{Map, Value};

use crate::api::field_error::{FieldError, FieldErrors};
use crate::domain::Fields;
use crate::domain::Profile;

/// Reports all errors at once.
pub(super) fn check(body: &Map<String, Value>, profile: &Profile) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if body.field("email").is_none() && body.field("contact_id").is_none() {
        errors.push(FieldError::missing(loc(&["email"])));
    }
    if let Some(content) = body.object("content") {
        check_content(content, profile, &mut errors);
    }
    check_headers(body, &mut errors);
    errors
}

fn check_headers(body: &Map<String, Value>, errors: &mut FieldErrors) {
    let is_marketing = body.object("content").is_some_and(|content| content.text("type") == Some("marketing"));
    for (index, header) in body.list("additional_headers").into_iter().flatten().enumerate() {
        let mut check = |part: &str, check: &dyn Fn(&str) -> Option<Cow<'static, str>>| {
            if let Some(message) = header[part].as_str().and_then(check) {
                let at = ["body".into(), "additional_headers".into(), index.into(), part.into()];
                errors.push(FieldError::value(&at, format!("This {message}")));
            }
        };
        check("name", &|name| check_header_name(name, is_marketing));
        check("value", &check_line);
    }
}

fn check_content(content: &Map<String, Value>, profile: &Profile, errors: &mut FieldErrors) {
    let has_body = content.field("html").is_some() || content.field("text").is_some();
    match (has_body, content.field("template").is_some()) {
        (false, false) => errors.push(FieldError::value(&loc(&["content"]), "Give html, text or both, or a template")),
        (true, true) => {
            errors.push(FieldError::value(&loc(&["content"]), "Give either html and text, or a template, not both"));
        }
        _ => {}
    }
    if let Some(message) = content.text("subject").and_then(check_line) {
        errors.push(FieldError::value(&loc(&["content", "subject"]), format!("This {message}")));
    }
    if has_body && profile.encoding_required && content.field("encoding").is_none() {
        errors.push(FieldError::missing(loc(&["content", "encoding"])));
    }
}

fn loc(path: &[&str]) -> Vec<Value> {
    std::iter::once("body").chain(path.iter().copied()).map(Value::from).collect()
}
