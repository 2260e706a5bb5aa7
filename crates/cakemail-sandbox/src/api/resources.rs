//! The handlers of the operations: one file for each resource, with one table in each.

mod accounts;
mod contacts;
mod dkim;
mod domains;
mod emails;
mod lists;
mod logs;
mod reports;
mod senders;
mod suppressions;
mod tags;
mod tokens;
mod users;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::collections;
use super::document::Operation;
use super::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, Fields, State};
use crate::engine::ValidatedRequest;

/// The implementation of an operation.
#[derive(Clone, Copy)]
enum Handler {
    /// Needs no token.
    Public(fn(&Call<'_>, &mut State) -> HandlerResult),
    /// Has access to the account of the token only.
    Authenticated(fn(&Call<'_>, &mut Account) -> HandlerResult),
}

type Table = &'static [(&'static str, Handler)];

const RESOURCES: [Table; 14] = [
    accounts::OPERATIONS,
    contacts::OPERATIONS,
    dkim::OPERATIONS,
    domains::OPERATIONS,
    emails::OPERATIONS,
    lists::OPERATIONS,
    logs::OPERATIONS,
    reports::OPERATIONS,
    senders::OPERATIONS,
    suppressions::OPERATIONS,
    tags::OPERATIONS,
    tokens::OPERATIONS,
    users::OPERATIONS,
    webhooks::OPERATIONS,
];

/// The handwritten handler of an operation, or else that of its tier.
fn handler(operation: &str) -> Option<Handler> {
    let written = RESOURCES.iter().copied().flatten().find(|(id, _)| *id == operation).map(|(_, handler)| *handler);
    written.or_else(|| collections::handles(operation).then_some(Handler::Authenticated(collections::handle)))
}

/// The environment of a call, apart from the state.
#[derive(Clone, Copy)]
pub(crate) struct Environment<'a> {
    /// The base URL of the sandbox, for links.
    pub(crate) base: &'a str,
    /// The lag with which logs show an event.
    pub(crate) log_lag: Duration,
}

/// Runs an operation.
pub(crate) fn run(
    operation: &Operation,
    request: ValidatedRequest,
    environment: Environment<'_>,
    state: &mut State,
) -> HandlerResult {
    let (now, account) = (state.now, request.account);
    let (profile, ids, rules) = (state.profile.clone(), Arc::clone(&state.ids), Arc::clone(&state.rules));
    let Environment { base, log_lag } = environment;
    let logged = now.minus(log_lag);
    let call = Call { operation, profile: &profile, base, now, logged, request, ids: &ids, rules: &rules };
    let Some(handler) = handler(&operation.id) else {
        return Err(ApiResponse::internal_error(&format!("The sandbox has no handler for {}", operation.id)));
    };
    match (handler, account) {
        (Handler::Public(handle), _) => handle(&call, state),
        (Handler::Authenticated(handle), Some(id)) => {
            if call.query().integer("account_id").is_some_and(|asked| asked != id) {
                return Err(ApiResponse::forbidden());
            }
            let response = state.change_account(id, |account| handle(&call, account));
            state.drop_excess();
            response.ok_or_else(ApiResponse::not_authenticated)?
        }
        (Handler::Authenticated(_), None) => Err(ApiResponse::not_authenticated()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_handler_or_is_a_collection_and_every_handler_has_an_operation() {
        let document = crate::api::document::document().unwrap();
        let documented: BTreeSet<_> = document.operations.iter().map(|operation| operation.id.as_str()).collect();
        let written: BTreeSet<_> = super::RESOURCES.iter().copied().flatten().map(|(id, _)| *id).collect();
        let unhandled: Vec<_> = documented.iter().filter(|id| super::handler(id).is_none()).collect();
        assert!(unhandled.is_empty(), "no handler: {unhandled:?}");
        assert!(written.is_subset(&documented), "{written:?}");
        assert_eq!(written.len(), 50);
    }
}
