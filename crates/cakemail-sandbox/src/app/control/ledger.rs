//! `/_sandbox/ledger`: how often each email was accepted.

use std::collections::HashSet;

use serde_json::json;

use super::{Handler, Table};
use crate::Ledger;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, Time};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("getLedger", Handler::Immediate(show))];

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let ledger = Ledger::of(&app.state(), request.query.integer("account_id"));
    let recipient = request.query.text("recipient");
    let again: HashSet<_> = ledger.duplicates().into_iter().map(|row| row.id.as_str()).collect();
    let rows = ledger.rows().iter();
    let rows = rows.filter(|row| recipient.is_none_or(|it| it.eq_ignore_ascii_case(&row.recipient)));
    let data: Vec<_> = rows
        .map(|row| {
            json!({
                "id": row.id,
                "recipient": row.recipient,
                "tags": row.tags,
                "accepted_at": Time::from_system(row.accepted_at).seconds(),
                "answered": row.answered,
                "duplicate": again.contains(row.id.as_str()),
            })
        })
        .collect();
    Ok(ApiResponse::ok(json!({
        "posts": ledger.posts(),
        "accepted": ledger.total(),
        "unanswered": ledger.unanswered(),
        "duplicates": ledger.duplicate_count(),
        "data": data,
    })))
}
