//! `/_sandbox/deliveries` and `/_sandbox/webhook-faults`: deliveries to webhooks, and their faults.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Handler, Table, missing, of_account, pages};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::newest;
use crate::domain::index::Numbers;
use crate::domain::{Account, Attempt, Delivery, Fields, ReplayOptions, State, Time, WebhookFaults, compact};
use crate::engine::{Command, ValidatedRequest};
use crate::message::Message;

pub(super) const OPERATIONS: Table = &[
    ("listDeliveries", Handler::Immediate(list)),
    ("getDelivery", Handler::Immediate(show)),
    ("replayDelivery", Handler::Immediate(replay)),
    ("getWebhookFaults", Handler::Immediate(get_webhook_faults)),
    ("setWebhookFaults", Handler::Immediate(set_webhook_faults)),
];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let accounts: Vec<_> = state.accounts.iter().filter(|account| of_account(request, account.id)).collect();
    let selections: Vec<_> = accounts.iter().map(|account| selection(request, account)).collect();
    let total: u64 = selections.iter().map(Numbers::len).sum();
    let delivery = |account: usize, number| accounts[account].deliveries.table().get(number);
    let planned = |account, number| delivery(account, number).map_or(Time(0), |it| it.planned);
    let (skip, count) = pages::asked(request);
    let page = newest::page(&selections, skip, count, planned);
    let rows = page.into_iter().filter_map(|(place, number)| Some(to_json(accounts[place], delivery(place, number)?)));
    let dropped: u64 = accounts.iter().map(|account| account.deliveries.dropped_pending()).sum();
    Ok(ApiResponse::listing(&json!({"total": total, "dropped": dropped}), rows))
}

/// The deliveries of an account that a request asks for.
fn selection(request: &ValidatedRequest, account: &Account) -> Numbers {
    let table = account.deliveries.table();
    let mut selection = table.numbers().clone();
    for term in ["webhook_id", "email_id"] {
        if let Some(id) = request.query.text(term) {
            selection &= table.select(term, id);
        }
    }
    selection
}

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let (id, state) = (asked(request), app.state());
    let (account, delivery) = find(&state, id)?;
    let headers: Vec<_> =
        delivery.headers().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Ok(ApiResponse::ok(json!({"delivery": to_json(account, delivery), "headers": headers, "body": delivery.body()})))
}

fn replay(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let id = asked(request);
    let options: ReplayOptions = read(request)?;
    let mut transaction = app.engine.begin();
    let account = find(&transaction, id)?.0.id;
    transaction.apply(Command::ReplayDelivery { delivery: id, options })?;
    // The copies are the last ones.
    let deliveries = transaction
        .account(account)
        .into_iter()
        .flat_map(|account| account.deliveries.iter().rev().map(move |delivery| (account, delivery)));
    let mut rows: Vec<_> =
        deliveries.take(options.times).map(|(account, delivery)| to_json(account, delivery)).collect();
    rows.reverse();
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

/// A delivery, and the account that it belongs to.
fn find(state: &State, id: Uuid) -> Result<(&Account, &Delivery), ApiResponse> {
    let found = state.accounts.iter().find_map(|account| Some((account, account.deliveries.get(id)?)));
    found.ok_or_else(|| missing("Delivery", id))
}

fn to_json(account: &Account, delivery: &Delivery) -> Value {
    let email = account.emails.find(delivery.email_id);
    compact(json!({
        "id": delivery.id,
        "account_id": account.id,
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "email_id": delivery.email_id,
        "recipient": email.map(|email| &email.recipient),
        "subject": email.map(|email| Message::of(email, "").subject()),
        "url": delivery.url,
        "state": delivery.state,
        "due": delivery.due.iso_millis(),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "tampered": delivery.tampered,
    }))
}

fn attempt(attempt: &Attempt) -> Value {
    compact(json!({
        "time": attempt.time.iso_millis(),
        "status": attempt.status,
        "error": attempt.error,
        "millis": attempt.millis,
    }))
}
