//! The parts of the OpenAPI document that the tests need, and examples of its schemas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(cakemail_model::OPENAPI).unwrap());

/// The text of every secret in an example. Six digits, so that it passes for a code as well.
pub const SECRET: &str = "482913";

/// An operation of the document and where it stands.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub operation: &'static Value,
}

impl Route {
    pub fn id(&self) -> &'static str {
        self.operation["operationId"].as_str().unwrap()
    }

    /// The media type and schema of the successful response.
    pub fn response(&self) -> (&'static str, &'static Value) {
        let responses = self.operation["responses"].as_object().unwrap();
        let (_, success) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        content(&success["content"]).unwrap()
    }

    /// The media type and schema of the body, when there is one.
    pub fn body(&self) -> Option<(&'static str, &'static Value)> {
        content(&self.operation["requestBody"]["content"])
    }

    /// The names of the parameters in `path`, `query` or `header`.
    pub fn parameters(&self, place: &str) -> Vec<&'static str> {
        let all = self.operation["parameters"].as_array().into_iter().flatten();
        all.filter(|parameter| parameter["in"] == place).map(|parameter| parameter["name"].as_str().unwrap()).collect()
    }
}

fn content(content: &'static Value) -> Option<(&'static str, &'static Value)> {
    let (media, body) = content.as_object()?.iter().next()?;
    Some((media, &body["schema"]))
}

/// Every operation, by its id.
pub fn routes() -> BTreeMap<&'static str, Route> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| Route { method, path, operation })
    });
    all.map(|route| (route.id(), route)).collect()
}

/// Whether the operation needs a token, by its own `security` or the document's.
pub fn needs_token(route: &Route) -> bool {
    let own = route.operation["security"].as_array();
    !own.or(DOCUMENT["security"].as_array()).is_none_or(Vec::is_empty)
}

pub fn component(name: &str) -> &'static Value {
    let schema = &DOCUMENT["components"]["schemas"][name];
    assert!(schema.is_object(), "no component is named {name}");
    schema
}

/// The schema itself, or the component that it refers to.
pub fn resolve(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        Some(name) => resolve(component(name)),
        None => schema,
    }
}

/// Every component that an operation sends, or receives as its successful response.
pub fn reachable() -> BTreeMap<&'static str, &'static Value> {
    let mut found = BTreeMap::new();
    for route in routes().values() {
        visit(route.response().1, &mut found);
        visit(&route.operation["requestBody"], &mut found);
        visit(&route.operation["parameters"], &mut found);
    }
    found
}

fn visit(value: &'static Value, found: &mut BTreeMap<&'static str, &'static Value>) {
    if let Some(name) = value["$ref"].as_str().and_then(|path| path.rsplit('/').next())
        && found.insert(name, component(name)).is_none()
    {
        visit(component(name), found);
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|value| visit(value, found)),
        Value::Array(items) => items.iter().for_each(|value| visit(value, found)),
        _ => {}
    }
}

/// The errors of a value under this schema.
pub fn complaints(schema: &Value, value: &Value) -> Vec<String> {
    let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// How much an example holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The required fields.
    Required,
    /// Every field.
    Full,
}

/// A value of this schema.
pub fn example(schema: &'static Value, extent: Extent) -> Value {
    let schema = resolve(schema);
    if schema["format"] == "password" {
        return SECRET.into();
    }
    if let Some(first) = schema["anyOf"].get(0).or(schema["enum"].get(0)) {
        return if first.is_object() { example(first, extent) } else { first.clone() };
    }
    match (schema["type"].as_str().unwrap(), schema["x-type"].as_str(), schema["format"].as_str()) {
        ("object", ..) => object(schema, extent),
        ("array", ..) if extent == Extent::Full => json!([example(&schema["items"], extent)]),
        ("array", ..) => json!([]),
        ("integer", Some("Timestamp"), _) => json!(1_795_453_200),
        ("integer", ..) => json!(7),
        ("number", ..) => json!(0.5),
        ("boolean", ..) => json!(true),
        ("string", _, Some("uuid")) => json!("3fbfa67e-c4c4-4e03-8dfd-556037960374"),
        ("string", _, Some("uri")) => json!("https://example.com/"),
        ("string", _, Some("email")) => json!("ada@example.com"),
        ("string", ..) => json!("text"),
        (other, ..) => panic!("no example is known for `{other}`"),
    }
}

fn object(schema: &'static Value, extent: Extent) -> Value {
    let Some(properties) = schema["properties"].as_object() else {
        return json!({ "anything": [1, "two", null] });
    };
    let fields = properties.iter().filter(|(name, _)| extent == Extent::Full || is_required(schema, name));
    fields.map(|(name, property)| (name.clone(), example(property, extent))).collect::<Map<_, _>>().into()
}

pub fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|other| other == name))
}
