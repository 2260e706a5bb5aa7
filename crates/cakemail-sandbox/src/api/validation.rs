//! Checks a request against its operation's schemas, and names each faulty field.

pub(crate) mod form;
mod request;
mod text;

use serde_json::{Map, Value, json};

use crate::api::document::Document;
use crate::domain::profile::Profile;

pub(crate) use request::{Checked, request, sent};
pub(crate) use text::Pattern;

/// One faulty field: where it is, what is wrong, and how to mend it.
#[derive(Debug)]
pub(crate) struct FieldError {
    loc: Vec<Value>,
    msg: String,
    kind: &'static str,
}

impl FieldError {
    pub(crate) fn new(loc: Vec<Value>, kind: &'static str, msg: impl Into<String>) -> Self {
        Self { loc, msg: msg.into(), kind }
    }

    /// A fault that no schema describes.
    pub(crate) fn value(loc: &[Value], msg: impl Into<String>) -> Self {
        Self::new(loc.to_vec(), "value_error", msg)
    }

    pub(crate) fn missing(loc: Vec<Value>) -> Self {
        Self::new(loc, "missing", "This field is required")
    }

    pub(crate) fn into_json(self) -> Value {
        json!({"loc": self.loc, "msg": self.msg, "type": self.kind})
    }
}

