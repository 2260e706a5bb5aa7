//! `/_sandbox/deliveries` and `/_sandbox/webhook-faults`: what webhooks are told, and what goes wrong with it.

use std::cmp::Reverse;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Handler, Table, missing, of_account, page};
use crate::WebhookFaults;
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::{Again, Attempt, Delivery, State};

pub(super) const OPERATIONS: Table = &[
    ("listDeliveries", Handler::Now(list)),
    ("getDelivery", Handler::Now(show)),
    ("replayDelivery", Handler::Now(replay)),
    ("getWebhookFaults", Handler::Now(get_webhook_faults)),
    ("setWebhookFaults", Handler::Now(set_webhook_faults)),
];

fn list(core: &Core, given: &Checked) -> Outcome {
    let webhook = given.query.text("webhook_id");
    let state = core.state();
    let mut rows: Vec<_> = all(&state)
        .filter(|(account_id, _)| of_account(given, *account_id))
        .filter(|(_, delivery)| webhook.is_none_or(|id| id == delivery.webhook_id))
        .collect();
    rows.reverse();
    rows.sort_by_key(|(_, delivery)| Reverse(delivery.planned));
    Ok(Answer::ok(page(given, rows.into_iter().map(|(account_id, delivery)| shown(account_id, delivery)))))
}

fn show(core: &Core, given: &Checked) -> Outcome {
    let (id, state) = (asked(given), core.state());
    let (account_id, delivery) = all(&state).find(|(_, it)| it.id == id).ok_or_else(|| missing("Delivery", id))?;
    let headers: Vec<_> =
        delivery.headers().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Ok(Answer::ok(json!({"delivery": shown(account_id, delivery), "headers": headers, "body": delivery.body()})))
}

fn replay(core: &Core, given: &Checked) -> Outcome {
    let id = asked(given);
    let how: Again = read(given)?;
    let mut state = core.state();
    let now = state.now;
    for account in &mut state.accounts {
        let Some(new) = account.deliveries.again(id, how, now) else { continue };
        let new = new.into_iter().filter_map(|id| account.deliveries.get(id));
        let rows: Vec<_> = new.map(|delivery| shown(account.id, delivery)).collect();
        return Ok(Answer::created(json!({"total": rows.len(), "data": rows})));
    }
    Err(missing("Delivery", id))
}

fn get_webhook_faults(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(json!(core.state().webhook_faults)))
}

fn set_webhook_faults(core: &Core, given: &Checked) -> Outcome {
    let webhook_faults: WebhookFaults = read(given)?;
    core.state().webhook_faults = webhook_faults;
    Ok(Answer::ok(json!(webhook_faults)))
}

/// The body, which fits its schema; what is `null` is as if it were not there.
fn read<T: serde::de::DeserializeOwned>(given: &Checked) -> Result<T, Answer> {
    let body = compact(Value::Object(given.body.clone()));
    serde_json::from_value(body).map_err(|error| Answer::bad_request(&["body"], error.to_string()))
}

fn asked(given: &Checked) -> Uuid {
    given.path.text("id").and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default()
}

fn all(state: &State) -> impl Iterator<Item = (i64, &Delivery)> {
    state.accounts.iter().flat_map(|account| account.deliveries.iter().map(|delivery| (account.id, delivery)))
}

fn shown(account_id: i64, delivery: &Delivery) -> Value {
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
