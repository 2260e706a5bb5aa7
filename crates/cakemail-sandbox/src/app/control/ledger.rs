//! `/_sandbox/ledger`: how often each email was accepted.

use std::collections::HashSet;

use serde_json::json;

use super::{Handler, Table, of_account};
use crate::Ledger;
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::Time;

pub(super) const OPERATIONS: Table = &[("getLedger", Handler::Now(show))];

fn show(core: &Core, given: &Checked) -> Outcome {
    let ledger = Ledger::of(&core.state(), |id| of_account(given, id));
    let recipient = given.query.text("recipient");
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
    Ok(Answer::ok(json!({
        "posts": ledger.posts(),
        "accepted": ledger.total(),
        "unanswered": ledger.unanswered(),
        "duplicates": ledger.duplicate_count(),
        "data": data,
    })))
}
