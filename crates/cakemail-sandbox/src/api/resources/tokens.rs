//! Signing in.

use std::time::Duration;

use serde_json::json;

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::profile::Challenge;
use crate::domain::{Fields, State, TokenPair};

pub(super) const OPERATIONS: super::Table = &[
    ("createToken", Handler::Public(create)),
    ("refreshToken", Handler::Public(refresh)),
    ("createTokenFromChallenge", Handler::Public(create_from_challenge)),
];

fn create(call: &Call<'_>, state: &mut State) -> HandlerResult {
    if call.body().text("grant_type") == Some("refresh_token") {
        return refresh(call, state);
    }
    let (username, password) = (call.body().text("username"), call.body().text("password"));
    let account = username.and_then(|name| state.accounts.by_email(name));
    let Some(account) = account.filter(|account| password == Some(account.password.as_str())) else {
        return Err(ApiResponse::unauthorized("Incorrect username or password"));
    };
    let (account, needs_code) = (account.id, account.mfa_code.is_some());
    check_account(call, account)?;
    if !needs_code {
        let pair = state.tokens.issue(account, call.now, lifetime(call), call.ids);
        return Ok(tokens(pair, account).documented());
    }
    let challenge = state.tokens.challenge(account, call.now, call.ids);
    match call.profile.challenge {
        Challenge::Unauthorized => Err(ApiResponse::mfa_required(&challenge)),
        Challenge::Ok => Ok(ApiResponse::ok(json!({"challenge": challenge}))),
    }
}

fn refresh(call: &Call<'_>, state: &mut State) -> HandlerResult {
    let token = call.body().text("refresh_token").unwrap_or_default();
    let Some(account) = state.tokens.refreshable(token) else {
        return Err(ApiResponse::unauthorized("The refresh token is unknown or was used before"));
    };
    check_account(call, account)?;
    match state.tokens.refresh(token, call.now, lifetime(call), call.profile, call.ids) {
        Some(pair) => Ok(tokens(pair, account).assumed()),
        None => Err(ApiResponse::unauthorized("The refresh token is unknown")),
    }
}

fn create_from_challenge(call: &Call<'_>, state: &mut State) -> HandlerResult {
    let challenge = call.body().text("challenge").unwrap_or_default();
    let Some(account) = state.tokens.challenged(challenge, call.now) else {
        return Err(ApiResponse::unauthorized("The challenge is unknown or has expired: sign in again"));
    };
    let code = call.body().text("code");
    let asked = state.account(account).and_then(|it| it.mfa_code.as_deref());
    if asked.zip(code).is_none_or(|(a, b)| !a.eq_ignore_ascii_case(b)) {
        return Err(ApiResponse::unauthorized("The code is wrong"));
    }
    state.tokens.remove_challenge(challenge);
    let pair = state.tokens.issue(account, call.now, lifetime(call), call.ids);
    Ok(tokens(pair, account))
}

/// Checks that the account in the body, if any, is the user's own.
fn check_account(call: &Call<'_>, account: i64) -> Result<(), ApiResponse> {
    let asked = call.body().integer("account_id");
    if asked.is_none_or(|id| id == account) { Ok(()) } else { Err(ApiResponse::forbidden()) }
}

fn lifetime(call: &Call<'_>) -> Duration {
    let asked = call.body().integer("expiration_seconds").and_then(|seconds| u64::try_from(seconds).ok());
    asked.map_or(call.profile.token_lifetime, Duration::from_secs)
}

fn tokens(pair: TokenPair, account: i64) -> ApiResponse {
    ApiResponse::ok(json!({
        "access_token": pair.access,
        "token_type": "bearer",
        "expires_in": pair.lifetime.as_secs(),
        "refresh_token": pair.refresh,
        "accounts": [account],
    }))
}
