//! Holds every answer against its OpenAPI document before it is sent.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cakemail_model::OPENAPI;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::api::document::{CONTROL, Document, Operation, control, document};
use crate::api::response::{Answer, Payload};

const BASE: &str = "https://sandbox.invalid/openapi";

type Validators = BTreeMap<(&'static str, u16), Validator>;

/// Compiled once for all sandboxes of a process.
static VALIDATORS: LazyLock<Result<Validators, String>> = LazyLock::new(compile);

/// Errors that the document does not declare for an operation, though the API has them for all.
static UNDECLARED: &[(u16, &str)] =
    &[(401, "HTTPUnauthorizedError"), (404, "HTTPBadRequestError"), (400, "HTTPBadRequestError")];

fn compile() -> Result<Validators, String> {
    let mut validators = Validators::new();
    compile_all(OPENAPI, document()?, UNDECLARED, &mut validators)?;
    compile_all(CONTROL, control()?, &[], &mut validators)?;
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
        for (status, schema) in &operation.answers {
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

/// The answer, or a 500 that says in what it is not as documented.
pub(crate) fn checked(operation: &'static Operation, answer: Answer) -> Answer {
    let mismatch = match &*VALIDATORS {
        Ok(validators) => mismatch(validators, operation, &answer),
        Err(error) => Some(format!("the document's schemas do not compile: {error}")),
    };
    match mismatch {
        Some(text) => Answer::fault(&format!("Self-check of {} ({}): {text}", operation.id, answer.status)),
        None => answer,
    }
}

fn mismatch(validators: &Validators, operation: &'static Operation, answer: &Answer) -> Option<String> {
    let Some(validator) = validators.get(&(operation.id.as_str(), answer.status)) else {
        return Some("the document does not know this status".into());
    };
    let text;
    let value = match &answer.body {
        Payload::Json(value) => value,
        Payload::Html(other) => {
            text = Value::from(other.as_str());
            &text
        }
        Payload::Other(_, other) => {
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

    fn told(id: &str, answer: Answer) -> String {
        match checked(operation(id), answer) {
            Answer { status: 500, body: Payload::Json(body), .. } => body["detail"][0]["msg"].as_str().unwrap().into(),
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
    fn what_is_not_as_documented_is_told() {
        let data = |data: Value| Answer::ok(json!({"data": data}));
        assert_eq!(told("getSelfUser", data(json!({"id": "1", "email": "a@b.co", "status": "active"}))), "");
        let missing = told("getSelfUser", data(json!({"id": "1", "email": "a@b.co"})));
        assert!(missing.contains("getSelfUser (200)") && missing.contains("status"), "{missing}");
        let wrong = told("getSelfUser", data(json!({"id": 1, "email": "a@b.co", "status": "active"})));
        assert!(wrong.contains("/data/id"), "{wrong}");
        let misspelt = json!({"id": "1", "email": "a@b.co", "status": "active", "langauge": "en_US"});
        assert!(told("getSelfUser", data(misspelt)).contains("langauge"));
        assert!(told("getSelfUser", Answer::created(json!({}))).contains("does not know this status"));
        assert!(told("getSelfUser", Answer::wrong_method("GET")).contains("405"));
        let id = json!({"email": "a@b.co", "data": {"id": "not a uuid", "status": "queued"}});
        assert!(told("submitEmail", Answer::created(id)).contains("uuid"));
        assert_eq!(told("getSelfUser", Answer::not_authenticated()), "");
        assert_eq!(told("getSelfUser", Answer::forbidden()), "");
    }
}
