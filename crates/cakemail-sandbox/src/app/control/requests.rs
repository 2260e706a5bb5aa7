//! `/_sandbox/requests`: requests and their responses.

mod about;

use serde_json::{Value, json};

use super::{Handler, Table, missing, pages};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, State, Time, compact};
use crate::engine::ValidatedRequest;
use crate::inspect::requests::SeenRequest;

pub(super) const OPERATIONS: Table =
    &[("listRequests", Handler::Immediate(list)), ("getRequest", Handler::Immediate(show))];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let (skip, count) = pages::asked(request);
    let part = request.query.text("q").unwrap_or_default();
    let (rows, total) = app.requests.page(request.query.integer("account_id"), part, skip, count);
    let state = app.state();
    Ok(ApiResponse::listing(&json!({"total": total}), rows.iter().map(|seen| row(&state, seen))))
}

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let id = request.path.integer("id").unwrap_or_default();
    let found = u64::try_from(id).ok().and_then(|id| app.requests.get(id));
    let request = found.ok_or_else(|| missing("Request", id))?;
    Ok(ApiResponse::ok(json!({
        "request": row(&app.state(), &request),
        "query": request.query(),
        "headers": fields(request.headers()),
        "body": request.body(),
        "response": {"headers": fields(request.response_headers()), "body": request.response_body()},
        "curl": request.curl(),
    })))
}

fn row(state: &State, request: &SeenRequest) -> Value {
    compact(json!({
        "id": request.id,
        "account_id": request.account_id,
        "time": Time::from_system(request.time).iso_millis(),
        "method": request.method,
        "path": request.path,
        "operation": request.operation,
        "about": about::about(state, request),
        "status": request.status,
        "millis": request.took.as_micros() as f64 / 1000.0,
        "fault": request.fault,
        "user_agent": request.user_agent(),
    }))
}

fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Value> {
    fields.map(|(name, value)| json!({"name": name, "value": value})).collect()
}
