//! What an email must be, beyond its schema.

use serde_json::{Map, Value};

use crate::api::Fields;
use crate::profile::Profile;
use crate::validate::Fault;

/// Tells all that is wrong, whatever else is.
pub(in crate::api) fn rules(body: &Map<String, Value>, profile: &Profile) -> Vec<Fault> {
    let mut faults = Vec::new();
    if body.field("email").is_none() && body.field("contact_id").is_none() {
        faults.push(Fault::missing(loc(&["email"])));
    }
    if let Some(content) = body.object("content") {
        content_rules(content, profile, &mut faults);
    }
    for (index, header) in body.list("additional_headers").into_iter().flatten().enumerate() {
        let name = header["name"].as_str().unwrap_or_default();
        if ["cc", "bcc"].iter().any(|refused| name.trim().eq_ignore_ascii_case(refused)) {
            let at = ["body".into(), "additional_headers".into(), index.into(), "name".into()];
            faults.push(Fault::value(&at, format!("{name} is not allowed: send one email to each recipient")));
        }
    }
    faults
}

fn content_rules(content: &Map<String, Value>, profile: &Profile, faults: &mut Vec<Fault>) {
    let written = content.field("html").is_some() || content.field("text").is_some();
    match (written, content.field("template").is_some()) {
        (false, false) => faults.push(Fault::value(&loc(&["content"]), "Give html, text or both, or a template")),
        (true, true) => {
            faults.push(Fault::value(&loc(&["content"]), "Give either html and text, or a template, not both"));
        }
        _ => {}
    }
    if written && profile.encoding_required && content.field("encoding").is_none() {
        faults.push(Fault::missing(loc(&["content", "encoding"])));
    }
}

fn loc(path: &[&str]) -> Vec<Value> {
    std::iter::once("body").chain(path.iter().copied()).map(Value::from).collect()
}
