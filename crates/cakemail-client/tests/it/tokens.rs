//! Tokens under fire: how many are asked for, by what, and who gets them.

use std::collections::VecDeque;
use std::time::Duration;

use cakemail_client::{Client, Credentials, ErrorKind, Outcome};
use cakemail_transport::Dispatch::MaybeSent;
use cakemail_transport::TransportErrorKind::ConnectionLost;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use crate::support::{Answer, Guarded, email, fail, respond, status, unauthorized};

const SECOND: Duration = Duration::from_secs(1);

/// Calls from a thousand tasks at the same moment. All must succeed.
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

async fn call(client: &Client) -> Result<(), ErrorKind> {
    client.users().me().await.map(drop).map_err(|error| error.kind())
}

fn unavailable() -> Answer {
    respond(503, &[], "")
}

#[tokio::test(start_paused = true)]
async fn a_thousand_first_calls_ask_for_one_token() {
    let guarded = Guarded::new();
    guarded.doors().token_takes = SECOND;
    let start = Instant::now();
    a_thousand_calls(&guarded.client()).await;
    assert_eq!(guarded.asked(), ["password"]);
    assert_eq!(start.elapsed(), SECOND);
    assert_eq!(guarded.server.asked()[0].body, "grant_type=password&username=ada%40example.com&password=p%2Bw");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_refused_calls_renew_once() {
    let guarded = Guarded::new();
    let client = guarded.client();
    client.authenticate().await.unwrap();
    guarded.doors().call_takes = SECOND;
    guarded.doors().token_takes = SECOND;
    guarded.revoke();
    a_thousand_calls(&client).await;
    assert_eq!(guarded.asked(), ["password", "r1"]);
    assert_eq!(guarded.server.count(), 2 + 2 * 1000);
}

/// Refusals that come after the renewal are of the old token.
#[tokio::test(start_paused = true)]
async fn refusals_that_come_late_renew_nothing_more() {
    let guarded = Guarded::new();
    let client = guarded.client();
    client.authenticate().await.unwrap();
    guarded.revoke();
    let mut calls = JoinSet::new();
    for number in 1..=100 {
        guarded.doors().call_takes = number * Duration::from_millis(10);
        let client = client.clone();
        calls.spawn(async move { client.users().me().await.map(drop) });
        tokio::task::yield_now().await; // it has read how long it takes
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!(guarded.asked(), ["password", "r1"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_too_is_an_error() {
    let guarded = Guarded::new();
    let client = guarded.client();
    guarded.doors().forgetful = true;
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Authentication, Outcome::NotDone, 2));
    assert_eq!(guarded.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_does_not_take_the_others_with_it() {
    let guarded = Guarded::new();
    guarded.doors().token_takes = 2 * SECOND;
    let client = guarded.client();
    let start = Instant::now();
    let first = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    tokio::task::yield_now().await; // it has asked
    advance(SECOND / 2).await;
    assert_eq!(guarded.asked().len(), 1);
    let others: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    advance(SECOND / 2).await; // they wait with it
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(()));
    }
    assert_eq!((guarded.asked().len(), start.elapsed()), (1, 2 * SECOND));
}

/// The renewal waits where it is: what it was answered, and a rotated refresh token with it, is not lost.
#[tokio::test(start_paused = true)]
async fn when_all_give_up_the_next_caller_carries_on() {
    let guarded = Guarded::new();
    let client = guarded.client();
    client.authenticate().await.unwrap();
    guarded.revoke();
    guarded.doors().token_takes = 2 * SECOND;
    for later in [SECOND / 2, 5 * SECOND, 600 * SECOND] {
        let asked = guarded.asked().len();
        guarded.revoke();
        for _ in 0..3 {
            let waited = tokio::time::timeout(SECOND / 4, client.users().me()).await;
            assert!(waited.is_err(), "it was answered too soon");
        }
        advance(later).await;
        assert_eq!(call(&client).await, Ok(()), "{later:?} later");
        assert_eq!(guarded.asked().len(), asked + 1);
    }
    assert_eq!(guarded.asked(), ["password", "r1", "r2", "r3"]);
}

/// A renewal that never ends, and that nobody waits for any more, is no reason for a later call to fail.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_was_left_for_dead_is_begun_anew() {
    let guarded = Guarded::new();
    guarded.doors().token_takes = 100_000 * SECOND;
    let client = guarded.client();
    assert!(tokio::time::timeout(SECOND, client.users().me()).await.is_err());
    guarded.doors().token_takes = SECOND;
    advance(600 * SECOND).await;
    a_thousand_calls(&client).await;
    assert_eq!(guarded.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_refresh_token_comes_first_and_the_new_one_is_kept() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = Some(100);
    let client = guarded.client();
    for _ in 0..4 {
        call(&client).await.unwrap();
        advance(95 * SECOND).await;
    }
    assert_eq!(guarded.asked(), ["password", "r1", "r2", "r3"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_new_refresh_token_the_old_one_stays() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = Some(100);
    let client = guarded.client();
    call(&client).await.unwrap();
    guarded.doors().refreshable = false;
    for _ in 0..2 {
        advance(95 * SECOND).await;
        call(&client).await.unwrap();
    }
    assert_eq!(guarded.asked(), ["password", "r1", "r1"]);
}

#[tokio::test(start_paused = true)]
async fn without_any_refresh_token_the_password_is_used() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = Some(100);
    guarded.doors().refreshable = false;
    let client = guarded.client();
    for _ in 0..3 {
        call(&client).await.unwrap();
        advance(95 * SECOND).await;
    }
    assert_eq!(guarded.asked(), ["password"; 3]);
}

/// While the old token is good, a renewal that fails is left at that for a while.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_still_good_outlives_an_outage() {
    for failure in [unavailable, || fail(ConnectionLost, MaybeSent), || respond(200, &[], "<h1>Sorry</h1>")] {
        let guarded = Guarded::new();
        guarded.doors().lifetime = Some(1000);
        let client = guarded.client();
        call(&client).await.unwrap();
        advance(945 * SECOND).await; // renewed 60 s before its end
        guarded.doors().refusals = VecDeque::from(vec![failure; 1000]);
        for _ in 0..50 {
            call(&client).await.unwrap();
            advance(SECOND / 2).await;
        }
        let asked = guarded.asked();
        assert!((2..=25).contains(&asked.len()), "{} requests for 50 calls", asked.len());
        assert!(asked[1..].iter().all(|asked| asked == "r1"), "{asked:?}");

        guarded.doors().refusals.clear();
        advance(60 * SECOND).await;
        call(&client).await.unwrap();
        assert_eq!(guarded.asked().last().unwrap(), "r1", "the refresh token is kept");
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_the_refresh_token_is_still_there() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = Some(100);
    let client = guarded.client();
    call(&client).await.unwrap();
    advance(200 * SECOND).await; // no token is left to go on with
    guarded.doors().refusals = VecDeque::from(vec![unavailable as fn() -> Answer; 8]);
    for _ in 0..2 {
        assert_eq!(call(&client).await, Err(ErrorKind::Server));
    }
    call(&client).await.unwrap();
    assert_eq!(guarded.asked()[1..], vec!["r1"; 9]);
}

#[tokio::test(start_paused = true)]
async fn when_the_refresh_token_is_refused_the_password_is_used() {
    for refusal in [
        unauthorized,
        || status(400, json!({"detail": [{"msg": "used before", "type": "bad_request"}]})),
        || respond(400, &[], r#"{"error": "invalid_grant"}"#),
        || status(404, json!({"detail": "Not Found"})),
    ] {
        let guarded = Guarded::new();
        let client = guarded.client();
        call(&client).await.unwrap();
        guarded.revoke();
        guarded.doors().refusals.push_back(refusal);
        call(&client).await.unwrap();
        guarded.revoke();
        call(&client).await.unwrap();
        assert_eq!(guarded.asked(), ["password", "r1", "password", "r2"]);
    }
}

/// A password that is wrong is not tried with every call, or the account would be locked.
#[tokio::test(start_paused = true)]
async fn a_refused_password_is_left_at_that_for_a_while() {
    let guarded = Guarded::new();
    guarded.doors().refusals = VecDeque::from(vec![unauthorized as fn() -> Answer; 1000]);
    let client = guarded.client();
    let clone = client.for_account(77_u64.to_string());
    for _ in 0..1000 {
        assert_eq!(call(&client).await, Err(ErrorKind::Authentication));
        assert_eq!(call(&clone).await, Err(ErrorKind::Authentication));
    }
    assert_eq!(guarded.asked(), ["password"]);

    // In an hour of calls, ever less often, but at least once a minute.
    for _ in 0..3600 {
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::NotDone));
        advance(SECOND).await;
    }
    assert!((60..=70).contains(&guarded.asked().len()), "{} requests in an hour", guarded.asked().len());

    guarded.doors().refusals.clear();
    advance(60 * SECOND).await;
    call(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn credentials_that_cannot_renew_say_so() {
    let guarded = Guarded::new();
    let client = guarded.builder().credentials(Credentials::access_token("old")).build().unwrap();
    for _ in 0..2 {
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 1));
    }
    assert!(guarded.asked().is_empty());

    let client = guarded.builder().credentials(Credentials::refresh_token("r0")).build().unwrap();
    call(&client).await.unwrap();
    guarded.revoke();
    guarded.doors().refusals.push_back(unauthorized);
    for _ in 0..100 {
        assert_eq!(call(&client).await, Err(ErrorKind::Authentication));
    }
    assert_eq!(guarded.asked(), ["r0", "r1"]);
}

/// From a second to five days: three lifetimes of calls, a hundred in each.
#[tokio::test(start_paused = true)]
async fn no_lifetime_makes_a_renewal_for_every_call() {
    for lifetime in [1, 2, 3, 5, 10, 30, 60, 61, 120, 600, 3600, 86_400, 432_000] {
        let guarded = Guarded::new();
        guarded.doors().lifetime = Some(lifetime);
        let client = guarded.client();
        for _ in 0..300 {
            call(&client).await.unwrap();
            advance(Duration::from_secs(lifetime) / 100).await;
        }
        let asked = guarded.asked().len();
        assert!((3..=4).contains(&asked), "{asked} tokens for three lifetimes of {lifetime} s");
        // Early enough: no call met an expired token.
        assert_eq!(guarded.server.count(), 300 + asked, "{lifetime} s");
    }
}

/// However long it takes to get one: it was asked for when its life began, and serves those who waited for it.
#[tokio::test(start_paused = true)]
async fn a_token_that_comes_late_serves_those_who_waited() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = Some(2);
    guarded.doors().token_takes = 3 * SECOND;
    a_thousand_calls(&guarded.client()).await;
    assert_eq!(guarded.asked().len(), 1);
}

/// A lifetime that is not told is no lifetime of nothing: the token is good until it is refused.
#[tokio::test(start_paused = true)]
async fn a_lifetime_that_is_not_told_is_no_renewal_for_every_call() {
    let guarded = Guarded::new();
    guarded.doors().lifetime = None;
    let client = guarded.client();
    for _ in 0..100 {
        call(&client).await.unwrap();
    }
    assert_eq!(guarded.asked(), ["password"]);
}

#[tokio::test(start_paused = true)]
async fn an_account_is_asked_for_with_the_token() {
    let guarded = Guarded::new();
    let mut credentials = Credentials::password("ada@example.com", "pw");
    if let Credentials::Password { account, .. } = &mut credentials {
        *account = Some("77".into());
    }
    call(&guarded.builder().credentials(credentials).build().unwrap()).await.unwrap();
    assert!(guarded.server.asked()[0].body.ends_with("&account_id=77"));
}

/// Clients that were built apart share no token; clones and handles do.
#[tokio::test(start_paused = true)]
async fn who_shares_a_token() {
    let guarded = Guarded::new();
    let client = guarded.client();
    for handle in [client.clone(), client.for_account("77"), client.deadline(SECOND)] {
        call(&handle).await.unwrap();
    }
    assert_eq!(guarded.asked().len(), 1);
    call(&guarded.client()).await.unwrap();
    assert_eq!(guarded.asked().len(), 2);
}
