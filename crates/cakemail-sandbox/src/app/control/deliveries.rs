//! `/_sandbox/deliveries` and `/_sandbox/webhook-faults`: deliveries to webhooks, and their faults.

use std::cmp::Reverse;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Handler, Table, missing, of_account, page};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Attempt, Delivery, Fields, ReplayOptions, State, WebhookFaults, compact};
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table = &[
    ("listDeliveries", Handler::Immediate(list)),
    ("getDelivery", Handler::Immediate(show)),
    ("replayDelivery", Handler::Immediate(replay)),
    ("getWebhookFaults", Handler::Immediate(get_webhook_faults)),
    ("setWebhookFaults", Handler::Immediate(set_webhook_faults)),
];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let webhook = request.query.text("webhook_id");
    let state = app.state();
    let mut rows: Vec<_> = all(&state)
        .filter(|(account_id, _)| of_account(request, *account_id))
        .filter(|(_, delivery)| webhook.is_none_or(|id| id == delivery.webhook_id))
        .collect();
    rows.reverse();
    rows.sort_by_key(|(_, delivery)| Reverse(delivery.planned));
    Ok(ApiResponse::ok(page(request, rows.into_iter().map(|(account_id, delivery)| to_json(account_id, delivery)))))
}

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let (id, state) = (asked(request), app.state());
    let (account_id, delivery) = all(&state).find(|(_, it)| it.id == id).ok_or_else(|| missing("Delivery", id))?;
    let headers: Vec<_> =
        delivery.headers().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Ok(ApiResponse::ok(json!({"delivery": to_json(account_id, delivery), "headers": headers, "body": delivery.body()})))
}

fn replay(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let id = asked(request);
    let options: ReplayOptions = read(request)?;
    let mut transaction = app.engine.begin();
    let (account, _) =
        all(&transaction).find(|(_, delivery)| delivery.id == id).ok_or_else(|| missing("Delivery", id))?;
    transaction.apply(Command::ReplayDelivery { delivery: id, options })?;
    // The copies are the last ones.
    let mut copies: Vec<_> = all(&transaction).filter(|(owner, _)| *owner == account).collect();
    let copies = copies.split_off(copies.len().saturating_sub(options.times));
    let rows: Vec<_> = copies.into_iter().map(|(account_id, delivery)| to_json(account_id, delivery)).collect();
    Ok(ApiResponse::created(json!({"total": rows.len(), "data": rows})))
}

fn get_webhook_faults(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(json!(app.state().webhook_faults)))
}

fn set_webhook_faults(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let webhook_faults: WebhookFaults = read(request)?;
    app.engine.begin().apply(Command::SetWebhookFaults { webhook_faults })?;
    Ok(ApiResponse::ok(json!(webhook_faults)))
}

/// The body, which was validated. A field that is `null` counts as absent.
fn read<T: serde::de::DeserializeOwned>(request: &ValidatedRequest) -> Result<T, ApiResponse> {
    let body = compact(Value::Object(request.body.clone()));
    serde_json::from_value(body).map_err(|error| ApiResponse::bad_request(&["body"], error.to_string()))
}

fn asked(request: &ValidatedRequest) -> Uuid {
    request.path.text("id").and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default()
}

fn all(state: &State) -> impl Iterator<Item = (i64, &Delivery)> {
    state.accounts.iter().flat_map(|account| account.deliveries.iter().map(|delivery| (account.id, delivery)))
}

fn to_json(account_id: i64, delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "account_id": account_id,
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "email_id": delivery.email_id,
        "url": delivery.url,
        "state": delivery.state,
        "due": delivery.due.iso_millis(),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "tampered": delivery.tampered,
    })
}

fn attempt(attempt: &Attempt) -> Value {
    compact(json!({
        "time": attempt.time.iso_millis(),
        "status": attempt.status,
        "error": attempt.error,
        "millis": attempt.millis,
    }))
}
