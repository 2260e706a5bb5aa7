//! The connection pool: its limits, and dropped calls.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use cakemail_transport::{HyperTransport, Settings, Transport, TransportErrorKind};
use support::server::{Seen, Server, TIMEOUT};
use support::{TRANSPORTS, email, scripts, settings};
use tokio::task::JoinSet;

#[tokio::test]
async fn at_most_the_set_number_of_idle_connections_stays_open() {
    let open = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&open);
    let server = Server::start(move |peer| {
        let open = Arc::clone(&counter);
        async move {
            open.fetch_add(1, Ordering::SeqCst);
            let result = scripts::keep_alive(peer).await;
            open.fetch_sub(1, Ordering::SeqCst);
            result
        }
    })
    .await;
    let transport = HyperTransport::with_settings(settings().max_idle_connections(2)).unwrap();
    send_at_once(&transport, &server.base("http"), 8).await;
    while open.load(Ordering::SeqCst) > 2 {
        tokio::task::yield_now().await;
    }
    assert!(format!("{transport:?}").contains("in_use: 0 of 256, idle: 2 of 2"), "{transport:?}");
}

/// Sends this many requests at once and returns when all have a response.
async fn send_at_once(transport: &HyperTransport, base: &str, requests: usize) {
    let mut calls = JoinSet::new();
    for _ in 0..requests {
        let (transport, request) = (transport.clone(), email(base));
        calls.spawn(async move { transport.send(request).await.unwrap().status() });
    }
    while let Some(status) = calls.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
}

#[tokio::test]
async fn no_more_than_the_set_number_of_connections_is_opened_and_all_requests_are_served() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep_alive).await;
        let (transport, base) = (make(settings().max_connections(3)), server.base("http"));
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let (transport, request) = (Arc::clone(&transport), email(&base));
            calls.spawn(async move { transport.send(request).await.unwrap() });
        }
        assert_eq!(calls.join_all().await.len(), 50, "{name}");
        drop(transport);
        let seen = server.finish().await;
        assert!(seen.connections <= 3 && seen.requests == 50, "{name}: {seen:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_to_another_server_makes_room() {
    let servers = [Server::start(scripts::keep_alive).await, Server::start(scripts::keep_alive).await];
    let transport = HyperTransport::with_settings(settings().max_connections(1)).unwrap();
    for server in servers.iter().chain(&servers) {
        transport.send(email(&server.base("http"))).await.unwrap();
    }
    drop(transport);
    for server in servers {
        assert_eq!(server.finish().await, Seen { connections: 2, requests: 2 });
    }
}

/// Half of the calls are dropped after a random number of polls.
#[tokio::test]
async fn calls_dropped_at_any_await_leave_nothing_in_use() {
    const CALLS: usize = 10_000;
    let server = Server::start(scripts::keep_alive).await;
    let settings = settings().max_connections(32).max_idle_connections(8);
    let (transport, base) = (HyperTransport::with_settings(settings).unwrap(), server.base("http"));
    let mut random = fastrand::Rng::with_seed(7);
    let mut calls = JoinSet::new();
    for call in 0..CALLS {
        let (transport, request) = (transport.clone(), email(&base));
        let polls = if call % 2 == 0 { random.usize(..12) } else { usize::MAX };
        calls.spawn(async move {
            let mut sending = transport.send(request);
            let mut polled = 0;
            let response = std::future::poll_fn(|context| {
                if polled == polls {
                    return Poll::Ready(None);
                }
                polled += 1;
                sending.as_mut().poll(context).map(Some)
            });
            response.await.map(|response| response.unwrap().status())
        });
        if call % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let finished = tokio::time::timeout(TIMEOUT, calls.join_all()).await.expect("a call hangs");
    assert!(finished.iter().flatten().count() >= CALLS / 2);
    assert!(finished.iter().flatten().all(|status| *status == 200));
    let debug = format!("{transport:?}");
    let idle = debug.split("idle: ").nth(1).and_then(|idle| idle.split(" of 8").next()?.parse::<usize>().ok());
    assert!(debug.contains("in_use: 0 of 32") && idle.unwrap() <= 8, "{debug}");
    drop(transport);
    server.finish().await; // ends only when the client has closed every connection
}

/// The calls that are not polled hold no permit, so the last one gets a connection.
#[tokio::test]
async fn calls_that_wait_and_are_not_polled_hold_nobody_back() {
    let server = Server::start(scripts::keep_alive).await;
    let settings = settings().max_connections(1);
    let (transport, base) = (HyperTransport::with_settings(settings).unwrap(), server.base("http"));
    let mut first = transport.send(email(&base));
    let mut noop = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut noop).is_pending());
    let mut unpolled: Vec<_> = (0..5).map(|_| transport.send(email(&base))).collect();
    for call in &mut unpolled {
        assert!(call.as_mut().poll(&mut noop).is_pending());
    }
    first.await.unwrap();
    let last = tokio::time::timeout(TIMEOUT, transport.send(email(&base))).await;
    assert_eq!(last.expect("the call hangs").unwrap().status(), 200);
    drop(unpolled);
}

#[tokio::test]
async fn the_root_cause_of_a_failed_connection_ends_the_message() {
    let unused = tokio::net::TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refused = format!("http://{}", unused.local_addr().unwrap());
    for (name, make) in TRANSPORTS {
        for (base, cause) in
            [(refused.as_str(), "Connection refused"), ("http://no-such-host.invalid", "failed to lookup address")]
        {
            let error = make(Settings::new().no_proxy()).send(email(base)).await.unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Connect, "{name}: {error}");
            assert!(error.to_string().contains(&format!(": {cause}")), "{name}: {error}");
        }
    }
}
