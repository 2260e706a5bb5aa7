//! `/_sandbox/events`: the events of all emails.

use serde_json::{Value, json};

use super::{Handler, Table, of_account, page};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Account, Email, Event, Fields};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("listEvents", Handler::Immediate(list))];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let asked = request.query.text("email_id").and_then(|id| uuid::Uuid::try_parse(id).ok());
    let state = app.state();
    let mut rows: Vec<(&Account, &Email, &Event)> = state
        .accounts
        .iter()
        .filter(|account| of_account(request, account.id))
        .flat_map(|account| account.emails.iter().map(move |email| (account, email)))
        .filter(|(_, email)| asked.is_none_or(|id| id == email.id))
        .flat_map(|(account, email)| email.events.iter().map(move |event| (account, email, event)))
        .collect();
    rows.sort_by_key(|(.., event)| std::cmp::Reverse(event.time));
    let rows = rows.into_iter().map(|(account, email, event)| to_json(account.id, email, event));
    Ok(ApiResponse::ok(page(request, rows)))
}

pub(super) fn to_json(account_id: i64, email: &Email, event: &Event) -> Value {
    json!({
        "id": event.id,
        "email_id": email.id,
        "account_id": account_id,
        "recipient": email.recipient,
        "kind": event.kind,
        "time": event.time.iso_millis(),
        "metadata": event.metadata,
    })
}
