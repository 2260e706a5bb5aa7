//! The sandbox as a whole: how it is, and back to the start.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Handler, Table, missing};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::engine::journal::Snapshot;
use crate::inspect::requests;

pub(super) const OPERATIONS: Table = &[
    ("getHealth", Handler::Now(health)),
    ("resetSandbox", Handler::Now(reset)),
    ("exportState", Handler::Now(export)),
    ("importState", Handler::Now(import)),
];

fn health(core: &Core, _: &Checked) -> Outcome {
    let state = core.state();
    let emails: usize = state.accounts.iter().map(|account| account.emails.len()).sum();
    Ok(Answer::ok(json!({
        "status": "ok",
        "time": state.now.iso_millis(),
        "version": env!("CARGO_PKG_VERSION"),
        "accounts": state.accounts.len(),
        "emails": emails,
        "memory": {"used": state.bytes() + core.requests.bytes(), "limit": state.memory().saturating_add(requests::MEMORY)},
    })))
}

fn reset(core: &Core, given: &Checked) -> Outcome {
    match given.query.integer("account_id") {
        None => core.reset(),
        Some(id) => {
            let mut state = core.state();
            let (now, ids) = (state.now, Arc::clone(&state.ids));
            state.account_mut(id).ok_or_else(|| missing("Account", id))?.reset(now, &ids);
            state.tokens.end(id);
            drop(state);
            core.forget(Some(id));
        }
    }
    Ok(Answer::ok(json!({})))
}

fn export(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(json!(Snapshot::of(&core.state()))))
}

fn import(core: &Core, given: &Checked) -> Outcome {
    core.import(Value::Object(given.body.clone())).map_err(|msg| Answer::bad_request(&["body"], msg))?;
    Ok(Answer::ok(json!({})))
}

impl Core {
    /// Back to the start: accounts as they were set up, nothing in them, nothing set to go wrong. The time stays.
    pub(crate) fn reset(&self) {
        self.clear_faults();
        self.forget(None);
        let mut state = self.state();
        *state = self.start.state(state.now);
        self.changed();
    }

    /// Forgets what an account, or anyone, asked and did wrong.
    fn forget(&self, account: Option<i64>) {
        self.requests.forget(account);
        self.findings.forget(account);
    }
}
