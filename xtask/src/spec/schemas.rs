//! Compares schemas: types, fields and enum values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::report::{Class, Report};

/// Whether a schema is sent or received, which decides what breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Request,
    Response,
}

pub struct Schemas<'a, 'r> {
    ours: &'a Value,
    official: &'a Value,
    direction: Direction,
    report: &'r mut Report,
    /// The pairs of components that are compared already: they may refer to themselves.
    seen: BTreeSet<(String, String)>,
}

impl<'a, 'r> Schemas<'a, 'r> {
    pub fn new(ours: &'a Value, official: &'a Value, direction: Direction, report: &'r mut Report) -> Self {
        Self { ours, official, direction, report, seen: BTreeSet::new() }
    }

    /// Compares two schemas. A component's differences are reported under its name, so that each is reported once.
    pub fn compare(&mut self, place: &str, ours: &'a Value, official: &'a Value) {
        let (ours, official) = (stripped(ours), stripped(official));
        let place = match (component(ours), component(official)) {
            (Some(name), Some(other)) if self.seen.insert((name.to_owned(), other.to_owned())) => name,
            (Some(_), Some(_)) => return,
            _ => place,
        };
        let (ours, official) = (stripped(follow(self.ours, ours)), stripped(follow(self.official, official)));
        let (our_options, official_options) = (options(ours), options(official));
        if our_options.len() != official_options.len() {
            let (before, now) = (alternatives(ours), alternatives(official));
            self.report.breaking(place, format_args!("the type is {now}, not {before}"));
            return;
        }
        if our_options.len() > 1 {
            for (option, theirs) in our_options.into_iter().zip(official_options) {
                self.compare(place, option, theirs);
            }
            return;
        }
        let (before, now) = (kind(ours), kind(official));
        if before != now {
            self.report.breaking(place, format_args!("the type is {now}, not {before}"));
            return;
        }
        self.values(place, ours, official);
        self.fields(place, ours, official);
        if ours["items"].is_object() || official["items"].is_object() {
            self.compare(&format!("{place}[]"), &ours["items"], &official["items"]);
        }
    }

    /// New values are additive: enums are open, and read and keep any other.
    fn values(&mut self, place: &str, ours: &Value, official: &Value) {
        let (before, now) = (words(ours), words(official));
        if before.is_empty() && now.is_empty() {
            return;
        }
        for value in now.difference(&before) {
            self.report.additive(place, format_args!("the value {value} is new"));
        }
        for value in before.difference(&now) {
            self.report.breaking(place, format_args!("the value {value} is gone"));
        }
    }

    fn fields(&mut self, place: &str, ours: &'a Value, official: &'a Value) {
        let empty = serde_json::Map::new();
        let fields = |schema: &'a Value| schema["properties"].as_object();
        let (before, now) = (fields(ours), fields(official));
        for (name, theirs) in now.into_iter().flatten() {
            let place = format!("{place}.{name}");
            let is_required = requires(official, name);
            match before.and_then(|fields| fields.get(name)) {
                Some(field) => {
                    match (requires(ours, name), is_required) {
                        (false, true) => self.report.add(self.when(Direction::Request), &place, "is now required"),
                        (true, false) => self.report.add(self.when(Direction::Response), &place, "is now optional"),
                        _ => {}
                    }
                    self.compare(&place, field, theirs);
                }
                None if is_required => self.report.add(self.when(Direction::Request), &place, "is new and required"),
                None => self.report.additive(&place, "is new"),
            }
        }
        for (name, _) in before.into_iter().flatten().filter(|(name, _)| !now.unwrap_or(&empty).contains_key(*name)) {
            self.report.breaking(&format!("{place}.{name}"), "is gone");
        }
    }

    /// Breaking in this direction, additive in the other.
    fn when(&self, breaking: Direction) -> Class {
        if self.direction == breaking { Class::Breaking } else { Class::Additive }
    }
}

/// The value itself, or the one that its `$ref` names.
pub fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.map_or(value, |target| follow(document, target))
}

fn component(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// The schema without a wrapper that says nothing: one option beside `null`, or `allOf` of one.
fn stripped(schema: &Value) -> &Value {
    for wrapper in ["anyOf", "oneOf", "allOf"] {
        let options = schema[wrapper].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut options = options.iter().filter(|option| option["type"] != "null");
        if let (Some(only), None) = (options.next(), options.next()) {
            return stripped(only);
        }
    }
    schema
}

/// The alternatives of a schema, without `null`; of any other schema, itself.
fn options(schema: &Value) -> Vec<&Value> {
    let options = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
    match options {
        Some(options) => options.iter().filter(|option| option["type"] != "null").collect(),
        None => vec![schema],
    }
}

fn alternatives(schema: &Value) -> String {
    let name = |option: &Value| component(option).map_or_else(|| kind(option), str::to_owned);
    options(schema).into_iter().map(name).collect::<Vec<_>>().join(" or ")
}

/// The type in words, such as `string (uuid)`; without `null`.
fn kind(schema: &Value) -> String {
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ => vec!["any"],
    };
    let format = schema["format"].as_str().map_or_else(String::new, |format| format!(" ({format})"));
    kinds.join(" or ") + &format
}

/// The values of an enum, as JSON.
fn words(schema: &Value) -> BTreeSet<String> {
    let constant = schema.get("const");
    schema["enum"].as_array().into_iter().flatten().chain(constant).map(Value::to_string).collect()
}

fn requires(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|other| other == name))
}
