//! Compares operations: which there are, their parameters, bodies and responses.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::report::Report;
use super::schemas::{Direction, Schemas, follow};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

pub fn compare(ours: &Value, official: &Value, report: &mut Report) {
    let (our_operations, official_operations) = (operations(ours), operations(official));
    for (key, theirs) in &official_operations {
        match our_operations.get(key) {
            Some(operation) => {
                Comparison { ours, official, report }.operation(operation, theirs);
            }
            None => report.additive(&theirs.name(), "the operation is new"),
        }
    }
    for operation in our_operations.iter().filter(|(key, _)| !official_operations.contains_key(*key)) {
        report.breaking(&operation.1.name(), "the operation is gone");
    }
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    value: &'a Value,
    /// The parameters of the path and of the operation, by place and name; those in the path by position.
    parameters: BTreeMap<(String, String), &'a Value>,
}

impl Operation<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// Every operation by its method and path, without the names in the path's braces.
fn operations(document: &Value) -> BTreeMap<(String, String), Operation<'_>> {
    let mut found = BTreeMap::new();
    for (path, methods) in entries(&document["paths"]) {
        let names: Vec<_> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let anonymous = names.iter().fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "{}"));
        for (method, value) in entries(methods).filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let mut parameters = BTreeMap::new();
            for list in [&methods["parameters"], &value["parameters"]] {
                for parameter in list.as_array().into_iter().flatten() {
                    let parameter = follow(document, parameter);
                    let (place, name) = (text(&parameter["in"]), text(&parameter["name"]));
                    let position = names.iter().position(|wanted| place == "path" && *wanted == name);
                    let key = position.map_or_else(|| name.to_owned(), |position| position.to_string());
                    parameters.insert((place.to_owned(), key), parameter);
                }
            }
            found.insert((method.clone(), anonymous.clone()), Operation { method, path, value, parameters });
        }
    }
    found
}

struct Comparison<'a, 'r> {
    ours: &'a Value,
    official: &'a Value,
    report: &'r mut Report,
}

impl<'a> Comparison<'a, '_> {
    fn operation(&mut self, ours: &Operation<'a>, official: &Operation<'a>) {
        let name = ours.name();
        self.parameters(&name, ours, official);
        self.body(&name, &ours.value["requestBody"], &official.value["requestBody"]);
        self.responses(&name, &ours.value["responses"], &official.value["responses"]);
    }

    fn parameters(&mut self, operation: &str, ours: &Operation<'a>, official: &Operation<'a>) {
        for (key, theirs) in &official.parameters {
            let place = format!("{operation} {} parameter {}", key.0, text(&theirs["name"]));
            let is_required = theirs["required"] == true;
            match ours.parameters.get(key) {
                None if is_required => self.report.breaking(&place, "is new and required"),
                None => self.report.additive(&place, "is new"),
                Some(parameter) => {
                    match (parameter["required"] == true, is_required) {
                        (false, true) => self.report.breaking(&place, "is now required"),
                        (true, false) => self.report.additive(&place, "is now optional"),
                        _ => {}
                    }
                    self.schemas(Direction::Request).compare(&place, &parameter["schema"], &theirs["schema"]);
                }
            }
        }
        for (key, parameter) in ours.parameters.iter().filter(|(key, _)| !official.parameters.contains_key(*key)) {
            let place = format!("{operation} {} parameter {}", key.0, text(&parameter["name"]));
            self.report.breaking(&place, "is gone");
        }
    }

    fn body(&mut self, operation: &str, ours: &'a Value, official: &'a Value) {
        let place = format!("{operation} body");
        let (ours, official) = (follow(self.ours, ours), follow(self.official, official));
        match (ours.is_object(), official.is_object()) {
            (false, true) if official["required"] == true => self.report.breaking(&place, "is new and required"),
            (false, true) => self.report.additive(&place, "is new"),
            (true, false) => self.report.breaking(&place, "is gone"),
            (true, true) if ours["required"] != true && official["required"] == true => {
                self.report.breaking(&place, "is now required");
            }
            _ => {}
        }
        self.content(Direction::Request, &place, &ours["content"], &official["content"]);
    }

    fn responses(&mut self, operation: &str, ours: &'a Value, official: &'a Value) {
        for (status, theirs) in entries(official) {
            let place = format!("{operation} response {status}");
            match ours.get(status) {
                None if status.starts_with('2') => self.report.breaking(&place, "is new"),
                None => self.report.additive(&place, "is new"),
                Some(response) => {
                    let (response, theirs) = (follow(self.ours, response), follow(self.official, theirs));
                    self.content(Direction::Response, &place, &response["content"], &theirs["content"]);
                }
            }
        }
        for (status, _) in entries(ours).filter(|(status, _)| official.get(status.as_str()).is_none()) {
            let place = format!("{operation} response {status}");
            match status.starts_with('2') {
                true => self.report.breaking(&place, "is gone"),
                false => self.report.additive(&place, "is gone"),
            }
        }
    }

    fn content(&mut self, direction: Direction, place: &str, ours: &'a Value, official: &'a Value) {
        for (media, theirs) in entries(official).filter(|_| ours.is_object()) {
            match ours.get(media) {
                None => self.report.additive(place, format_args!("{media} is new")),
                Some(body) => self.schemas(direction).compare(place, &body["schema"], &theirs["schema"]),
            }
        }
        for (media, _) in
            entries(ours).filter(|(media, _)| official.is_object() && official.get(media.as_str()).is_none())
        {
            self.report.breaking(place, format_args!("{media} is gone"));
        }
    }

    fn schemas(&mut self, direction: Direction) -> Schemas<'a, '_> {
        Schemas::new(self.ours, self.official, direction, self.report)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
