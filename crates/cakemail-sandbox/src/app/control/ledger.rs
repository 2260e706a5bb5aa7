//! `/_sandbox/ledger`: how often each email was accepted.

use serde_json::{Value, json};

use super::{Handler, Table, of_account, pages};
use crate::Ledger;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Email, Fields};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("getLedger", Handler::Immediate(show))];

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let ledger = Ledger::of(&state, request.query.integer("account_id"));
    let accounts: Vec<_> = state.accounts.iter().filter(|account| of_account(request, account.id)).collect();
    let recipient = request.query.text("recipient");
    let emails: Vec<_> = accounts
        .iter()
        .map(|account| match recipient {
            Some(recipient) => account.emails.index().to(recipient).into_owned(),
            None => account.emails.numbers().clone(),
        })
        .collect();
    let total: u64 = emails.iter().map(|emails| emails.len()).sum();
    let rows = pages::one_after_the_other(request, &emails);
    let rows = rows.into_iter().filter_map(|(account, email)| accounts[account].emails.get(email));
    let head = json!({
        "posts": ledger.posts(),
        "accepted": ledger.total(),
        "unanswered": ledger.unanswered(),
        "duplicates": ledger.duplicate_count(),
        "dropped": ledger.dropped(),
        "total": total,
    });
    Ok(ApiResponse::listing(&head, rows.map(row)))
}

fn row(email: &Email) -> Value {
    json!({
        "id": email.id,
        "recipient": email.recipient,
        "tags": email.tags().collect::<Vec<_>>(),
        "accepted_at": email.submitted.seconds(),
        "answered": email.answered,
        "duplicate": email.duplicate,
    })
}
