//! Tests that share a sandbox: each has a runtime and a tenant of its own.

use std::pin::pin;
use std::task::{Context, Waker};
use std::thread;

use cakemail::sandbox::{Effect, Fault, Match, Phase, Sandbox, SandboxClient, Tenant};
use cakemail::senders::NewSender;
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};
use cakemail::webhooks::NewWebhook;
use cakemail::{Client, Content, Credentials, NewEmail, Outcome, RetryPolicy, Secret};
use tokio::runtime;

/// How many tests share it.
const TESTS: usize = 50;

/// Runs a test on a runtime of its own, which ends with the test.
fn on_a_runtime(test: impl Future<Output = ()>) {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

/// What many tests do alike: the same recipient, key and sender. It sees only what it did itself. Returns the URL.
async fn uses_the_shared_sandbox(number: usize) -> String {
    let tenant = Sandbox::shared().await.unwrap().tenant();
    let client = tenant.client().unwrap();
    client.senders().create(&NewSender::new("The shop", "shop@example.com")).await.unwrap();
    client.webhooks().create(&NewWebhook::new("Email.Queued", "http://127.0.0.1:9/")).await.unwrap();
    let lost = Fault::on(Match::operation("submitEmail").times(1)).at(Phase::Committed).effect(Effect::Status(503));
    let fault = (number % 2 == 1).then(|| tenant.fault(lost));
    let content = Content::text("Hello", "Hello.");
    let email = NewEmail::transactional(tenant.sender_id(), tenant.list_id(), "ada@example.com", content).tag("key-1");
    let sent = client.emails().send(&email).await;

    match &fault {
        Some(fault) => assert_eq!((sent.unwrap_err().outcome(), fault.hits()), (Outcome::Unknown, 1)),
        None => drop(sent.unwrap()),
    }
    let ledger = tenant.ledger();
    assert_eq!((ledger.posts(), ledger.total(), ledger.duplicate_count()), (1, 1, 0));
    assert_eq!(tenant.wait("tag:key-1").await.unwrap().len(), 1);
    assert_eq!(tenant.mailbox("shop@example.com").len(), 1);
    assert_eq!(tenant.requests().iter().filter(|request| request.path == "/v2/emails").count(), 1);
    assert_eq!(tenant.deliveries().len(), 1);
    tenant.assert_no_findings();
    tenant.url().to_owned()
}

#[test]
fn the_shared_sandbox_outlives_the_runtimes_of_tests_and_keeps_them_apart() {
    let run = |number| {
        let mut url = String::new();
        on_a_runtime(async { url = uses_the_shared_sandbox(number).await });
        url
    };
    let mut urls: Vec<_> = (0..TESTS).map(run).collect();
    let parallel: Vec<_> = (0..TESTS).map(|number| thread::spawn(move || run(number))).collect();
    urls.extend(parallel.into_iter().map(|test| test.join().unwrap()));
    assert!(urls.iter().all(|url| *url == urls[0]), "all use one sandbox");
}

#[test]
fn a_test_that_ends_while_the_shared_sandbox_starts_does_not_disturb_the_others() {
    for _ in 0..TESTS {
        on_a_runtime(async {
            // Dropped after the first poll.
            let _ = pin!(Sandbox::shared()).poll(&mut Context::from_waker(Waker::noop()));
        });
    }
    on_a_runtime(async { drop(uses_the_shared_sandbox(0).await) });
}

/// An access token of a tenant.
async fn token(tenant: &Tenant) -> Secret {
    let request =
        TokenRequest::new().grant_type(GrantType::Password).username(tenant.email()).password(tenant.password());
    match tenant.client().unwrap().tokens().create(&request).await.unwrap() {
        CreateTokenResponse::Token(token) => token.access_token,
        other => panic!("no token: {other:?}"),
    }
}

/// Lists the lists on a new connection, whose first request carries the token.
async fn list(tenant: &Tenant, token: &Secret) -> bool {
    let builder = Client::builder().base_url(tenant.url()).credentials(Credentials::access_token(token.clone()));
    let client = builder.retry_policy(RetryPolicy::never()).build().unwrap();
    client.lists().list(Default::default()).all().await.is_ok()
}

#[tokio::test]
async fn a_tenants_fault_strikes_no_other_tenant_in_any_phase() {
    let shared = Sandbox::shared().await.unwrap();
    let (one, other) = (shared.tenant(), shared.tenant());
    let tokens = (token(&one).await, token(&other).await);
    for (phase, effect) in [
        (Phase::Accept, Effect::Close),
        (Phase::Handler, Effect::Status(503)),
        (Phase::Committed, Effect::Reset),
        (Phase::Answering, Effect::Truncate),
        (Phase::Handler, Effect::ExpireToken),
    ] {
        let fault = one.fault(Fault::on(Match::operation("listLists")).at(phase).effect(effect));
        assert!(list(&other, &tokens.1).await, "{fault:?}");
        assert_eq!(fault.seen(), 0, "{fault:?}");
        assert!(!list(&one, &tokens.0).await, "{fault:?}");
        assert_eq!(fault.hits(), 1, "{fault:?}");
        fault.remove();
    }
}
