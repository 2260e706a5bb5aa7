//! A whole request: its path, its query and its body, each value in its type, all errors at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Checker, FieldError, form};
use crate::api::document::{Document, Operation};
use crate::app::context::Incoming;
use crate::domain::profile::Profile;
use http::header::CONTENT_TYPE;

/// A request that fits its operation.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Checked {
    pub(crate) path: Map<String, Value>,
    /// With the defaults filled in.
    pub(crate) query: Map<String, Value>,
    pub(crate) body: Map<String, Value>,
    /// Bytes of the body.
    pub(crate) size: usize,
}

/// Checks everything, then says all that is wrong.
pub(crate) fn request(
    document: &Document,
    profile: &Profile,
    operation: &Operation,
    path: Map<String, Value>,
    request: &Incoming<'_>,
) -> Result<Checked, Vec<FieldError>> {
    let Incoming { query, body, .. } = *request;
    let content_type = request.header(CONTENT_TYPE);
    let mut checker = Checker::new(document, profile);
    let given: Map<String, Value> = serde_urlencoded::from_str::<Vec<(String, String)>>(query)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let mut checked = Checked {
        path: checker.parameters(operation, "path", &path),
        query: checker.parameters(operation, "query", &given),
        body: Map::new(),
        size: body.len(),
    };
    if let Some(expected) = &operation.body {
        let read = if expected.form { Ok(form_body(content_type, body)) } else { json_body(content_type, body) };
        match read {
            Ok(value) => {
                if let Some(fields) = checker.body(&expected.schema, value, expected.form) {
                    checker.errors.extend(crate::api::rules(operation, &fields, profile));
                    checked.body = fields;
                }
            }
            Err(fault) => checker.errors.push(fault),
        }
    }
    if checker.errors.is_empty() { Ok(checked) } else { Err(checker.errors) }
}

impl Checker<'_> {
    fn parameters(&mut self, operation: &Operation, place: &str, given: &Map<String, Value>) -> Map<String, Value> {
        let mut values = Map::new();
        for parameter in operation.parameters.iter().filter(|it| it.place == place) {
            let name = parameter.name.as_str();
            let text = given.get(name).and_then(Value::as_str);
            let value = match text {
                Some(text) => {
                    let operand = crate::api::resources::logs::operand(operation, name, text);
                    let value = self.inside(place, |it| it.inside(name, |it| it.parameter(&parameter.schema, operand)));
                    if operand == text { value } else { text.into() }
                }
                None => parameter.schema["default"].clone(),
            };
            if text.is_none() && parameter.required {
                self.errors.push(FieldError::missing(vec![place.into(), name.into()]));
            }
            if !value.is_null() {
                values.insert(name.into(), value);
            }
        }
        values
    }

    fn parameter(&mut self, schema: &Value, text: &str) -> Value {
        let mut value = self.typed(schema, text);
        if !value.is_null() {
            self.check(schema, &mut value);
        }
        value
    }

    /// Text as the value that its schema asks for; null, and a fault, when it cannot be that.
    fn typed(&mut self, schema: &Value, text: &str) -> Value {
        let parsed = match self.document.resolve(schema)["type"].as_str() {
            Some("integer") => text.trim().parse::<i64>().map(Value::from).map_err(|_| "int_parsing"),
            Some("boolean") => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(true.into()),
                "false" | "0" | "no" | "off" => Ok(false.into()),
                _ => Err("bool_parsing"),
            },
            _ => Ok(text.into()),
        };
        parsed.unwrap_or_else(|kind| {
            let what = if kind == "int_parsing" { "a whole number" } else { "true or false" };
            self.fault(kind, format!("This must be {what}"));
            Value::Null
        })
    }

    fn body(&mut self, schema: &Value, mut value: Value, form: bool) -> Option<Map<String, Value>> {
        self.inside("body", |it| {
            if let (true, Value::Object(fields)) = (form, &mut value) {
                it.typed_form(schema, fields);
            }
            it.check(schema, &mut value);
        });
        match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }

    fn typed_form(&mut self, schema: &Value, fields: &mut Map<String, Value>) {
        let schema = self.document.resolve(schema);
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = fields.get_mut(name) {
                let mut text = value.as_str().unwrap_or_default().to_owned();
                if name == "scopes" && self.profile.email_api_scope {
                    text = text.replace("email_api", "user");
                }
                *value = self.inside(name.as_str(), |it| it.typed(schema, &text));
            }
        }
    }
}

/// A body as it was sent; null when it cannot be read, or is not asked for.
pub(crate) fn sent(operation: &Operation, request: &Incoming<'_>) -> Value {
    let content_type = request.header(CONTENT_TYPE);
    match &operation.body {
        Some(expected) if expected.form => form_body(content_type, request.body),
        Some(_) => json_body(content_type, request.body).unwrap_or_default(),
        None => Value::Null,
    }
}

/// Another content type than a form's is a form without fields, as the live framework has it.
fn form_body(content_type: Option<&str>, body: &[u8]) -> Value {
    let fields = form::fields(content_type.unwrap_or_default(), body).unwrap_or_default();
    Value::Object(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn json_body(content_type: Option<&str>, body: &[u8]) -> Result<Value, FieldError> {
    if body.is_empty() {
        return Err(FieldError::missing(vec!["body".into()]));
    }
    let kind = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        let msg = "This must be JSON: send it with the header Content-Type: application/json";
        return Err(FieldError::new(vec!["body".into()], "dict_type", msg));
    }
    serde_json::from_slice(body).map_err(|error| {
        let loc = vec!["body".into(), json!(offset(body, &error))];
        FieldError::new(loc, "json_invalid", format!("The body is not JSON: {error}"))
    })
}

/// Where in the body JSON went wrong, in bytes.
fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let before = body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1)
}
