//! `/_sandbox/profile` and `/_sandbox/domains`: choices about the sandbox's behaviour.

use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, Profile};
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table = &[
    ("getProfile", Handler::Immediate(show)),
    ("setProfile", Handler::Immediate(set)),
    ("getDomainChecks", Handler::Immediate(show_domains)),
    ("setDomainChecks", Handler::Immediate(set_domains)),
];

fn show(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(json!(app.profile())))
}

fn set(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let mut chosen = json!(transaction.profile);
    for (name, value) in request.body.iter().filter(|(_, value)| !value.is_null()) {
        chosen[name] = value.clone();
    }
    let profile: Profile =
        serde_json::from_value(chosen).map_err(|error| ApiResponse::bad_request(&["body"], error.to_string()))?;
    transaction.apply(Command::SetProfile { profile })?;
    Ok(ApiResponse::ok(json!(transaction.profile)))
}

fn show_domains(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(domains(app.state().accounts.iter().all(|account| account.domains.valid))))
}

fn set_domains(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let valid = request.body.flag("valid");
    app.engine.begin().apply(Command::SetDomainsValid { valid })?;
    Ok(ApiResponse::ok(domains(valid)))
}

fn domains(valid: bool) -> Value {
    json!({"valid": valid})
}
