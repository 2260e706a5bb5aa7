//! The sandbox as a whole: its health, a reset, export and import.

use serde_json::{Value, json};

use super::{Handler, Table, missing};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::reply::{Chunks, StreamedResponse, streamed};
use crate::domain::Fields;
use crate::engine::{Command, CommandError, Snapshot, ValidatedRequest};
use crate::inspect::requests;

pub(super) const OPERATIONS: Table = &[
    ("getHealth", Handler::Immediate(health)),
    ("resetSandbox", Handler::Immediate(reset)),
    ("exportState", Handler::Streamed(export)),
    ("importState", Handler::Immediate(import)),
];

fn health(app: &App, _: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let emails: usize = state.accounts.iter().map(|account| account.emails.len()).sum();
    Ok(ApiResponse::ok(json!({
        "status": "ok",
        "time": state.now.iso_millis(),
        "version": env!("CARGO_PKG_VERSION"),
        "accounts": state.accounts.len(),
        "emails": emails,
        "memory": {"used": state.bytes() + app.requests.bytes(), "limit": state.max_bytes().saturating_add(requests::MAX_BYTES)},
    })))
}

fn reset(app: &App, request: &ValidatedRequest) -> HandlerResult {
    match request.query.integer("account_id") {
        None => app.reset().map_err(CommandError::NotRecorded)?,
        Some(id) => {
            let mut transaction = app.engine.begin();
            if transaction.account(id).is_none() {
                return Err(missing("Account", id));
            }
            transaction.apply(Command::ResetAccount { account: id })?;
            drop(transaction);
            app.forget(Some(id));
        }
    }
    Ok(ApiResponse::ok(json!({})))
}

fn export(app: &App, _: &ValidatedRequest) -> Result<StreamedResponse, ApiResponse> {
    let snapshot = json!(Snapshot::of(&app.state())).to_string();
    Ok(streamed("application/json", Chunks(std::iter::once(Ok(snapshot.into())))))
}

fn import(app: &App, request: &ValidatedRequest) -> HandlerResult {
    app.engine.import(Value::Object(request.body.clone())).map_err(|msg| ApiResponse::bad_request(&["body"], msg))?;
    Ok(ApiResponse::ok(json!({})))
}
