//! Adapts values to their schemas.

use serde_json::{Map, Value};

use super::document::Document;
use crate::domain::Time;

/// Adapts a value to `schema`: removes fields that the schema does not name, and adds defaults, and an empty value for
/// each required field that is missing. A number becomes text or a time where the schema requires it.
pub(crate) fn shaped(document: &Document, schema: &Value, value: &Value) -> Value {
    let schema = document.resolve(schema);
    match (schema["type"].as_str(), schema["format"].as_str(), value) {
        (_, _, Value::Object(fields)) if schema["properties"].is_object() => object(document, schema, fields),
        (_, _, Value::Array(items)) => items.iter().map(|item| shaped(document, &schema["items"], item)).collect(),
        (Some("string"), Some("date-time"), Value::Number(seconds)) => {
            Time::from_seconds(seconds.as_i64().unwrap_or_default()).iso().into()
        }
        (Some("string"), _, Value::Number(number)) => number.to_string().into(),
        _ => value.clone(),
    }
}

/// The smallest value that `schema` allows.
pub(crate) fn empty(document: &Document, schema: &Value) -> Value {
    let schema = document.resolve(schema);
    if let Some(first) = schema["enum"].as_array().and_then(|allowed| allowed.first()) {
        return first.clone();
    }
    if let Some(first) = schema["anyOf"].as_array().and_then(|branches| branches.first()) {
        return empty(document, first);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("date-time")) => Time::from_seconds(0).iso().into(),
        (Some("string"), _) => "".into(),
        (Some("integer" | "number"), _) => schema["minimum"].as_i64().unwrap_or_default().into(),
        (Some("boolean"), _) => false.into(),
        (Some("array"), _) => Value::Array(Vec::new()),
        (Some("object"), _) => object(document, schema, &Map::new()),
        _ => Value::Null,
    }
}

fn object(document: &Document, schema: &Value, fields: &Map<String, Value>) -> Value {
    let is_required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let shaped = properties.filter_map(|(name, property)| {
        let value = match fields.get(name).filter(|value| !value.is_null()) {
            Some(value) => shaped(document, property, value),
            None => match (&property["default"], &document.resolve(property)["default"]) {
                (Value::Null, Value::Null) if is_required(name) => empty(document, property),
                (Value::Null, Value::Null) => return None,
                (Value::Null, default) | (default, _) => default.clone(),
            },
        };
        Some((name.clone(), value))
    });
    shaped.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shaped;
    use crate::api::document::document;

    #[test]
    fn a_value_has_the_fields_of_its_schema() {
        let schema = |properties: serde_json::Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required});
        let text = json!({"type": "string"});
        let inner = schema(json!({"a": text}), &["a"]);
        for (schema, value, expected) in [
            (schema(json!({"a": text}), &[]), json!({"a": "x", "b": "y"}), json!({"a": "x"})),
            (schema(json!({"a": text}), &[]), json!({"a": null}), json!({})),
            (schema(json!({"a": text}), &["a"]), json!({}), json!({"a": ""})),
            (schema(json!({"a": {"type": "boolean", "default": true}}), &[]), json!({}), json!({"a": true})),
            (schema(json!({"a": {"enum": ["x", "y"]}}), &["a"]), json!({}), json!({"a": "x"})),
            (schema(json!({"a": inner}), &["a"]), json!({}), json!({"a": {"a": ""}})),
            (schema(json!({"a": text}), &[]), json!({"a": 7}), json!({"a": "7"})),
            (
                schema(json!({"a": {"type": "string", "format": "date-time"}}), &[]),
                json!({"a": 86400}),
                json!({"a": "1970-01-02T00:00:00Z"}),
            ),
            (json!({"type": "array", "items": inner}), json!([{"b": 1}]), json!([{"a": ""}])),
        ] {
            assert_eq!(shaped(document().unwrap(), &schema, &value), expected, "{schema}");
        }
    }
}