/// Walks a value along its schema. The value is made regular on the way: a bare number where an id's text belongs becomes
/// text.
pub(crate) struct Checker<'a> {
    document: &'a Document,
    profile: &'a Profile,
    loc: Vec<Value>,
    pub(crate) errors: Vec<FieldError>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(document: &'a Document, profile: &'a Profile) -> Self {
        Self { document, profile, loc: Vec::new(), errors: Vec::new() }
    }

    fn fault(&mut self, kind: &'static str, msg: impl Into<String>) {
        self.errors.push(FieldError::new(self.loc.clone(), kind, msg));
    }

    /// Does something one step further inside.
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
            ("string", _) => self.fault("string_type", "This must be text"),
            ("integer", Value::Number(number)) if number.is_i64() => self.bounds(schema, number),
            ("integer", Value::Number(number)) if whole(number).is_some() => {
                self.bounds(schema, number);
                *value = whole(number).into();
            }
            ("integer", _) => self.fault("int_type", "This must be a whole number, without quotes"),
            ("number", Value::Number(number)) => self.bounds(schema, number),
            ("number", _) => self.fault("float_type", "This must be a number, without quotes"),
            ("boolean", Value::Bool(_)) => {}
            ("boolean", _) => self.fault("bool_type", "This must be true or false, without quotes"),
            ("array", Value::Array(items)) => self.array(schema, items),
            ("array", _) => self.fault("list_type", "This must be a list: [ … ]"),
            ("object", Value::Object(fields)) => self.object(schema, fields),
            ("object", _) => self.fault("dict_type", "This must be an object: { … }"),
            _ => {}
        }
    }

    fn object(&mut self, schema: &Value, fields: &mut Map<String, Value>) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if fields.get(name).is_none_or(Value::is_null) {
                self.inside(name, |it| it.errors.push(FieldError::missing(it.loc.clone())));
            }
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let Some(value) = fields.get_mut(name).filter(|value| !value.is_null()) else { continue };
            let number = value.as_i64().filter(|_| self.profile.bare_sender_ids && name == "id");
            if let Some(id) = number.filter(|_| self.document.resolve(schema)["type"] == "string") {
                *value = id.to_string().into();
            }
            self.inside(name.as_str(), |it| it.check(schema, value));
        }
        let unknown = |name: &&String| schema["properties"].get(name.as_str()).is_none();
        if schema["additionalProperties"] == false {
            for name in fields.keys().filter(unknown) {
                let names: Vec<_> =
                    schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                let msg = format!("There is no such field; there are {}", names.join(", "));
                self.inside(name.as_str(), |it| it.fault("extra_forbidden", msg));
            }
        }
    }

    fn array(&mut self, schema: &Value, items: &mut [Value]) {
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if let Some(least) = least.filter(|least| (items.len() as u64) < *least) {
            self.fault("too_short", format!("This list needs at least {least} item(s)"));
        }
        if let Some(most) = most.filter(|most| items.len() as u64 > *most) {
            self.fault("too_long", format!("This list may have at most {most} items"));
        }
        for (index, item) in items.iter_mut().enumerate() {
            self.inside(index, |it| it.check(&schema["items"], item));
        }
    }

    fn bounds(&mut self, schema: &Value, number: &serde_json::Number) {
        let number = number.as_f64().unwrap_or(f64::MAX);
        if let Some(least) = schema["minimum"].as_f64().filter(|least| number < *least) {
            self.fault("greater_than_equal", format!("This must be {least} or more"));
        }
        if let Some(most) = schema["maximum"].as_f64().filter(|most| number > *most) {
            self.fault("less_than_equal", format!("This must be {most} or less"));
        }
    }

    fn text(&mut self, schema: &Value, value: &str) {
        let length = value.chars().count() as u64;
        if let Some(least) = schema["minLength"].as_u64().filter(|least| length < *least) {
            return self.fault("string_too_short", format!("This must have at least {least} character(s)"));
        }
        if let Some(most) = schema["maxLength"].as_u64().filter(|most| length > *most) {
            return self.fault("string_too_long", format!("This may have at most {most} characters"));
        }
        let allowed = schema["enum"].as_array().filter(|allowed| !allowed.iter().any(|it| it == value));
        if let Some(allowed) = allowed.filter(|_| !self.is_email_webhook(value)) {
            return self.fault("enum", format!("This must be one of {}", text::listed(allowed)));
        }
        let pattern = schema["pattern"].as_str().and_then(|source| self.document.pattern(source));
        if let Some(pattern) = pattern.filter(|pattern| !pattern.fits(value)) {
            return self.fault("string_pattern_mismatch", pattern.advice());
        }
        if let Some((kind, msg)) = schema["format"].as_str().and_then(|format| text::format_fault(format, value)) {
            self.fault(kind, msg);
        }
    }

    /// Whether this is an event of an email, where a webhook is created: that may be for more than is declared.
    fn is_email_webhook(&self, value: &str) -> bool {
        let all = json!({"$ref": "EventType"});
        let known = |all: &Value| all.as_array().is_some_and(|all| all.iter().any(|it| it == value));
        let here = self.loc.last().is_some_and(|step| step == "event") && value.starts_with("Email.");
        here && self.profile.email_webhooks && known(&self.document.resolve(&all)["enum"])
    }

    /// Takes the branch that fits; else tells the errors of the one branch that the value could be meant for: of objects,
    /// one that has a field in common with it, where any has.
    fn any_of(&mut self, branches: &[Value], value: &mut Value) {
        let document = self.document;
        let names: Vec<_> = value.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        let has = |branch: &Value| {
            let properties = &document.resolve(branch)["properties"];
            names.iter().any(|name| properties.get(name).is_some())
        };
        let some_has = branches.iter().any(has);
        let mut meant = Vec::new();
        for branch in branches {
            let mut trial = Checker { loc: self.loc.clone(), ..Checker::new(self.document, self.profile) };
            let mut copy = value.clone();
            trial.check(branch, &mut copy);
            if trial.errors.is_empty() {
                *value = copy;
                return;
            }
            if has(branch) == some_has && trial.errors.iter().any(|fault| fault.loc.len() > self.loc.len()) {
                meant.append(&mut trial.errors);
            }
        }
        if meant.is_empty() {
            let forms: Vec<_> = branches.iter().map(|branch| text::described(self.document.resolve(branch))).collect();
            self.fault("value_error", format!("This must be {}", forms.join(", or ")));
        }
        self.errors.append(&mut meant);
    }
}

/// The whole number that is written as `7.0`: to JSON Schema that is one.
#[expect(clippy::cast_possible_truncation, reason = "within these bounds it is exact")]
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64)
}
