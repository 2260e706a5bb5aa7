//! Signing in.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Call, Fields, Handler};
use crate::api::response::{Answer, Outcome};
use crate::api::validation::FieldError;
use crate::domain::profile::Challenge;
use crate::domain::{Account, Pair, State};

pub(super) const OPERATIONS: super::Table = &[
    ("createToken", Handler::Open(create)),
    ("refreshToken", Handler::Open(refresh)),
    ("createTokenFromChallenge", Handler::Open(answer_challenge)),
];

/// Each grant needs its own fields, though the schema calls all of them optional.
pub(super) fn rules(body: &Map<String, Value>) -> Vec<FieldError> {
    let needed: &[&str] = match body.text("grant_type") {
        Some("refresh_token") => &["refresh_token"],
        None | Some("password") => &["username", "password"],
        Some(_) => &[],
    };
    let absent = needed.iter().filter(|name| body.field(name).is_none());
    absent.map(|name| FieldError::missing(vec!["body".into(), (*name).into()])).collect()
}

fn create(call: &Call<'_>, state: &mut State) -> Outcome {
    if call.body().text("grant_type") == Some("refresh_token") {
        return refresh(call, state);
    }
    let (username, password) = (call.body().text("username"), call.body().text("password"));
    let matching = |it: &&Account| {
        username.is_some_and(|name| name.eq_ignore_ascii_case(&it.email)) && password == Some(it.password.as_str())
    };
    let Some(account) = state.accounts.iter().find(matching) else {
        return Err(Answer::unauthorized("Incorrect username or password"));
    };
    let (account, easy) = (account.id, account.second_factor.is_none());
    allowed(call, account)?;
    if easy {
        let pair = state.tokens.issue(account, call.now, lifetime(call), call.ids);
        return Ok(tokens(pair, account).documented());
    }
    let challenge = state.tokens.challenge(account, call.now, call.ids);
    match call.profile.challenge {
        Challenge::Unauthorized => Err(Answer::challenged(&challenge)),
        Challenge::Ok => Ok(Answer::ok(json!({"challenge": challenge}))),
    }
}

fn refresh(call: &Call<'_>, state: &mut State) -> Outcome {
    let token = call.body().text("refresh_token").unwrap_or_default();
    let Some(account) = state.tokens.refreshable(token) else {
        return Err(Answer::unauthorized("The refresh token is unknown or was used before"));
    };
    allowed(call, account)?;
    match state.tokens.refresh(token, call.now, lifetime(call), call.profile, call.ids) {
        Some(pair) => Ok(tokens(pair, account).assumed()),
        None => Err(Answer::unauthorized("The refresh token is unknown")),
    }
}

fn answer_challenge(call: &Call<'_>, state: &mut State) -> Outcome {
    let challenge = call.body().text("challenge").unwrap_or_default();
    let Some(account) = state.tokens.challenged(challenge, call.now) else {
        return Err(Answer::unauthorized("The challenge is unknown or has expired: sign in again"));
    };
    let code = call.body().text("code");
    let asked = state.account(account).and_then(|it| it.second_factor.as_deref());
    if asked.zip(code).is_none_or(|(a, b)| !a.eq_ignore_ascii_case(b)) {
        return Err(Answer::unauthorized("The code is wrong"));
    }
    state.tokens.answered(challenge);
    let pair = state.tokens.issue(account, call.now, lifetime(call), call.ids);
    Ok(tokens(pair, account))
}

/// Whether the account that is asked for is the user's.
fn allowed(call: &Call<'_>, account: i64) -> Result<(), Answer> {
    let asked = call.body().integer("account_id");
    if asked.is_none_or(|id| id == account) { Ok(()) } else { Err(Answer::forbidden()) }
}

fn lifetime(call: &Call<'_>) -> Duration {
    let asked = call.body().integer("expiration_seconds").and_then(|seconds| u64::try_from(seconds).ok());
    asked.map_or(call.profile.token_lifetime, Duration::from_secs)
}

fn tokens(pair: Pair, account: i64) -> Answer {
    Answer::ok(json!({
        "access_token": pair.access,
        "token_type": "bearer",
        "expires_in": pair.lifetime.as_secs(),
        "refresh_token": pair.refresh,
        "accounts": [account],
    }))
}
