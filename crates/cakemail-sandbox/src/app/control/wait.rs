//! `/_sandbox/wait`: responds when enough emails match a query.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Handler, Table, messages};
use crate::api::response::ApiResponse;
use crate::app::context::App;
use crate::app::reply::PendingResponse;
use crate::app::search::MAX_COUNTED;
use crate::app::wait::{DEFAULT_TIMEOUT, WaitCondition};
use crate::domain::{Fields, State};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("waitForMessages", Handler::Waiting(wait))];

/// How many rows a response has at most.
const ROWS: usize = 100;

fn wait(app: Arc<App>, request: ValidatedRequest) -> PendingResponse {
    Box::pin(async move {
        let query = match messages::query(request.body.text("q"), "body") {
            Ok(query) => query,
            Err(refusal) => return refusal,
        };
        let number = |name: &str| request.body.integer(name).and_then(|value| u64::try_from(value).ok());
        let count = number("count").and_then(|value| usize::try_from(value).ok()).unwrap_or(1);
        let timeout = number("timeout_ms").map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        let condition = WaitCondition { query, account: request.body.integer("account_id"), count };
        let condition = Arc::new(condition);
        condition.wait(&app, timeout, |state, found| ApiResponse::ok(to_json(&condition, state, found))).await
    })
}

fn to_json(condition: &WaitCondition, state: &State, found: bool) -> Value {
    let search = condition.search(state);
    let counted = search.oldest_first().take(condition.count.max(MAX_COUNTED)).count();
    let rows = search.oldest_first().take(ROWS).map(|(account, _, email)| messages::row(account.id, email));
    let near_misses = if found { Vec::new() } else { condition.near_misses(state) };
    let near_misses = near_misses
        .into_iter()
        .map(|(account, email, missing)| json!({"message": messages::row(account.id, email), "missing": missing}));
    json!({
        "found": found,
        "count": counted,
        "data": rows.collect::<Vec<_>>(),
        "nearest": near_misses.collect::<Vec<_>>(),
    })
}
