//! An OpenAPI document as an index of operations: their routes, parameters and schemas.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use cakemail_model::OPENAPI;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::pattern::Pattern;

/// The document of the control API.
pub(crate) const CONTROL: &str = include_str!("../generated/control.json");

/// The API's index, built once for all sandboxes of a process.
///
/// # Errors
/// When the document cannot be read, which a test rules out.
pub(crate) fn document() -> Result<&'static Document, &'static str> {
    static DOCUMENT: LazyLock<Result<Document, String>> = LazyLock::new(|| Document::read(OPENAPI));
    DOCUMENT.as_ref().map_err(String::as_str)
}

/// The index of the control API, built once for all sandboxes of a process.
///
/// # Errors
/// When the document cannot be read, which a test rules out.
pub(crate) fn control() -> Result<&'static Document, &'static str> {
    static DOCUMENT: LazyLock<Result<Document, String>> = LazyLock::new(|| Document::read(CONTROL));
    DOCUMENT.as_ref().map_err(String::as_str)
}

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: Map<String, Value>,
    patterns: HashMap<String, Pattern>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    segments: Vec<Segment>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// Whether a token is needed. The document requires one to create a token, which is impossible, so that is ignored.
    pub(crate) secured: bool,
    /// Whether it may change the state.
    pub(crate) changes: bool,
    /// Who may use it when the control API has a token.
    pub(crate) access: Access,
    /// The schema of the response for each status.
    pub(crate) responses: BTreeMap<u16, Value>,
}

/// Who may use an operation of the control API when that has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everyone: links in emails, probes, signing in.
    Public,
    /// Everyone, unless reading needs the token, too.
    Read,
    /// Those who have the token.
    Control,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter(String),
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) place: String,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) schema: Value,
    /// The terms that a `filter` or `sort` may name.
    pub(crate) terms: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) form: bool,
    pub(crate) schema: Value,
}

/// The result of routing a method and a path.
pub(crate) enum Route<'a> {
    Found(&'a Operation, Map<String, Value>),
    /// The path has operations with these methods only, `HEAD` and `OPTIONS` included.
    OtherMethod(String),
    None,
}

impl Document {
    fn read(source: &str) -> Result<Self, String> {
        let mut root: Value = serde_json::from_str(source).map_err(|error| error.to_string())?;
        let Value::Object(schemas) = root["components"]["schemas"].take() else {
            return Err("the document has no schemas".into());
        };
        let mut patterns = HashMap::new();
        collect_patterns(&root["paths"], &mut patterns)?;
        schemas.values().try_for_each(|schema| collect_patterns(schema, &mut patterns))?;
        let operations = entries(&root["paths"])
            .flat_map(|(path, methods)| entries(methods).map(move |entry| (path, entry)))
            .map(|(path, (method, operation))| Operation::read(path, method, operation))
            .collect();
        Ok(Self { operations, schemas, patterns })
    }

    /// Follows the references of a schema.
    pub(crate) fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(target) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            let Some(found) = self.schemas.get(target) else { break };
            schema = found;
        }
        schema
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Whether the path of an operation has this segment as its first.
    pub(crate) fn begins_with(&self, first: &str) -> bool {
        let is_first = |segment: &Segment| matches!(segment, Segment::Literal(text) if text == first);
        self.operations.iter().any(|operation| operation.segments.get(1).is_some_and(is_first))
    }

    pub(crate) fn pattern(&self, source: &str) -> Option<&Pattern> {
        self.patterns.get(source)
    }

    /// The operation for a request; where several templates match, the one with the most literal segments wins. `HEAD` is
    /// routed as `GET`.
    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let mut fitting: Vec<_> = self.operations.iter().filter_map(|it| Some((it, it.matches(path)?))).collect();
        let Some(fewest) = fitting.iter().map(|(_, values)| values.len()).min() else { return Route::None };
        fitting.retain(|(_, values)| values.len() == fewest);
        let mut allowed: BTreeSet<_> = fitting.iter().map(|(it, _)| it.method.as_str()).collect();
        let method = if method == "HEAD" { "GET" } else { method };
        if let Some((operation, values)) = fitting.into_iter().find(|(it, _)| it.method == method) {
            return Route::Found(operation, values);
        }
        allowed.insert("OPTIONS");
        if allowed.contains("GET") {
            allowed.insert("HEAD");
        }
        Route::OtherMethod(Vec::from_iter(allowed).join(", "))
    }
}

impl Operation {
    fn read(path: &str, method: &str, it: &Value) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name.into()),
            None => Segment::Literal(text.into()),
        };
        let body = entries(&it["requestBody"]["content"]).next().map(|(kind, content)| Body {
            form: kind == "application/x-www-form-urlencoded",
            schema: content["schema"].clone(),
        });
        let responses = entries(&it["responses"]).filter_map(|(status, response)| {
            let (_, content) = entries(&response["content"]).next()?;
            Some((status.parse().ok()?, content["schema"].clone()))
        });
        Self {
            id: text(&it["operationId"]),
            method: method.to_ascii_uppercase(),
            segments: path.split('/').map(segment).collect(),
            parameters: it["parameters"].as_array().into_iter().flatten().map(Parameter::read).collect(),
            body,
            secured: it["security"].as_array().is_some_and(|any| !any.is_empty()) && it["x-resource"] != "tokens",
            changes: it["x-changes"].as_bool().unwrap_or(method != "get"),
            access: match it["x-access"].as_str() {
                Some("public") => Access::Public,
                Some("read") => Access::Read,
                None if method == "get" => Access::Read,
                _ => Access::Control,
            },
            responses: responses.collect(),
        }
    }

    fn matches(&self, path: &str) -> Option<Map<String, Value>> {
        let mut values = Map::new();
        let mut parts = path.split('/');
        for segment in &self.segments {
            match (segment, parts.next()?) {
                (Segment::Literal(text), part) if text == part => {}
                (Segment::Parameter(name), part) if !part.is_empty() => {
                    values.insert(name.clone(), percent_decode_str(part).decode_utf8_lossy().into());
                }
                _ => return None,
            }
        }
        parts.next().is_none().then_some(values)
    }

    /// The terms that the parameter `name` (`filter` or `sort`) may name.
    pub(crate) fn terms(&self, name: &str) -> &[String] {
        self.parameters.iter().find(|it| it.name == name).map_or(&[], |it| &it.terms)
    }
}

impl Parameter {
    fn read(it: &Value) -> Self {
        let terms = it["x-filter-terms"].as_array().or(it["x-sort-terms"].as_array());
        Self {
            place: text(&it["in"]),
            name: text(&it["name"]),
            required: it["required"] == true,
            schema: it["schema"].clone(),
            terms: terms.into_iter().flatten().map(text).collect(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().into()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn collect_patterns(value: &Value, found: &mut HashMap<String, Pattern>) -> Result<(), String> {
    match value {
        Value::Object(fields) => {
            if let Some(source) = fields.get("pattern").and_then(Value::as_str) {
                found.insert(source.into(), Pattern::new(source)?);
            }
            fields.values().try_for_each(|value| collect_patterns(value, found))
        }
        Value::Array(items) => items.iter().try_for_each(|value| collect_patterns(value, found)),
        _ => Ok(()),
    }
}
