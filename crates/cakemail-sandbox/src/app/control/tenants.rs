//! `/_sandbox/tenants`: accounts that are created while the sandbox runs.

use serde_json::{Value, json};

use super::{Handler, Table, missing};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Account, Fields, compact};
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table = &[
    ("listTenants", Handler::Immediate(list)),
    ("createTenant", Handler::Immediate(create)),
    ("deleteTenant", Handler::Immediate(delete)),
    ("createViewerToken", Handler::Immediate(token)),
];

fn list(app: &App, _: &ValidatedRequest) -> HandlerResult {
    let mut rows: Vec<_> = app.state().accounts.iter().map(to_json).collect();
    if app.config.control_token.is_some() {
        // The password of an account is enough to reset it.
        rows.iter_mut().for_each(|row| row["password"] = Value::Null);
    }
    let rows: Vec<_> = rows.into_iter().map(compact).collect();
    Ok(ApiResponse::ok(json!({"total": rows.len(), "data": rows})))
}

fn create(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let text = |name| request.body.text(name).map(str::to_owned);
    let created = transaction.apply(Command::CreateTenant { email: text("email"), password: text("password") });
    created.map_err(|error| ApiResponse::command_error(&error, &["body", "email"]))?;
    Ok(ApiResponse::created(transaction.accounts.last().map(to_json).unwrap_or_default()))
}

fn delete(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let id = asked(request);
    let mut transaction = app.engine.begin();
    if transaction.account(id).is_none() {
        return Err(missing("Account", id));
    }
    transaction.apply(Command::RemoveAccount { account: id })?;
    Ok(ApiResponse::ok(json!({})))
}

fn token(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let (id, mut state) = (asked(request), app.state());
    let id = state.account(id).ok_or_else(|| missing("Account", id))?.id;
    Ok(ApiResponse::created(json!({"access_token": state.tokens.viewer(id)})))
}

fn asked(request: &ValidatedRequest) -> i64 {
    request.path.integer("account_id").unwrap_or_default()
}

fn to_json(account: &Account) -> Value {
    compact(json!({
        "account_id": account.id,
        "email": account.email,
        "password": account.password,
        "list_id": account.lists.iter().next().map(|list| list.id),
        "sender_id": account.first_confirmed_sender().map(|sender| &sender.id),
    }))
}
