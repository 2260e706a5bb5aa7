//! Validates a request against its operation's schemas, with an error for each invalid field.

mod format;
mod request;
mod rules;

use serde_json::{Map, Value, json};

use super::document::Document;
use super::field_error::{FieldError, FieldErrors};
use crate::domain::Profile;

pub(crate) use request::validate;

/// Validates a value against its schema. It also corrects the value: a bare number in place of an id becomes text.
pub(crate) struct Checker<'a> {
    document: &'a Document,
    profile: &'a Profile,
    loc: Vec<Value>,
    pub(crate) errors: FieldErrors,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(document: &'a Document, profile: &'a Profile) -> Self {
        Self { document, profile, loc: Vec::new(), errors: FieldErrors::default() }
    }

    fn error(&mut self, kind: &'static str, msg: impl Into<String>) {
        self.errors.push_with(|| FieldError::new(self.loc.clone(), kind, msg));
    }

    /// Checks a part of the value that is one step deeper.
    fn inside<T>(&mut self, step: impl Into<Value>, check: impl FnOnce(&mut Self) -> T) -> T {
        self.loc.push(step.into());
        let result = check(self);
        self.loc.pop();
        result
    }

    fn check(&mut self, schema: &Value, value: &mut Value) {
        let schema = self.document.resolve(schema);
        if let Some(branches) = schema["anyOf"].as_array() {
            return self.any_of(branches, value);
        }
        match (schema["type"].as_str().unwrap_or_default(), &mut *value) {
            ("string", Value::String(text)) => self.text(schema, text),
            ("string", _) => self.error("string_type", "This must be text"),
            ("integer", Value::Number(number)) if number.is_i64() => self.bounds(schema, number),
            ("integer", Value::Number(number)) if integer(number).is_some() => {
                self.bounds(schema, number);
                *value = integer(number).into();
            }
            ("integer", _) => self.error("int_type", "This must be a whole number, without quotes"),
            ("number", Value::Number(number)) => self.bounds(schema, number),
            ("number", _) => self.error("float_type", "This must be a number, without quotes"),
            ("boolean", Value::Bool(_)) => {}
            ("boolean", _) => self.error("bool_type", "This must be true or false, without quotes"),
            ("array", Value::Array(items)) => self.array(schema, items),
            ("array", _) => self.error("list_type", "This must be a list: [ … ]"),
            ("object", Value::Object(fields)) => self.object(schema, fields),
            ("object", _) => self.error("dict_type", "This must be an object: { … }"),
            _ => {}
        }
    }

    fn object(&mut self, schema: &Value, fields: &mut Map<String, Value>) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if fields.get(name).is_none_or(Value::is_null) {
                self.inside(name, |checker| checker.errors.push(FieldError::missing(checker.loc.clone())));
            }
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let Some(value) = fields.get_mut(name).filter(|value| !value.is_null()) else { continue };
            let number = value.as_i64().filter(|_| self.profile.bare_sender_ids && name == "id");
            if let Some(id) = number.filter(|_| self.document.resolve(schema)["type"] == "string") {
                *value = id.to_string().into();
            }
            self.inside(name.as_str(), |checker| checker.check(schema, value));
        }
        let unknown = |name: &&String| schema["properties"].get(name.as_str()).is_none();
        if schema["additionalProperties"] == false {
            for name in fields.keys().filter(unknown) {
                let names: Vec<_> =
                    schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                let msg = format!("This field does not exist; the fields are {}", names.join(", "));
                self.inside(name.as_str(), |checker| checker.error("extra_forbidden", msg));
            }
        }
    }

    fn array(&mut self, schema: &Value, items: &mut [Value]) {
        let (min, max) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if let Some(min) = min.filter(|min| (items.len() as u64) < *min) {
            self.error("too_short", format!("This list needs at least {min} item(s)"));
        }
        if let Some(max) = max.filter(|max| items.len() as u64 > *max) {
            self.error("too_long", format!("This list may have at most {max} items"));
        }
        for (index, item) in items.iter_mut().enumerate() {
            self.inside(index, |checker| checker.check(&schema["items"], item));
        }
    }

    fn bounds(&mut self, schema: &Value, number: &serde_json::Number) {
        let number = number.as_f64().unwrap_or(f64::MAX);
        if let Some(min) = schema["minimum"].as_f64().filter(|min| number < *min) {
            self.error("greater_than_equal", format!("This must be {min} or more"));
        }
        if let Some(max) = schema["maximum"].as_f64().filter(|max| number > *max) {
            self.error("less_than_equal", format!("This must be {max} or less"));
        }
    }

    fn text(&mut self, schema: &Value, value: &str) {
        let length = value.chars().count() as u64;
        if let Some(min) = schema["minLength"].as_u64().filter(|min| length < *min) {
            return self.error("string_too_short", format!("This must have at least {min} character(s)"));
        }
        if let Some(max) = schema["maxLength"].as_u64().filter(|max| length > *max) {
            return self.error("string_too_long", format!("This may have at most {max} characters"));
        }
        let allowed = schema["enum"].as_array().filter(|allowed| !allowed.iter().any(|it| it == value));
        if let Some(allowed) = allowed.filter(|_| !self.is_email_webhook(value)) {
            return self.error("enum", format!("This must be one of {}", format::listed(allowed)));
        }
        let pattern = schema["pattern"].as_str().and_then(|source| self.document.pattern(source));
        if let Some(pattern) = pattern.filter(|pattern| !pattern.matches(value)) {
            return self.error("string_pattern_mismatch", pattern.advice());
        }
        if let Some((kind, msg)) = schema["format"].as_str().and_then(|format| format::check(format, value)) {
            self.error(kind, msg);
        }
    }

    /// Whether this is an event of a webhook that the schema does not declare and the profile allows.
    fn is_email_webhook(&self, value: &str) -> bool {
        let all = json!({"$ref": "EventType"});
        let known = |all: &Value| all.as_array().is_some_and(|all| all.iter().any(|it| it == value));
        let here = self.loc.last().is_some_and(|step| step == "event") && value.starts_with("Email.");
        here && self.profile.email_webhooks && known(&self.document.resolve(&all)["enum"])
    }

    /// Takes the first branch that the value matches. Otherwise reports the errors of the branches that it could be
    /// meant for: for an object those that share a field with it, if any does.
    fn any_of(&mut self, branches: &[Value], value: &mut Value) {
        let document = self.document;
        let names: Vec<_> = value.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        let has = |branch: &Value| {
            let properties = &document.resolve(branch)["properties"];
            names.iter().any(|name| properties.get(name).is_some())
        };
        let some_has = branches.iter().any(has);
        let mut meant = FieldErrors::default();
        for branch in branches {
            let mut trial = Checker { loc: self.loc.clone(), ..Checker::new(self.document, self.profile) };
            let mut copy = value.clone();
            trial.check(branch, &mut copy);
            if trial.errors.is_empty() {
                *value = copy;
                return;
            }
            if has(branch) == some_has && trial.errors.listed.iter().any(|error| error.loc.len() > self.loc.len()) {
                meant.append(trial.errors);
            }
        }
        if meant.is_empty() {
            let forms: Vec<_> =
                branches.iter().map(|branch| format::described(self.document.resolve(branch))).collect();
            self.error("value_error", format!("This must be {}", forms.join(", or ")));
        }
        self.errors.append(meant);
    }
}

/// The integer that is written as `7.0`, which JSON Schema counts as one.
#[expect(clippy::cast_possible_truncation, reason = "within these bounds it is exact")]
fn integer(number: &serde_json::Number) -> Option<i64> {
    number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64)
}
