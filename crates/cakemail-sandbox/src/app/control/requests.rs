//! `/_sandbox/requests`: what was asked and answered.

use serde_json::{Value, json};

use super::{Handler, Table, missing, page};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::Time;
use crate::inspect::requests::SeenRequest;

pub(super) const OPERATIONS: Table = &[("listRequests", Handler::Now(list)), ("getRequest", Handler::Now(show))];

fn list(core: &Core, given: &Checked) -> Outcome {
    let account = given.query.integer("account_id");
    let piece = given.query.text("q").unwrap_or_default().to_lowercase();
    let mut rows = core.requests.all();
    rows.retain(|it| (account.is_none() || it.account_id == account) && has(it, &piece));
    Ok(Answer::ok(page(given, rows.iter().rev().map(line))))
}

fn has(request: &SeenRequest, piece: &str) -> bool {
    let status = request.status.to_string();
    let texts = [&request.method, &request.path, request.operation.unwrap_or_default(), &status];
    texts.into_iter().any(|text| text.to_lowercase().contains(piece))
}

fn show(core: &Core, given: &Checked) -> Outcome {
    let id = given.path.integer("id").unwrap_or_default();
    let found = u64::try_from(id).ok().and_then(|id| core.requests.get(id));
    let request = found.ok_or_else(|| missing("Request", id))?;
    Ok(Answer::ok(json!({
        "request": line(&request),
        "query": request.query(),
        "headers": fields(request.headers()),
        "body": request.body(),
        "response": {"headers": fields(request.answer_headers()), "body": request.answer_body()},
        "curl": request.curl(),
    })))
}

fn line(request: &SeenRequest) -> Value {
    compact(json!({
        "id": request.id,
        "account_id": request.account_id,
        "time": Time::from_system(request.time).iso_millis(),
        "method": request.method,
        "path": request.path,
        "operation": request.operation,
        "status": request.status,
        "millis": request.took.as_micros() as f64 / 1000.0,
        "fault": request.fault,
        "user_agent": request.user_agent(),
    }))
}

fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Value> {
    fields.map(|(name, value)| json!({"name": name, "value": value})).collect()
}
