//! The path of a request: host guard, route, caller, faults, validation, handler.

use std::sync::Arc;

use super::context::App;
use super::reply::Reply;
use super::{control, cors, host_guard, pages};
use crate::api::authentication::{authenticate, caller};
use crate::api::document::Route;
use crate::api::request::{Request, RoutedRequest};
use crate::api::resources;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::api::validation::validate;
use crate::engine::{Command, CommandError, Topic};
use crate::faults::{Effect, Injection, Phase, Script};
use crate::inspect::Trace;
use crate::inspect::findings::unknown_parameters;

/// The reply to a request, and its trace if it is to be recorded.
pub(crate) fn dispatch<'a>(app: &Arc<App>, request: &'a Request<'a>) -> (Reply, Option<Trace<'a>>) {
    if let Err(refusal) = host_guard::check(app, request) {
        return (Reply::Response(refusal), None);
    }
    if let Some(response) = cors::preflight(&app.config.origins, request) {
        return (Reply::Response(response), None);
    }
    // A target without a path: `OPTIONS *`, `CONNECT host:port`.
    if !request.path.starts_with('/') {
        return (Reply::Response(ApiResponse::other_method(request.method, cors::METHODS)), None);
    }
    let mut trace = Trace::new(app.clock().time());
    let reply = match app.document.route(request.method, request.path) {
        Route::Found(operation, path) => {
            let routed = RoutedRequest::new(request, operation, path);
            let state = app.state();
            let is_viewer = request.token().is_some_and(|token| state.tokens.is_viewer(token));
            trace.account = caller(&state, &routed);
            drop(state);
            if is_viewer {
                return (Reply::Response(respond(app, &routed, trace.account, &mut trace)), None);
            }
            let reply = respond_with_faults(app, &routed, &mut trace);
            trace.routed = Some(routed);
            reply
        }
        Route::OtherMethod(allowed) => Reply::Response(ApiResponse::other_method(request.method, &allowed)),
        Route::None => {
            match pages::page(&app.base, request).map(Reply::Response).or_else(|| control::reply(app, request)) {
                Some(reply) => return (reply, None),
                None => Reply::Response(ApiResponse::no_route()),
            }
        }
    };
    (reply, Some(trace))
}

/// The script that a fault plays on a new connection, given the start of its first request.
pub(crate) fn accept(app: &App, request: &Request<'_>) -> Option<Script> {
    let Route::Found(operation, path) = app.document.route(request.method, request.path) else { return None };
    let routed = RoutedRequest::new(request, operation, path);
    let account = caller(&app.state(), &routed);
    let injection = app.faults.strike(Phase::Accept, &routed, account)?;
    match injection.inject(None, app.clock().time()).into() {
        Reply::Script(script) => Some(script),
        _ => None,
    }
}

/// Records whether the whole response that accepted an email was sent.
pub(crate) fn record_response(app: &App, email: uuid::Uuid, complete: bool) {
    // When it cannot be recorded, the email itself still is.
    let _ = app.engine.begin().apply(Command::RecordResponse { email, complete });
}

/// The reply to an operation, with the faults that strike it.
fn respond_with_faults(app: &App, routed: &RoutedRequest<'_>, trace: &mut Trace<'_>) -> Reply {
    if !app.faults.any() {
        return Reply::Response(respond(app, routed, trace.account, trace));
    }
    let now = || app.clock().time();
    if let Some(refusal) = app.faults.over_limit(now()) {
        trace.fault = app.faults.limit().map(|limit| limit.to_string());
        return Reply::Response(refusal);
    }
    let mut account = trace.account;
    if let Some(injection) = strike(app, Phase::Handler, routed, trace, &mut account) {
        return injection.inject(None, now()).into();
    }
    let response = respond(app, routed, account, trace);
    let committed = response.is_success();
    let injection = committed.then(|| strike(app, Phase::Committed, routed, trace, &mut account)).flatten();
    let injection = injection.or_else(|| strike(app, Phase::Answering, routed, trace, &mut account));
    let Some(injection) = injection else { return Reply::Response(response) };
    if let Some(email) = response.accepted {
        record_response(app, email, false);
    }
    injection.inject(Some(response), now()).into()
}

/// The fault that strikes a request in a phase. A fault that only revokes tokens takes effect here, and the request goes
/// on: without its account, when its own token was revoked.
fn strike(
    app: &App,
    phase: Phase,
    routed: &RoutedRequest<'_>,
    trace: &mut Trace<'_>,
    account: &mut Option<i64>,
) -> Option<Injection> {
    let injection = app.faults.strike(phase, routed, *account)?;
    trace.fault = Some(injection.fault.clone());
    match (&injection.effect, routed.request.token()) {
        (Effect::ExpireToken, Some(token)) => {
            app.engine.begin().apply_always(Command::RevokeAccessToken { token: token.into() });
            *account = None;
        }
        (Effect::ExpireToken, None) => {}
        (Effect::SpendRefreshTokens, _) => {
            if let Some(account) = *account {
                app.engine.begin().apply_always(Command::RevokeRefreshTokens { account });
            }
        }
        _ => return Some(injection),
    }
    None
}

/// The true response to an operation, for this caller.
fn respond(app: &App, routed: &RoutedRequest<'_>, caller: Option<i64>, trace: &mut Trace<'_>) -> ApiResponse {
    let response = handle(app, routed, caller, trace).unwrap_or_else(|error| error);
    // Emails tell of their changes themselves.
    if routed.operation.changes && routed.operation.id != "submitEmail" && response.is_success() {
        app.engine.notify(&[Topic::Resources]);
    }
    #[cfg(any(test, feature = "self-check"))]
    let response = crate::api::self_check::check(routed.operation, response);
    response
}

fn handle(app: &App, routed: &RoutedRequest<'_>, caller: Option<i64>, trace: &mut Trace<'_>) -> HandlerResult {
    let operation = routed.operation;
    let account = authenticate(routed, caller)?;
    let validated = validate(app.document, &app.profile(), routed, account).map_err(ApiResponse::invalid)?;
    trace.unknown_parameters = unknown_parameters(app.document, operation, routed.request.query, &validated.body);
    if !operation.changes {
        return resources::run(operation, validated, app.environment(), &mut app.state());
    }
    let run = |state: &mut _, request| resources::run(operation, request, app.environment(), state);
    let is_submission = validated.is_submission();
    let result = app.engine.begin().run(validated, run).map_err(CommandError::NotRecorded)?;
    trace.is_counted = is_submission;
    result
}
