//! Grants: with a refresh token or a password, after each kind of failure.

use std::collections::VecDeque;
use std::time::Duration;

use cakemail_client::{Credentials, ErrorKind, Outcome};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost, Timeout};
use serde_json::json;
use tokio::time::advance;

use crate::support::{Reply, TokenServer, call, email, respond, status, transport_error, unauthorized};

const SECOND: Duration = Duration::from_secs(1);

fn unavailable() -> Reply {
    respond(503, &[], "")
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
