//! `/_sandbox/rules`: rules for the lifecycles of emails.

use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, Rule, Rules};
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table = &[
    ("listRules", Handler::Immediate(list)),
    ("addRule", Handler::Immediate(add)),
    ("clearRules", Handler::Immediate(clear)),
];

fn list(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(to_json(&app.state().rules)))
}

fn add(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let rule: Rule = serde_json::from_value(Value::Object(request.body.clone()))
        .map_err(|error| ApiResponse::bad_request(&["body"], error.to_string()))?;
    let mut transaction = app.engine.begin();
    transaction.apply(Command::AddRule { rule })?;
    Ok(ApiResponse::created(json!(transaction.rules.all().last())))
}

fn clear(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let command = match request.query.integer("id") {
        None => Command::RemoveAllRules,
        Some(id) => {
            let known = transaction.rules.all().iter().find(|rule| i64::try_from(rule.id) == Ok(id));
            let id = known.map(|rule| rule.id).ok_or_else(|| {
                let msg = format!("There is no rule {id}: GET /_sandbox/rules lists them");
                ApiResponse::bad_request(&["query", "id"], msg)
            })?;
            Command::RemoveRule { id }
        }
    };
    transaction.apply(command)?;
    Ok(ApiResponse::ok(to_json(&transaction.rules)))
}

fn to_json(rules: &Rules) -> Value {
    json!({"data": rules.all(), "total": rules.all().len()})
}
