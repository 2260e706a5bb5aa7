//! The rate limit: spacing, pauses, the order of waiting requests, and calls that are not polled or dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail_client::{BulkOptions, Client, ErrorKind, RateLimit, RetryPolicy};
use cakemail_model::senders::SenderPatch;
use cakemail_transport::Dispatch::NotSent;
use cakemail_transport::TransportErrorKind::Connect;
use futures_util::stream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::{StubServer, TokenServer, advanced, email, ok, respond, transport_error};

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn client(server: &StubServer, requests_per_second: f64) -> Client {
    server.builder().rate_limit(RateLimit::Fixed(requests_per_second)).deadline(Duration::MAX).build().unwrap()
}

fn spawn_sends(client: &Client, count: usize) -> JoinSet<()> {
    let mut sends = JoinSet::new();
    for _ in 0..count {
        let client = client.clone();
        sends.spawn(async move { drop(client.emails().send(&email()).await.unwrap()) });
    }
    sends
}

#[tokio::test(start_paused = true)]
async fn a_fixed_rate_is_exact_at_any_rate() {
    for (rate, count) in [(0.05, 4), (0.3, 10), (7.0, 50), (40.0, 100), (2_000.0, 1_000)] {
        let server = StubServer::always(ok);
        spawn_sends(&client(&server, rate), count).join_all().await;
        for (number, at) in server.times().into_iter().enumerate() {
            let exact = Duration::from_secs_f64(number as f64 / rate);
            assert!(at >= exact && at <= exact + millis(1), "{rate}/s: request {number} at {at:?}"); // timers round up
        }
    }
}

