//! The tests' face: a request and a response of each operation, made from the schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Document, Operation, Schema};
use super::json::{Json, Ordered};
use super::outputs::Outputs;
use super::types::{Model, is_one_or_many, operations, resource};
use super::verbs::ACCOUNT;
use crate::Result;

/// The text of every secret: six digits, so that it passes for a code as well.
const SECRET: &str = "482913";
/// 2026-11-23, 17:00 UTC.
const TIME: u64 = 1_795_453_200;

/// Adds a file for each resource in `folder`: its operations by their id, each with a request and a response in which
/// every field is set.
pub fn fixtures(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let mut files = BTreeMap::<String, Ordered<Json>>::new();
    for (method, path, operation) in operations(document) {
        let fixture = Fixtures { model: &model }.operation(method, path, operation)?;
        files.entry(resource(operation)).or_default().push(&operation.operation_id, fixture);
    }
    outputs.folder(folder);
    for (name, fixtures) in files {
        outputs.file(format!("{folder}/{name}.json"), serde_json::to_string_pretty(&fixtures)? + "\n");
    }
    Ok(())
}

struct Fixtures<'a> {
    model: &'a Model<'a>,
}

impl Fixtures<'_> {
    fn operation(&self, method: &str, path: &str, operation: &Operation) -> Result<Json> {
        let mut filled = path.to_owned();
        for parameter in operation.parameters_in("path") {
            let value = match self.example(&parameter.schema)? {
                Json::Text(text) => text,
                other => serde_json::to_string(&other)?,
            };
            filled = filled.replace(&format!("{{{}}}", parameter.name), &value);
        }
        let mut request = object([("method", text(method.to_uppercase())), ("path", Json::Text(filled))]);
        let mut query = Ordered::default();
        for parameter in operation.parameters_in("query").filter(|parameter| parameter.name != ACCOUNT) {
            query.push(&parameter.name, self.example(&parameter.schema)?);
        }
        if !query.0.is_empty() {
            request.push("query", Json::Object(query));
        }
        if let Some((_, schema)) = operation.body() {
            request.push("body", self.example(schema)?);
        }
        let success = operation.responses.0.iter().find(|(status, _)| status.starts_with('2'));
        let status = success.map_or(200, |(status, _)| status.parse().unwrap_or(200));
        let mut response = object([("status", number(status))]);
        if let Some((_, schema)) = operation.response() {
            response.push("body", self.example(schema)?);
        }
        Ok(Json::Object(object([("request", Json::Object(request)), ("response", Json::Object(response))])))
    }

    /// A value of the schema: its example, or one with every field set.
    fn example(&self, schema: &Schema) -> Result<Json> {
        if let Some(example) = &schema.example {
            return Ok(example.clone());
        }
        if schema.format.as_deref() == Some("password") {
            return Ok(text(SECRET));
        }
        if let Some(target) = schema.target() {
            let component = self.model.component_schema(target);
            return self.example(component.ok_or_else(|| format!("no component is named {target}"))?);
        }
        if let Some(value) = schema.words.iter().flatten().next() {
            return Ok(Json::Text(value.clone()));
        }
        if schema.any_of.iter().any(|option| option.format.as_deref() == Some("date-time")) {
            return Ok(number(TIME));
        }
        if let [first, rest @ ..] = schema.any_of.as_slice() {
            return self.example(rest.first().filter(|_| is_one_or_many(schema)).unwrap_or(first));
        }
        Ok(match (schema.kind.as_deref(), schema.format.as_deref()) {
            (Some("object"), _) | (None, _) => return self.object(schema),
            (Some("array"), _) => {
                Json::List(schema.items.as_deref().map(|items| self.example(items)).transpose()?.into_iter().collect())
            }
            (Some("integer"), _) if schema.handwritten.as_deref() == Some("Timestamp") => number(TIME),
            (Some("integer"), _) => number(schema.minimum.as_ref().and_then(Value::as_u64).unwrap_or_default().max(7)),
            (Some("number"), _) => Json::Number(serde_json::Number::from_f64(0.5).ok_or("0.5 is a number")?),
            (Some("boolean"), _) => Json::Bool(true),
            (_, Some("uuid")) => text("3fbfa67e-c4c4-4e03-8dfd-556037960374"),
            (_, Some("uri")) => text("https://example.com/"),
            (_, Some("email")) => text("ada@example.com"),
            (_, Some("date-time")) => text("2026-11-23T17:00:00Z"),
            _ => text("text"),
        })
    }

    fn object(&self, schema: &Schema) -> Result<Json> {
        let mut fields = Ordered::default();
        for (name, property) in &schema.properties.0 {
            fields.push(name, self.example(property)?);
        }
        if fields.0.is_empty() {
            fields.push("key", text("text")); // any object
        }
        Ok(Json::Object(fields))
    }
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Ordered<Json> {
    Ordered(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

fn number(number: u64) -> Json {
    Json::Number(number.into())
}
