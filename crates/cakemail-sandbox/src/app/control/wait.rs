//! `/_sandbox/wait`: answers when so many emails are there.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Handler, Table, messages};
use crate::api::Fields;
use crate::api::response::Answer;
use crate::api::validation::Checked;
use crate::app::context::{Core, Later};
use crate::app::wait::{PATIENCE, Wanted};

pub(super) const OPERATIONS: Table = &[("waitForMessages", Handler::Later(wait))];

/// Rows of an answer at most.
const ROWS: usize = 100;

fn wait(core: Arc<Core>, given: Checked) -> Later {
    Box::pin(async move {
        let query = match messages::query(given.body.text("q"), "body") {
            Ok(query) => query,
            Err(refusal) => return refusal,
        };
        let number = |name: &str| given.body.integer(name).and_then(|it| u64::try_from(it).ok());
        let count = number("count").and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
        let limit = number("timeout_ms").map_or(PATIENCE, Duration::from_millis);
        let wanted = Wanted { query, account: given.body.integer("account_id"), count };
        let found = core.wait(&wanted, limit).await;
        Answer::ok(shown(&core, &wanted, found))
    })
}

fn shown(core: &Core, wanted: &Wanted, found: bool) -> Value {
    let state = core.state();
    let rows = wanted.fitting(&state).take(ROWS).map(|(account, email)| messages::row(account.id, email));
    let close = if found { Vec::new() } else { wanted.close(&state) };
    let close = close
        .into_iter()
        .map(|(account, email, missing)| json!({"message": messages::row(account.id, email), "missing": missing}));
    json!({
        "found": found,
        "count": wanted.fitting(&state).count(),
        "data": rows.collect::<Vec<_>>(),
        "nearest": close.collect::<Vec<_>>(),
    })
}