#[test]
fn a_rate_that_is_no_number_of_requests_is_a_configuration_error() {
    let build = |rate| StubServer::always(ok).builder().rate_limit(RateLimit::Fixed(rate)).build();
    for rate in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(build(rate).unwrap_err().kind(), ErrorKind::Configuration, "{rate}");
    }
    for rate in [f64::MIN_POSITIVE, 0.05, 1e9, f64::MAX] {
        build(rate).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_lowest_rate_sends_one_request_and_the_highest_delays_none() {
    let server = StubServer::always(ok);
    let slowest = client(&server, f64::MIN_POSITIVE);
    slowest.users().me().await.unwrap();
    let error = slowest.deadline(millis(1_000)).users().me().await.unwrap_err();
    assert_eq!((error.kind(), server.count()), (ErrorKind::RateLimited, 1));

    let start = Instant::now();
    spawn_sends(&client(&server, f64::MAX), 100).join_all().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn calls_that_waited_for_a_token_are_not_sent_in_a_burst() {
    let server = TokenServer::new();
    server.state().token_delay = millis(10_000);
    let client = server.builder().rate_limit(RateLimit::Fixed(10.0)).build().unwrap();
    spawn_sends(&client, 50).join_all().await;
    let times = server.stub.times();
    assert_eq!(times.len(), 51);
    assert!(times[1] >= millis(10_000), "{times:?}");
    assert!(times[1..].windows(2).all(|pair| pair[1] - pair[0] >= millis(100)), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_in_the_loop_over_bulk_results_are_sent_while_the_sends_wait() {
    let server = StubServer::always(ok);
    let client = client(&server, 2.0);
    let start = Instant::now();
    let emails = stream::iter((0..100).map(|number| (number, email())));
    let mut results = client.emails().send_all(emails, BulkOptions::new().in_flight(8));
    for _ in 0..10 {
        results.next().await.unwrap().1.unwrap();
        client.users().me().await.unwrap();
        client.senders().update(&"7".into(), &SenderPatch::new().name("Ada")).await.unwrap();
    }
    // Three requests in each round take 1.5 s. A send that is not polled may cost a tenth of a second.
    assert!(start.elapsed() <= 10 * millis(1_500 + 8 * 100 * 2), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_read_and_a_token_renewal_do_not_wait_behind_the_sends() {
    let server = TokenServer::new();
    server.state().lifetime = Some(100);
    let client = server.builder().rate_limit(RateLimit::Fixed(1.0)).deadline(Duration::MAX).build().unwrap();
    client.authenticate().await.unwrap();
    let mut sends = spawn_sends(&client, 600);
    advanced(millis(9_500)).await;

    let start = Instant::now();
    client.users().me().await.unwrap();
    assert!(start.elapsed() <= millis(2_000), "{:?}", start.elapsed());

    advanced(millis(81_000)).await; // it is time to renew the token
    let start = Instant::now();
    client.authenticate().await.unwrap();
    assert!(start.elapsed() <= millis(2_000), "{:?}", start.elapsed());
    assert_eq!(server.grants().len(), 2);
    sends.abort_all();
}

#[tokio::test(start_paused = true)]
async fn reads_and_sends_take_turns() {
    let server = StubServer::always(ok);
    let client = client(&server, 10.0);
    let mut calls = spawn_sends(&client, 20);
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { drop(client.users().me().await.unwrap()) });
    }
    calls.join_all().await;
    let lines: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    let reads = lines[..20].iter().filter(|line| line.starts_with("GET")).count();
    assert!((9..=11).contains(&reads), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn sends_are_sent_in_the_order_of_their_calls() {
    let server = StubServer::always(ok);
    let client = client(&server, 10.0);
    let mut sends = JoinSet::new();
    for number in 0..50 {
        let (client, email) = (client.clone(), email().email(format!("n{number}@example.com")));
        sends.spawn(async move { drop(client.emails().send(&email).await.unwrap()) });
    }
    sends.join_all().await;
    for (number, request) in server.requests().iter().enumerate() {
        assert!(request.body.contains(&format!("\"n{number}@example.com\"")), "{number}: {}", request.body);
    }
}

/// Ten clones send 500 emails, 100 ms each. The 101st request gets a 429.
#[tokio::test(start_paused = true)]
async fn the_retry_after_of_a_429_pauses_all_clones() {
    for limit in [RateLimit::Adaptive, RateLimit::Fixed(80.0)] {
        let received = Arc::new(AtomicUsize::new(0));
        let server = StubServer::new(move |_| {
            let number = received.fetch_add(1, Ordering::SeqCst);
            async move {
                advanced(millis(100)).await;
                if number == 100 { respond(429, &[("retry-after", "5")], "") } else { ok() }
            }
        });
        let client = server.builder().rate_limit(limit).build().unwrap();
        let mut clones = JoinSet::new();
        for _ in 0..10 {
            let clone = client.clone();
            clones.spawn(async move {
                for _ in 0..50 {
                    clone.emails().send(&email()).await.unwrap();
                }
            });
        }
        clones.join_all().await;
        let times = server.times();
        assert_eq!(times.len(), 501);
        let paused_at = times[100] + millis(100);
        let in_pause = times.iter().filter(|at| (paused_at..paused_at + millis(5_000)).contains(at)).count();
        assert!(in_pause < 10, "{limit:?}: {in_pause} requests arrived in the pause");
        // All of them were in flight at its start.
        assert!(times.iter().all(|at| *at <= paused_at || *at >= paused_at + millis(5_000)), "{limit:?}: {times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_retry_after_than_the_policy_allows_pauses_for_the_longest_allowed() {
    let server = StubServer::script([respond(429, &[("retry-after", "3600")], ""), ok()]);
    let client = server.builder().rate_limit(RateLimit::Adaptive).build().unwrap();
    client.users().me().await.unwrap_err();
    client.emails().send(&email()).await.unwrap();
    assert_eq!(server.times(), [Duration::ZERO, millis(60_000)]);
}

#[tokio::test(start_paused = true)]
async fn dropped_calls_leave_no_gap() {
    for seed in 0..20 {
        fastrand::seed(seed);
        let server = StubServer::always(ok);
        let client = client(&server, 10.0);
        let mut calls = JoinSet::new();
        for number in 0..200 {
            let client = client.clone();
            let limit = if number % 2 == 0 { Duration::MAX } else { millis(fastrand::u64(0..10_000)) };
            calls.spawn(async move {
                let call = async {
                    match number % 3 {
                        0 => client.users().me().await.map(drop),
                        _ => client.emails().send(&email()).await.map(drop),
                    }
                };
                let sent = tokio::time::timeout(limit, call).await;
                assert!(number % 2 == 1 || sent.unwrap().is_ok());
            });
        }
        calls.join_all().await;
        let times = server.times();
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| (millis(99)..=millis(101)).contains(&gap)), "seed {seed}: {times:?}");
    }
}

#[test]
fn dropped_calls_do_not_hang_the_others_on_many_threads() {
    let client = client(&StubServer::always(ok), 2_000.0);
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(call_and_drop_half(&client, 250));
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(run))));
}

async fn call_and_drop_half(client: &Client, count: u64) {
    let mut calls = JoinSet::new();
    for number in 0..count {
        let client = client.clone();
        let limit = if number % 2 == 0 { Duration::MAX } else { Duration::from_micros(fastrand::u64(0..500_000)) };
        calls.spawn(async move {
            let sent = tokio::time::timeout(limit, client.emails().send(&email())).await;
            assert!(number % 2 == 1 || sent.unwrap().is_ok());
        });
    }
    calls.join_all().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_a_send_waits_is_renewed_before_it_is_sent_and_the_order_is_kept() {
    let server = TokenServer::new();
    server.state().lifetime = Some(30);
    let client = server.builder().rate_limit(RateLimit::Fixed(0.1)).deadline(Duration::MAX).build().unwrap();
    let mut sends = JoinSet::new();
    for number in 0..20 {
        let (client, mut email) = (client.clone(), email());
        email.email = format!("user{number}@example.com").into();
        sends.spawn(async move { drop(client.emails().send(&email).await.unwrap()) });
        tokio::task::yield_now().await; // so that it joins the queue
    }
    sends.join_all().await;
    let (tokens, sends): (Vec<_>, Vec<_>) =
        server.stub.requests().into_iter().partition(|request| request.line.contains("/token"));
    assert_eq!(sends.len(), 20, "a send was rejected");
    assert!(tokens.len() > 5, "{}", tokens.len());
    for (number, request) in sends.iter().enumerate() {
        assert!(request.body.contains(&format!("user{number}@")), "send {number} is {}", request.body);
    }
    let times = server.stub.times();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= millis(9_990)), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_sent_gives_its_slot_back() {
    let server = StubServer::script([transport_error(Connect, NotSent), transport_error(Connect, NotSent), ok(), ok()]);
    let builder = server.builder().rate_limit(RateLimit::Fixed(0.1)).retry_policy(RetryPolicy::never());
    let client = builder.build().unwrap();
    for kind in [Some(ErrorKind::Connect), Some(ErrorKind::Connect), None, None] {
        let result = client.users().me().await;
        assert_eq!(result.err().map(|error| error.kind()), kind);
    }
    assert_eq!(server.times(), [0, 0, 0, 10_000].map(millis));
}
