//! `/_sandbox/suppressions`: suppressed addresses, also those that the API does not remove.

use serde_json::{Value, json};

use super::{Handler, Table, missing, of_account, pages};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Account, Fields, Suppression};
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table =
    &[("listSuppressions", Handler::Immediate(list)), ("deleteSuppression", Handler::Immediate(delete))];

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let part = request.query.text("q").unwrap_or_default().to_lowercase();
    let state = app.state();
    let accounts = state.accounts.iter().filter(|account| of_account(request, account.id));
    let all = accounts.flat_map(|account| account.suppressions.table().iter().map(move |entry| (account, entry)));
    // Patterns are in lower case.
    let rows: Vec<_> = all.filter(|(_, entry)| entry.pattern.as_str().contains(&part)).collect();
    Ok(pages::listing(request, rows.into_iter().map(|(account, entry)| to_json(account, entry))))
}

fn delete(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let pattern = request.path.text("pattern").unwrap_or_default();
    let mut transaction = app.engine.begin();
    let accounts = transaction.accounts.iter().filter(|account| of_account(request, account.id));
    let found = accounts.filter_map(|account| Some(to_json(account, account.suppressions.get(pattern)?)));
    let lifted: Vec<Value> = found.collect();
    if lifted.is_empty() {
        return Err(missing("Suppression", pattern));
    }
    let account = request.query.integer("account_id");
    transaction.apply(Command::RemoveSuppression { account, pattern: pattern.into() })?;
    Ok(ApiResponse::ok(json!({"total": lifted.len(), "data": lifted})))
}

fn to_json(account: &Account, entry: &Suppression) -> Value {
    json!({"account_id": account.id, "email": entry.pattern.as_str(), "source": entry.source.as_str()})
}
