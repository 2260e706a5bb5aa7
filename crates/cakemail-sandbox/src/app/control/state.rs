//! The sandbox as a whole: its health, a reset, export and import.

use std::io;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Handler, Table, missing};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::reply::{Chunks, StreamedResponse, streamed};
use crate::domain::{Deliveries, Fields, compact};
use crate::engine::{Command, CommandError, DataStatus, ValidatedRequest};
use crate::inspect::requests;

pub(super) const OPERATIONS: Table = &[
    ("getHealth", Handler::Immediate(health)),
    ("resetSandbox", Handler::Immediate(reset)),
    ("exportState", Handler::Streamed(export)),
    ("importState", Handler::Import),
];

fn health(app: &App, _: &ValidatedRequest) -> HandlerResult {
    let data = app.engine.data_status();
    let state = app.state();
    let emails: usize = state.accounts.iter().map(|account| account.emails.len()).sum();
    let dropped: u64 = state.accounts.iter().map(|account| account.emails.counts().dropped).sum();
    let deliveries = || state.accounts.iter().map(|account| &account.deliveries);
    Ok(ApiResponse::ok(compact(json!({
        "status": "ok",
        "time": state.now.iso_millis(),
        "version": env!("CARGO_PKG_VERSION"),
        "accounts": state.accounts.len(),
        "emails": emails,
        "dropped": dropped,
        "memory": {"used": state.bytes() + app.requests.bytes(), "limit": state.max_bytes().saturating_add(requests::MAX_BYTES)},
        "deliveries": {
            "pending": deliveries().map(Deliveries::pending).sum::<u64>(),
            "dropped": deliveries().map(Deliveries::dropped_pending).sum::<u64>(),
        },
        "data": data.map(|it| data_to_json(&it)),
    }))))
}

/// The condition of the file that the state is kept in.
fn data_to_json(status: &DataStatus) -> Value {
    let DataStatus { bytes, read_only, is_behind } = status;
    compact(json!({"bytes": bytes, "read_only": read_only.is_some(), "reason": read_only, "behind": is_behind}))
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
    Ok(streamed("application/x-ndjson", Chunks(Batches(app.engine.snapshot()))))
}

/// The bytes that are sent at once, if there are as many.
const BATCH: usize = 64 * 1024;

/// Lines in larger chunks.
struct Batches<I>(I);

impl<I: Iterator<Item = io::Result<Vec<u8>>>> Iterator for Batches<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = self.0.next()?;
        if let Ok(bytes) = &mut batch {
            while bytes.len() < BATCH
                && let Some(line) = self.0.next()
            {
                match line {
                    Ok(line) => bytes.extend_from_slice(&line),
                    Err(error) => return Some(Err(error)),
                }
            }
        }
        Some(batch.map(Bytes::from))
    }
}
