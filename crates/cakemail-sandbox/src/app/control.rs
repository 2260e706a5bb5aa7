//! The control API under `/_sandbox/`: one file for each part, with one table in each. The document of `control/` describes
//! it, and requests are validated against that.

mod clock;
mod confirmations;
mod deliveries;
mod events;
mod faults;
mod findings;
mod ledger;
mod live;
mod message_actions;
mod messages;
mod pages;
mod probes;
mod profile;
mod requests;
mod rules;
mod sample;
mod session;
mod state;
mod suppressions;
mod tenants;
mod wait;

use std::sync::Arc;

use super::context::App;
use super::reply::{PendingResponse, Reply, StreamedResponse};
use crate::api::document::{Access, Operation, Route};
use crate::api::request::{Request, RoutedRequest};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::api::validation::validate;
use crate::domain::{Fields, Profile, State};
use crate::engine::{Topic, ValidatedRequest};

/// The implementation of an operation.
#[derive(Clone, Copy)]
enum Handler {
    Immediate(fn(&App, &ValidatedRequest) -> HandlerResult),
    /// Follows a link in an email, unless the last parameter is false: `HEAD` has the same response, and changes nothing.
    Link(fn(&App, &ValidatedRequest, bool) -> HandlerResult),
    /// Replaces the state by that of the body, which is read while it arrives.
    Import,
    /// Waits for something.
    Waiting(fn(Arc<App>, ValidatedRequest) -> PendingResponse),
    /// Makes the body while it is sent.
    Streamed(fn(&App, &ValidatedRequest) -> Result<StreamedResponse, ApiResponse>),
}

type Table = &'static [(&'static str, Handler)];

const TABLES: [Table; 20] = [
    clock::OPERATIONS,
    confirmations::OPERATIONS,
    deliveries::OPERATIONS,
    events::OPERATIONS,
    faults::OPERATIONS,
    findings::OPERATIONS,
    ledger::OPERATIONS,
    live::OPERATIONS,
    message_actions::OPERATIONS,
    messages::OPERATIONS,
    probes::OPERATIONS,
    profile::OPERATIONS,
    requests::OPERATIONS,
    rules::OPERATIONS,
    sample::OPERATIONS,
    session::OPERATIONS,
    state::OPERATIONS,
    suppressions::OPERATIONS,
    tenants::OPERATIONS,
    wait::OPERATIONS,
];

fn handler(operation: &Operation) -> Option<Handler> {
    TABLES.iter().copied().flatten().find(|(id, _)| *id == operation.id).map(|(_, handler)| *handler)
}

/// Whether the body of a request is not read before [`reply`], since it may have any size.
pub(super) fn is_import(app: &App, method: &str, path: &str) -> bool {
    matches!(app.control.route(method, path), Route::Found(operation, _) if matches!(handler(operation), Some(Handler::Import)))
}

/// The reply to a request, if its path is one of the control API.
pub(super) fn reply(app: &Arc<App>, request: &Request<'_>) -> Option<Reply> {
    match app.control.route(request.method, request.path) {
        Route::Found(operation, path) => Some(handle(app, &RoutedRequest::new(request, operation, path))),
        Route::OtherMethod(allowed) => Some(Reply::Response(ApiResponse::other_method(request.method, &allowed))),
        Route::None => None,
    }
}

