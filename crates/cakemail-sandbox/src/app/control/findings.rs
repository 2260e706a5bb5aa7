//! `/_sandbox/findings`: mistakes of clients.

use serde_json::{Value, json};

use super::{Handler, Table, pages};
use crate::Finding;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, Time, compact};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table =
    &[("listFindings", Handler::Immediate(list)), ("clearFindings", Handler::Immediate(clear))];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let rows = app.findings.of(request.query.integer("account_id"));
    Ok(pages::listing(request, rows.iter().rev().map(to_json)))
}

fn clear(app: &App, request: &ValidatedRequest) -> HandlerResult {
    app.findings.forget(request.query.integer("account_id"));
    Ok(ApiResponse::ok(json!({})))
}

fn to_json(finding: &Finding) -> Value {
    compact(json!({
        "id": finding.id,
        "account_id": finding.account_id,
        "rule": finding.rule.as_str(),
        "time": Time::from_system(finding.time).iso_millis(),
        "request_id": finding.request_id,
        "message": finding.message,
    }))
}
