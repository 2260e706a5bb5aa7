//! `/_sandbox/findings`: what clients did wrong.

use serde_json::{Value, json};

use super::{Handler, Table, page};
use crate::Finding;
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::Time;

pub(super) const OPERATIONS: Table = &[("listFindings", Handler::Now(list)), ("clearFindings", Handler::Now(clear))];

fn list(core: &Core, given: &Checked) -> Outcome {
    let rows = core.findings.of(given.query.integer("account_id"));
    Ok(Answer::ok(page(given, rows.iter().rev().map(shown))))
}

fn clear(core: &Core, given: &Checked) -> Outcome {
    core.findings.forget(given.query.integer("account_id"));
    Ok(Answer::ok(json!({})))
}

fn shown(finding: &Finding) -> Value {
    compact(json!({
        "id": finding.id,
        "account_id": finding.account_id,
        "rule": finding.rule.word(),
        "time": Time::from_system(finding.time).iso_millis(),
        "request_id": finding.request_id,
        "message": finding.message,
    }))
}
