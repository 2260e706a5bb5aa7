//! `/_sandbox/events`: the events of all emails.

use serde_json::{Value, json};

use super::{Handler, Table, of_account, pages};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::newest;
use crate::domain::{Email, Event, Fields, Time};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("listEvents", Handler::Immediate(list))];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let asked = request.query.text("email_id").map(|id| uuid::Uuid::try_parse(id).unwrap_or_default());
    let state = app.state();
    let accounts: Vec<_> = state.accounts.iter().filter(|account| of_account(request, account.id)).collect();
    let events: Vec<_> = accounts
        .iter()
        .map(|account| match asked {
            Some(id) => account.emails.events_of(&account.emails.number(id).into_iter().collect()),
            None => account.emails.log().numbers().clone(),
        })
        .collect();
    let total: u64 = events.iter().map(|events| events.len()).sum();
    let event = |account: usize, number: u32| accounts[account].emails.event(number);
    let time = |account, number| event(account, number).map_or(Time(0), |(_, event)| event.time);
    let (skip, count) = pages::asked(request);
    let rows = newest::page(&events, skip, count, time);
    let rows = rows.into_iter().filter_map(|(account, number)| Some((accounts[account].id, event(account, number)?)));
    let rows = rows.map(|(account, (email, event))| to_json(account, email, event));
    Ok(ApiResponse::listing(&json!({"total": total}), rows))
}

pub(super) fn to_json(account_id: i64, email: &Email, event: &Event) -> Value {
    json!({
        "id": event.id(email.id),
        "email_id": email.id,
        "account_id": account_id,
        "recipient": email.recipient,
        "kind": event.kind,
        "time": event.time.iso_millis(),
        "metadata": event.metadata(),
    })
}
