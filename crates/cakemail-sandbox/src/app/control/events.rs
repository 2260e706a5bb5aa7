//! `/_sandbox/events`: what happened, whosever email it happened to.

use serde_json::{Value, json};

use super::{Handler, Table, of_account, page};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::{Account, Email, Event};

pub(super) const OPERATIONS: Table = &[("listEvents", Handler::Now(list))];

fn list(core: &Core, given: &Checked) -> Outcome {
    let asked = given.query.text("email_id").and_then(|id| uuid::Uuid::try_parse(id).ok());
    let state = core.state();
    let mut rows: Vec<(&Account, &Email, &Event)> = state
        .accounts
        .iter()
        .filter(|account| of_account(given, account.id))
        .flat_map(|account| account.emails.iter().map(move |email| (account, email)))
        .filter(|(_, email)| asked.is_none_or(|id| id == email.id))
        .flat_map(|(account, email)| email.events.iter().map(move |event| (account, email, event)))
        .collect();
    rows.sort_by_key(|(.., event)| std::cmp::Reverse(event.time));
    let rows = rows.into_iter().map(|(account, email, event)| shown(account.id, email, event));
    Ok(Answer::ok(page(given, rows)))
}

pub(super) fn shown(account_id: i64, email: &Email, event: &Event) -> Value {
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
