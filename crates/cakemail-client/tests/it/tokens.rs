//! Access tokens: how many the client requests, how long it uses them, and which calls share them.

use std::time::Duration;

use cakemail_client::{Client, Credentials, ErrorKind, Outcome};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use crate::support::{TokenServer, call, email};

const SECOND: Duration = Duration::from_secs(1);

/// Makes calls from a thousand tasks at once. All must succeed.
async fn a_thousand_calls(client: &Client) {
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let client = client.clone();
        calls.spawn(async move { client.users().me().await.map(drop) });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn simultaneous_first_calls_request_one_token() {
    let server = TokenServer::new();
    server.state().token_delay = SECOND;
    let start = Instant::now();
    a_thousand_calls(&server.client()).await;
    assert_eq!(server.grants(), ["password"]);
    assert_eq!(start.elapsed(), SECOND);
    assert_eq!(server.stub.requests()[0].body, "grant_type=password&username=ada%40example.com&password=p%2Bw");
}

#[tokio::test(start_paused = true)]
async fn simultaneous_rejected_calls_renew_the_token_once() {
    let server = TokenServer::new();
    let client = server.client();
    client.authenticate().await.unwrap();
    server.state().call_delay = SECOND;
    server.state().token_delay = SECOND;
    server.revoke();
    a_thousand_calls(&client).await;
    assert_eq!(server.grants(), ["password", "r1"]);
    assert_eq!(server.stub.count(), 2 + 2 * 1000);
}

#[tokio::test(start_paused = true)]
async fn a_late_rejection_of_the_old_token_does_not_renew_the_new_one() {
    let server = TokenServer::new();
    let client = server.client();
    client.authenticate().await.unwrap();
    server.revoke();
    let mut calls = JoinSet::new();
    for number in 1..=100 {
        server.state().call_delay = number * Duration::from_millis(10);
        let client = client.clone();
        calls.spawn(async move { client.users().me().await.map(drop) });
        tokio::task::yield_now().await; // so that it reads its delay
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!(server.grants(), ["password", "r1"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_is_rejected_too_ends_the_call() {
    let server = TokenServer::new();
    let client = server.client();
    server.state().rejects_its_tokens = true;
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Authentication, Outcome::NotDone, 2));
    assert_eq!(server.grants().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_caller_does_not_cancel_the_renewal_of_the_others() {
    let server = TokenServer::new();
    server.state().token_delay = 2 * SECOND;
    let client = server.client();
    let start = Instant::now();
    let first = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    tokio::task::yield_now().await; // so that it requests the token
    advance(SECOND / 2).await;
    assert_eq!(server.grants().len(), 1);
    let others: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    advance(SECOND / 2).await; // so that they join the renewal
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(()));
    }
    assert_eq!((server.grants().len(), start.elapsed()), (1, 2 * SECOND));
}

/// Otherwise the response, and with it a rotated refresh token, would be lost.
#[tokio::test(start_paused = true)]
async fn a_renewal_whose_callers_were_all_cancelled_is_continued_by_the_next_caller() {
    let server = TokenServer::new();
    let client = server.client();
    client.authenticate().await.unwrap();
    server.revoke();
    server.state().token_delay = 2 * SECOND;
    for pause in [SECOND / 2, 5 * SECOND, 600 * SECOND] {
        let count = server.grants().len();
        server.revoke();
        for _ in 0..3 {
            let waited = tokio::time::timeout(SECOND / 4, client.users().me()).await;
            assert!(waited.is_err(), "the call ended before the token was granted");
        }
        advance(pause).await;
        assert_eq!(call(&client).await, Ok(()), "after {pause:?}");
        assert_eq!(server.grants().len(), count + 1);
    }
    assert_eq!(server.grants(), ["password", "r1", "r2", "r3"]);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_renewal_that_timed_out_is_started_again() {
    let server = TokenServer::new();
    server.state().token_delay = 100_000 * SECOND;
    let client = server.client();
    assert!(tokio::time::timeout(SECOND, client.users().me()).await.is_err());
    server.state().token_delay = SECOND;
    advance(600 * SECOND).await;
    a_thousand_calls(&client).await;
    assert_eq!(server.grants().len(), 2);
}

/// A hundred calls in each of three lifetimes.
#[tokio::test(start_paused = true)]
async fn a_token_of_any_lifetime_is_renewed_once_before_it_expires() {
    for lifetime in [1, 2, 3, 5, 10, 30, 60, 61, 120, 600, 3600, 86_400, 432_000] {
        let server = TokenServer::new();
        server.state().lifetime = Some(lifetime);
        let client = server.client();
        for _ in 0..300 {
            call(&client).await.unwrap();
            advance(Duration::from_secs(lifetime) / 100).await;
        }
        let count = server.grants().len();
        assert!((3..=4).contains(&count), "{count} tokens for three lifetimes of {lifetime} s");
        // No call was sent with an expired token.
        assert_eq!(server.stub.count(), 300 + count, "{lifetime} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_on_arrival_is_used_by_the_calls_that_awaited_it() {
    let server = TokenServer::new();
    server.state().lifetime = Some(2);
    server.state().token_delay = 3 * SECOND;
    a_thousand_calls(&server.client()).await;
    assert_eq!(server.grants().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_lifetime_is_used_until_it_is_rejected() {
    let server = TokenServer::new();
    server.state().lifetime = None;
    let client = server.client();
    for _ in 0..100 {
        call(&client).await.unwrap();
    }
    assert_eq!(server.grants(), ["password"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_requested_for_the_account_of_the_credentials() {
    let server = TokenServer::new();
    let mut credentials = Credentials::password("ada@example.com", "pw");
    if let Credentials::Password { account, .. } = &mut credentials {
        *account = Some("77".into());
    }
    call(&server.builder().credentials(credentials).build().unwrap()).await.unwrap();
    assert!(server.stub.requests()[0].body.ends_with("&account_id=77"));
}

#[tokio::test(start_paused = true)]
async fn clones_and_handles_share_a_token_and_separate_clients_do_not() {
    let server = TokenServer::new();
    let client = server.client();
    for handle in [client.clone(), client.for_account("77"), client.deadline(SECOND)] {
        call(&handle).await.unwrap();
    }
    assert_eq!(server.grants().len(), 1);
    call(&server.client()).await.unwrap();
    assert_eq!(server.grants().len(), 2);
}
