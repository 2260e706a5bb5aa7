//! Validates a whole request: path, query and body, with all errors at once.

use serde_json::{Map, Value};

use super::{Checker, rules};
use crate::api::comparison;
use crate::api::document::{Document, Operation};
use crate::api::field_error::{FieldError, FieldErrors};
use crate::api::request::RoutedRequest;
use crate::domain::Profile;
use crate::engine::ValidatedRequest;

/// Validates a request that was routed, for an account that was authenticated.
///
/// # Errors
/// The errors of the fields that are wrong.
pub(crate) fn validate(
    document: &Document,
    profile: &Profile,
    routed: &RoutedRequest<'_>,
    account: Option<i64>,
) -> Result<ValidatedRequest, FieldErrors> {
    let operation = routed.operation;
    let mut checker = Checker::new(document, profile);
    let query: Map<String, Value> = serde_urlencoded::from_str::<Vec<(String, String)>>(routed.request.query)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let mut validated = ValidatedRequest {
        operation: operation.id.clone(),
        account,
        path: checker.parameters(operation, "path", &routed.path),
        query: checker.parameters(operation, "query", &query),
        body: Map::new(),
        size: routed.request.body.len(),
        sample: false,
    };
    if let Some(expected) = &operation.body {
        match routed.parsed_body() {
            Ok(value) => {
                if let Some(fields) = checker.body(&expected.schema, value.clone(), expected.form) {
                    checker.errors.append(rules::check(operation, &fields, profile));
                    validated.body = fields;
                }
            }
            Err(error) => checker.errors.push(error.clone()),
        }
    }
    if checker.errors.is_empty() { Ok(validated) } else { Err(checker.errors) }
}

impl Checker<'_> {
    fn parameters(&mut self, operation: &Operation, place: &str, given: &Map<String, Value>) -> Map<String, Value> {
        let mut values = Map::new();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == place) {
            let name = parameter.name.as_str();
            let text = given.get(name).and_then(Value::as_str);
            let value = match text {
                Some(text) => {
                    let operand = comparison::operand(operation, name, text);
                    let value = self.inside(place, |checker| {
                        checker.inside(name, |checker| checker.parameter(&parameter.schema, operand))
                    });
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

    /// Converts text to the type of its schema. Reports an error and returns null when that is impossible.
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
            self.error(kind, format!("This must be {what}"));
            Value::Null
        })
    }

    fn body(&mut self, schema: &Value, mut value: Value, form: bool) -> Option<Map<String, Value>> {
        self.inside("body", |checker| {
            if let (true, Value::Object(fields)) = (form, &mut value) {
                checker.typed_form(schema, fields);
            }
            checker.check(schema, &mut value);
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
                *value = self.inside(name.as_str(), |checker| checker.typed(schema, &text));
            }
        }
    }
}
