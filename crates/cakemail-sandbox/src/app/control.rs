//! What the sandbox offers besides the API: one file for each thing, one table in each file. Its document is
//! `control.json`; requests are held against it as those of the API are against theirs.

mod clock;
mod confirmations;
mod deliveries;
mod events;
mod faults;
mod findings;
mod ledger;
mod live;
mod messages;
mod profile;
mod requests;
mod rules;
mod sample;
mod state;
mod tenants;
mod wait;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::Fields;
use crate::api::document::{Operation, Route};
use crate::api::response::{Answer, Outcome};
use crate::api::validation::{self, Checked};
use crate::app::context::{Core, Incoming, Later, Reply};
use crate::engine::commands::What;

pub(crate) use live::Live;

/// What answers an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Now(fn(&Core, &Checked) -> Outcome),
    /// Waits for something.
    Later(fn(Arc<Core>, Checked) -> Later),
    /// Goes on.
    Live(fn(&Core) -> Live),
}

type Table = &'static [(&'static str, Handler)];

const TABLES: [Table; 16] = [
    clock::OPERATIONS,
    confirmations::OPERATIONS,
    deliveries::OPERATIONS,
    events::OPERATIONS,
    faults::OPERATIONS,
    findings::OPERATIONS,
    ledger::OPERATIONS,
    live::OPERATIONS,
    messages::OPERATIONS,
    profile::OPERATIONS,
    requests::OPERATIONS,
    rules::OPERATIONS,
    sample::OPERATIONS,
    tenants::OPERATIONS,
    wait::OPERATIONS,
    state::OPERATIONS,
];

fn handler(operation: &str) -> Option<Handler> {
    TABLES.iter().copied().flatten().find(|(id, _)| *id == operation).map(|(_, handler)| *handler)
}

/// The answer, when the path is one of these.
pub(crate) fn reply(core: &Arc<Core>, request: &Incoming<'_>) -> Option<Reply> {
    match core.control.route(request.method, request.path) {
        Route::Found(operation, path) => Some(operate(core, operation, path, request)),
        Route::WrongMethod(allowed) => Some(Reply::Answer(Answer::wrong_method(&allowed))),
        Route::None => None,
    }
}

fn operate(
    core: &Arc<Core>,
    operation: &'static Operation,
    path: serde_json::Map<String, Value>,
    request: &Incoming<'_>,
) -> Reply {
    let given = match validation::request(core.control, &core.profile(), operation, path, request) {
        Ok(given) => given,
        Err(faults) => return Reply::Answer(Answer::invalid(faults).assumed()),
    };
    match handler(&operation.id) {
        Some(Handler::Now(_)) if operation.changes => {
            let outcome = core.deed(What::Control { operation: operation.id.clone(), given });
            Reply::Answer(finished(core, operation, outcome))
        }
        Some(Handler::Now(handle)) => Reply::Answer(finished(core, operation, handle(core, &given))),
        Some(Handler::Later(handle)) => {
            let (core, answer) = (Arc::clone(core), handle(Arc::clone(core), given));
            Reply::Later(Box::pin(async move { finished(&core, operation, Ok(answer.await)) }))
        }
        Some(Handler::Live(handle)) => Reply::Live(handle(core)),
        None => Reply::Answer(Answer::fault(&format!("The sandbox has no handler for {}", operation.id))),
    }
}

/// Runs an operation that waits for nothing.
pub(crate) fn now(core: &Core, operation: &Operation, given: &Checked) -> Outcome {
    match handler(&operation.id) {
        Some(Handler::Now(handle)) => handle(core, given),
        _ => Err(Answer::fault(&format!("{} is not done at once", operation.id))),
    }
}

fn finished(core: &Core, operation: &'static Operation, outcome: Outcome) -> Answer {
    let answer = outcome.unwrap_or_else(|refusal| refusal).assumed();
    if operation.method != "GET" || operation.changes {
        core.changed();
    }
    #[cfg(any(test, feature = "self-check"))]
    let answer = crate::api::self_check::checked(operation, answer);
    answer
}

/// A page of rows, and how many there are.
fn page(given: &Checked, rows: impl ExactSizeIterator<Item = Value>) -> Value {
    let number = |name: &str| given.query.integer(name).and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
    let (total, per_page) = (rows.len(), number("per_page"));
    let first = (number("page") - 1).saturating_mul(per_page);
    json!({"data": rows.skip(first).take(per_page).collect::<Vec<_>>(), "total": total})
}

/// Whether something of an account is asked for.
fn of_account(given: &Checked, id: i64) -> bool {
    given.query.integer("account_id").is_none_or(|asked| asked == id)
}

fn missing(what: &str, id: impl std::fmt::Display) -> Answer {
    Answer::missing(&crate::Profile::default(), what, id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_handler_and_every_handler_an_operation() {
        let document = crate::api::document::control().unwrap();
        let documented: BTreeSet<_> = document.operations.iter().map(|it| it.id.as_str()).collect();
        let handled: BTreeSet<_> = super::TABLES.iter().copied().flatten().map(|(id, _)| *id).collect();
        assert_eq!(documented, handled);
    }
}
