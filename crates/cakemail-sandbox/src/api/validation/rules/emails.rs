//! Rules for submissions.

use serde_json::{Map, Value};

use crate::api::field_error::FieldError;
use crate::domain::Fields;
use crate::domain::Profile;

/// Reports all errors at once.
pub(super) fn check(body: &Map<String, Value>, profile: &Profile) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if body.field("email").is_none() && body.field("contact_id").is_none() {
        errors.push(FieldError::missing(loc(&["email"])));
    }
    if let Some(content) = body.object("content") {
        check_content(content, profile, &mut errors);
    }
    for (index, header) in body.list("additional_headers").into_iter().flatten().enumerate() {
        let name = header["name"].as_str().unwrap_or_default();
        if ["cc", "bcc"].iter().any(|refused| name.trim().eq_ignore_ascii_case(refused)) {
            let at = ["body".into(), "additional_headers".into(), index.into(), "name".into()];
            errors.push(FieldError::value(&at, format!("{name} is not allowed: send one email to each recipient")));
        }
    }
    errors
}

fn check_content(content: &Map<String, Value>, profile: &Profile, errors: &mut Vec<FieldError>) {
    let has_body = content.field("html").is_some() || content.field("text").is_some();
    match (has_body, content.field("template").is_some()) {
        (false, false) => errors.push(FieldError::value(&loc(&["content"]), "Give html, text or both, or a template")),
        (true, true) => {
            errors.push(FieldError::value(&loc(&["content"]), "Give either html and text, or a template, not both"));
        }
        _ => {}
    }
    if has_body && profile.encoding_required && content.field("encoding").is_none() {
        errors.push(FieldError::missing(loc(&["content", "encoding"])));
    }
}

fn loc(path: &[&str]) -> Vec<Value> {
    std::iter::once("body").chain(path.iter().copied()).map(Value::from).collect()
}
