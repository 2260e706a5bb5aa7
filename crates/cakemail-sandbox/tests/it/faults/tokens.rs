//! Faults of tokens.

use cakemail_sandbox::{Effect, Fault, Match, Phase, Sandbox};
use serde_json::json;

use super::submission_fault;
use crate::support::{User, frozen};

const LOGIN: &str = "username=sandbox%40example.com&password=sandbox-password";

async fn pair(sandbox: &Sandbox) -> (User<'_>, String) {
    let mut user = User { sandbox, token: String::new() };
    let tokens = user.form("POST", "/token", LOGIN).await.expect(200);
    user.token = tokens["access_token"].as_str().unwrap().into();
    (user, format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap()))
}

#[tokio::test]
async fn an_injected_401_leaves_the_token_valid() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    sandbox.fault(Fault::on(Match::any().times(1)).effect(Effect::Unauthorized));
    let reply = user.get("/lists").await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")));
    user.get("/lists").await.expect(200);
}

#[tokio::test]
async fn a_token_can_be_revoked_before_or_after_the_handler() {
    for (phase, status, accepted) in [(Phase::Handler, 401, 0), (Phase::Committed, 201, 1)] {
        let sandbox = frozen().await;
        let user = User::of(&sandbox).await;
        let email = user.email("a@example.com").await;
        let fault = sandbox.fault(submission_fault(phase, Effect::ExpireToken));
        user.post("/v2/emails", email).await.expect(status);
        user.get("/lists").await.expect(401);
        let ledger = sandbox.ledger();
        assert_eq!((fault.hits(), ledger.total(), ledger.unanswered()), (1, accepted, 0));
        User::of(&sandbox).await.get("/lists").await.expect(200);
    }
}

#[tokio::test]
async fn a_fault_can_strike_renewals_only() {
    let sandbox = frozen().await;
    let (user, renewal) = pair(&sandbox).await;
    let fault = sandbox.fault(Fault::on(Match::renewal()).effect(Effect::Unauthorized));
    user.form("POST", "/token", &renewal).await.expect(401);
    user.form("PUT", "/token", &renewal).await.expect(401);
    user.form("POST", "/token", LOGIN).await.expect(200);
    assert_eq!(fault.hits(), 2);
    fault.remove();
    user.form("POST", "/token", &renewal).await.expect(200);
}

#[tokio::test]
async fn all_refresh_tokens_can_be_revoked() {
    let sandbox = frozen().await;
    let (user, renewal) = pair(&sandbox).await;
    sandbox.fault(Fault::on(Match::operation("listLists").times(1)).effect(Effect::SpendRefreshTokens));
    assert_eq!(user.get("/lists").await.expect(200)["pagination"]["page"], json!(1));
    user.form("POST", "/token", &renewal).await.expect(401);
    user.get("/lists").await.expect(200);
}

#[tokio::test]
async fn a_token_rotates_even_when_its_response_is_lost() {
    let sandbox = frozen().await;
    let (user, renewal) = pair(&sandbox).await;
    let lost = sandbox.fault(Fault::on(Match::renewal()).at(Phase::Committed).effect(Effect::Status(503)));
    user.form("POST", "/token", &renewal).await.expect(503);
    lost.remove();
    user.form("POST", "/token", &renewal).await.expect(401);
}