fn handle(app: &Arc<App>, routed: &RoutedRequest<'_>) -> Reply {
    let operation = routed.operation;
    if let Some(Handler::Import) = handler(operation)
        && is_allowed(app, routed, None)
    {
        return Reply::Import;
    }
    let validated = validate(app.control, &app.profile(), routed, None);
    if !is_allowed(app, routed, validated.as_ref().ok()) {
        let msg = "This needs the control token of the sandbox, or the access token of the account that it is about";
        return Reply::Response(ApiResponse::unauthorized(msg).assumed());
    }
    let request = match validated {
        Ok(request) => request,
        Err(errors) => return Reply::Response(ApiResponse::invalid(errors).assumed()),
    };
    match handler(operation) {
        Some(Handler::Immediate(handle)) => Reply::Response(finish(app, operation, handle(app, &request))),
        Some(Handler::Link(handle)) => {
            let follow = routed.request.method == "GET";
            Reply::Response(finish(app, operation, handle(app, &request, follow)))
        }
        Some(Handler::Waiting(handle)) => {
            let (app, response) = (Arc::clone(app), handle(Arc::clone(app), request));
            Reply::Pending(Box::pin(async move { finish(&app, operation, Ok(response.await)) }))
        }
        Some(Handler::Streamed(handle)) => match handle(app, &request) {
            Ok(response) => Reply::Body(response),
            Err(error) => Reply::Response(finish(app, operation, Err(error))),
        },
        Some(Handler::Import) | None => {
            let msg = format!("The sandbox has no handler for {}", operation.id);
            Reply::Response(ApiResponse::internal_error(&msg))
        }
    }
}

/// Whether a request may do what it asks for. `validated` is the request, if it is valid.
fn is_allowed(app: &App, routed: &RoutedRequest<'_>, validated: Option<&ValidatedRequest>) -> bool {
    let Some(control) = &app.config.control_token else { return true };
    match routed.operation.access {
        Access::Public => true,
        Access::Read if !control.private => true,
        _ if control.is_carried_by(routed.request, &app.cookie()) => true,
        _ => {
            let state = app.state();
            let own = routed.request.token().and_then(|token| state.tokens.account(token, state.now));
            own.is_some() && validated.and_then(|request| account_of(&state, request)) == own
        }
    }
}

/// The one account that a request is about: the account that it names, or whose email it names.
fn account_of(state: &State, request: &ValidatedRequest) -> Option<i64> {
    let named = [&request.path, &request.query, &request.body].into_iter().filter_map(|it| it.integer("account_id"));
    let email = request.path.text("id");
    let owner = email.and_then(|id| state.accounts.iter().find(|account| account.email(id).is_some()));
    let mut accounts = named.chain(owner.map(|account| account.id));
    let first = accounts.next()?;
    accounts.all(|other| other == first).then_some(first)
}

fn finish(app: &App, operation: &'static Operation, result: HandlerResult) -> ApiResponse {
    let response = result.unwrap_or_else(|error| error).assumed();
    if operation.method != "GET" || operation.changes {
        app.engine.notify(changed_by(operation));
    }
    #[cfg(any(test, feature = "self-check"))]
    let response = crate::api::self_check::check(operation, response);
    response
}

/// What an operation of another method than `GET` changes.
fn changed_by(operation: &Operation) -> &'static [Topic] {
    match operation.id.as_str() {
        "waitForMessages" => &[],
        "addMessageEvent" | "setMessageRead" | "deleteMessage" | "trackOpen" | "trackClick" | "unsubscribe" => {
            &[Topic::Emails]
        }
        "replayDelivery" => &[Topic::Deliveries],
        "clearFindings" => &[Topic::Findings],
        "setClock" | "setFault" | "clearFaults" | "setWebhookFaults" | "setProfile" | "setDomainChecks" | "addRule"
        | "clearRules" => &[Topic::Settings],
        // Such as a reset.
        _ => &Topic::ALL,
    }
}

/// Whether the request asks for this account, or for all.
fn of_account(request: &ValidatedRequest, id: i64) -> bool {
    request.query.integer("account_id").is_none_or(|asked| asked == id)
}

fn missing(what: &str, id: impl std::fmt::Display) -> ApiResponse {
    ApiResponse::missing(&Profile::default(), what, id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_handler_and_every_handler_an_operation() {
        let document = crate::api::document::control().unwrap();
        let documented: BTreeSet<_> = document.operations.iter().map(|operation| operation.id.as_str()).collect();
        let handled: BTreeSet<_> = super::TABLES.iter().copied().flatten().map(|(id, _)| *id).collect();
        assert_eq!(documented, handled);
    }
}
