//! Access tokens: how many the client requests, with which grant, and which calls share them.

use std::collections::VecDeque;
use std::time::Duration;

use cakemail_client::{Client, Credentials, ErrorKind, Outcome};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost, Timeout};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use crate::support::{Reply, TokenServer, call, email, respond, status, transport_error, unauthorized};

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

fn unavailable() -> Reply {
    respond(503, &[], "")
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

#[tokio::test(start_paused = true)]
async fn the_newest_refresh_token_is_used_for_each_renewal() {
    let server = TokenServer::new();
    server.state().lifetime = Some(100);
    let client = server.client();
    for _ in 0..4 {
        call(&client).await.unwrap();
        advance(95 * SECOND).await;
    }
    assert_eq!(server.grants(), ["password", "r1", "r2", "r3"]);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_kept_until_the_server_grants_a_new_one() {
    let server = TokenServer::new();
    server.state().lifetime = Some(100);
    let client = server.client();
    call(&client).await.unwrap();
    server.state().grants_refresh_tokens = false;
    for _ in 0..2 {
        advance(95 * SECOND).await;
        call(&client).await.unwrap();
    }
    assert_eq!(server.grants(), ["password", "r1", "r1"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_refresh_token_the_password_is_used() {
    let server = TokenServer::new();
    server.state().lifetime = Some(100);
    server.state().grants_refresh_tokens = false;
    let client = server.client();
    for _ in 0..3 {
        call(&client).await.unwrap();
        advance(95 * SECOND).await;
    }
    assert_eq!(server.grants(), ["password"; 3]);
}

/// Renewals that fail while the token is valid are repeated after pauses. The refresh token is repeated only where the
/// server said that it failed.
#[tokio::test(start_paused = true)]
async fn a_valid_token_is_used_while_renewals_fail() {
    let failures: [(fn() -> Reply, bool); 3] = [
        (unavailable, true),
        (|| transport_error(ConnectionLost, MaybeSent), false),
        (|| respond(200, &[], "<h1>Sorry</h1>"), false),
    ];
    for (failure, is_repeated) in failures {
        let server = TokenServer::new();
        server.state().lifetime = Some(1000);
        let client = server.client();
        call(&client).await.unwrap();
        advance(945 * SECOND).await; // it is renewed 60 s before it expires
        server.state().token_replies = VecDeque::from(vec![failure; 1000]);
        for _ in 0..50 {
            call(&client).await.unwrap();
            advance(SECOND / 2).await;
        }
        let grants = server.grants();
        // At most six renewals, each with five requests.
        assert!((3..=31).contains(&grants.len()), "{} requests for 50 calls", grants.len());
        assert_eq!(grants[1..3], ["r1", "password"], "{grants:?}");
        assert_eq!(grants[3..].contains(&"r1".to_owned()), is_repeated, "{grants:?}");

        server.state().token_replies.clear();
        advance(60 * SECOND).await;
        call(&client).await.unwrap();
        assert_eq!(server.grants().last().unwrap(), if is_repeated { "r1" } else { "password" });
    }
}

#[tokio::test(start_paused = true)]
async fn the_refresh_token_survives_an_outage() {
    let server = TokenServer::new();
    server.state().lifetime = Some(100);
    let client = server.client();
    call(&client).await.unwrap();
    advance(200 * SECOND).await; // the access token has expired
    server.state().token_replies = VecDeque::from(vec![unavailable as fn() -> Reply; 10]);
    for _ in 0..2 {
        assert_eq!(call(&client).await, Err(ErrorKind::Server));
    }
    call(&client).await.unwrap();
    let renewal = ["r1", "password", "password", "password", "password"];
    assert_eq!(server.grants()[1..], [&renewal[..], &renewal[..], &["r1"]].concat());
}

/// The server may have exchanged it, and counts a second use as theft.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_whose_response_was_lost_is_not_sent_again() {
    let lost: [fn() -> Reply; 4] = [
        || transport_error(ConnectionLost, MaybeSent),
        || transport_error(Timeout, MaybeSent),
        || respond(200, &[], "<h1>Sorry</h1>"),
        || status(200, json!({"access_token": null})),
    ];
    for reply in lost {
        let server = TokenServer::new();
        let client = server.client();
        call(&client).await.unwrap();
        server.revoke();
        server.state().token_replies.push_back(reply);
        call(&client).await.unwrap();
        assert_eq!(server.grants(), ["password", "r1", "password"]);

        let server = TokenServer::new();
        let client = server.builder().credentials(Credentials::refresh_token("r0")).build().unwrap();
        server.state().token_replies.push_back(reply);
        for _ in 0..3 {
            let error = client.emails().send(&email()).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::NotDone));
            assert!(error.to_string().contains("Sign in again"), "{error}");
        }
        assert_eq!(server.grants(), ["r0"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_was_not_sent_or_not_exchanged_is_sent_again() {
    let kept: [(fn() -> Reply, usize); 3] =
        [(|| transport_error(Connect, NotSent), 4), (|| respond(429, &[], ""), 4), (unavailable, 1)];
    for (reply, attempts) in kept {
        let server = TokenServer::new();
        let client = server.builder().credentials(Credentials::refresh_token("r0")).build().unwrap();
        server.state().token_replies = VecDeque::from(vec![reply; attempts]);
        client.users().me().await.unwrap_err();
        call(&client).await.unwrap();
        assert_eq!(server.grants(), vec!["r0"; attempts + 1]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_token_is_replaced_by_the_password() {
    for reply in [
        unauthorized,
        || status(400, json!({"detail": [{"msg": "used before", "type": "bad_request"}]})),
        || respond(400, &[], r#"{"error": "invalid_grant"}"#),
        || status(404, json!({"detail": "Not Found"})),
    ] {
        let server = TokenServer::new();
        let client = server.client();
        call(&client).await.unwrap();
        server.revoke();
        server.state().token_replies.push_back(reply);
        call(&client).await.unwrap();
        server.revoke();
        call(&client).await.unwrap();
        assert_eq!(server.grants(), ["password", "r1", "password", "r2"]);
    }
}

/// Otherwise the account could be locked.
#[tokio::test(start_paused = true)]
async fn a_refused_password_is_not_sent_again_with_every_call() {
    let server = TokenServer::new();
    server.state().token_replies = VecDeque::from(vec![unauthorized as fn() -> Reply; 1000]);
    let client = server.client();
    let clone = client.for_account(77_u64.to_string());
    for _ in 0..1000 {
        assert_eq!(call(&client).await, Err(ErrorKind::Authentication));
        assert_eq!(call(&clone).await, Err(ErrorKind::Authentication));
    }
    assert_eq!(server.grants(), ["password"]);

    // In an hour of calls the pauses grow, to one minute.
    for _ in 0..3600 {
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::NotDone));
        advance(SECOND).await;
    }
    assert!((60..=70).contains(&server.grants().len()), "{} requests in an hour", server.grants().len());

    server.state().token_replies.clear();
    advance(60 * SECOND).await;
    call(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn credentials_that_cannot_renew_a_token_end_the_call() {
    let server = TokenServer::new();
    let client = server.builder().credentials(Credentials::access_token("old")).build().unwrap();
    for _ in 0..2 {
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 1));
    }
    assert!(server.grants().is_empty());

    let client = server.builder().credentials(Credentials::refresh_token("r0")).build().unwrap();
    call(&client).await.unwrap();
    server.revoke();
    server.state().token_replies.push_back(unauthorized);
    for _ in 0..100 {
        assert_eq!(call(&client).await, Err(ErrorKind::Authentication));
    }
    assert_eq!(server.grants(), ["r0", "r1"]);
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
