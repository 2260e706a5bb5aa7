//! Validates every response against its OpenAPI document before it is sent.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cakemail_model::OPENAPI;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::api::document::{CONTROL, Document, Operation, control, document};
use crate::api::response::{ApiResponse, ResponseBody};

const BASE: &str = "https://sandbox.invalid/openapi";

type Validators = BTreeMap<(&'static str, u16), Validator>;

/// Compiled once for all sandboxes of a process.
static VALIDATORS: LazyLock<Result<Validators, String>> = LazyLock::new(compile);

/// Errors that the API has for all operations, though the document does not declare them.
static UNDECLARED: &[(u16, &str)] = &[
    (401, "HTTPUnauthorizedError"),
    (404, "HTTPBadRequestError"),
    (400, "HTTPBadRequestError"),
    (507, "HTTPBadRequestError"),
];

/// Errors that the control API has for all operations.
static UNDECLARED_CONTROL: &[(u16, &str)] = &[(507, "ErrorResponse")];

fn compile() -> Result<Validators, String> {
    let mut validators = Validators::new();
    compile_all(OPENAPI, document()?, UNDECLARED, &mut validators)?;
    compile_all(CONTROL, control()?, UNDECLARED_CONTROL, &mut validators)?;
    Ok(validators)
}

fn compile_all(
    source: &str,
    document: &'static Document,
    undeclared: &[(u16, &str)],
    validators: &mut Validators,
) -> Result<(), String> {
    let mut strict: Value = serde_json::from_str(source).map_err(|error| error.to_string())?;
    let lenient = strict.clone();
    close(&mut strict["components"]["schemas"]);
    let registry = Registry::new()
        .add(format!("{BASE}/lenient"), lenient)
        .and_then(|registry| registry.add(format!("{BASE}/strict"), strict))
        .and_then(|registry| registry.prepare())
        .map_err(|error| error.to_string())?;
    let build = |schema: &Value| {
        jsonschema::draft202012::options()
            .with_registry(&registry)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(schema)
            .map_err(|error| error.to_string())
    };
    for operation in &document.operations {
        for (status, schema) in &operation.responses {
            let variant = if *status < 300 { "strict" } else { "lenient" };
            validators.insert((&operation.id, *status), build(&absolute(schema, variant))?);
        }
        for (status, name) in undeclared {
            let schema = json!({"anyOf": [
                {"$ref": format!("{BASE}/lenient#/components/schemas/{name}")},
                {"properties": {"detail": {"const": "Not authenticated"}}, "required": ["detail"]},
            ]});
            if !validators.contains_key(&(operation.id.as_str(), *status)) {
                validators.insert((&operation.id, *status), build(&schema)?);
            }
        }
    }
    Ok(())
}

/// Forbids fields that a schema does not name, so that a misspelt one does not pass for an absent optional one.
fn close(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".into(), false.into());
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The same schema with its references made absolute.
fn absolute(schema: &Value, variant: &str) -> Value {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(target)) => (name.clone(), format!("{BASE}/{variant}{target}").into()),
                _ => (name.clone(), absolute(value, variant)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| absolute(item, variant)).collect(),
        other => other.clone(),
    }
}

/// The response, or a 500 response that says how it differs from the document.
pub(crate) fn check(operation: &'static Operation, response: ApiResponse) -> ApiResponse {
    let mismatch = match &*VALIDATORS {
        Ok(validators) => mismatch(validators, operation, &response),
        Err(error) => Some(format!("the document's schemas do not compile: {error}")),
    };
    match mismatch {
        Some(text) => {
            ApiResponse::internal_error(&format!("Self-check of {} ({}): {text}", operation.id, response.status))
        }
        None => response,
    }
}

fn mismatch(validators: &Validators, operation: &'static Operation, response: &ApiResponse) -> Option<String> {
    let Some(validator) = validators.get(&(operation.id.as_str(), response.status)) else {
        return Some("the document does not declare this status".into());
    };
    let text;
    let value = match &response.body {
        ResponseBody::None => &Value::Null,
        ResponseBody::Json(value) => value,
        ResponseBody::Written(json) => {
            text = serde_json::from_str(json).unwrap_or_default();
            &text
        }
        ResponseBody::Html(other) => {
            text = Value::from(other.as_str());
            &text
        }
        ResponseBody::Other(_, other) => {
            text = Value::from(String::from_utf8_lossy(other));
            &text
        }
    };
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{} at {:?}", error, error.instance_path().to_string()))
        .collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(id: &str) -> &'static Operation {
        document().unwrap().operations.iter().find(|it| it.id == id).unwrap()
    }

    fn message(id: &str, response: ApiResponse) -> String {
        match check(operation(id), response) {
            ApiResponse { status: 500, body: ResponseBody::Json(body), .. } => {
                body["detail"][0]["msg"].as_str().unwrap().into()
            }
            _ => String::new(),
        }
    }

    #[test]
    fn no_two_operations_share_an_id() {
        let ids = |document: &'static Document| document.operations.iter().map(|it| &it.id);
        let mut all: Vec<_> = ids(document().unwrap()).chain(ids(control().unwrap())).collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_response_that_differs_from_the_document_is_reported() {
        let data = |data: Value| ApiResponse::ok(json!({"data": data}));
        assert_eq!(message("getSelfUser", data(json!({"id": "1", "email": "a@b.co", "status": "active"}))), "");
        let missing = message("getSelfUser", data(json!({"id": "1", "email": "a@b.co"})));
        assert!(missing.contains("getSelfUser (200)") && missing.contains("status"), "{missing}");
        let wrong = message("getSelfUser", data(json!({"id": 1, "email": "a@b.co", "status": "active"})));
        assert!(wrong.contains("/data/id"), "{wrong}");
        let misspelt = json!({"id": "1", "email": "a@b.co", "status": "active", "langauge": "en_US"});
        assert!(message("getSelfUser", data(misspelt)).contains("langauge"));
        assert!(message("getSelfUser", ApiResponse::created(json!({}))).contains("does not declare this status"));
        assert!(message("getSelfUser", ApiResponse::other_method("PATCH", "GET")).contains("405"));
        let id = json!({"email": "a@b.co", "data": {"id": "not a uuid", "status": "queued"}});
        assert!(message("submitEmail", ApiResponse::created(id)).contains("uuid"));
        assert_eq!(message("getSelfUser", ApiResponse::not_authenticated()), "");
        assert_eq!(message("getSelfUser", ApiResponse::forbidden()), "");
    }
}
