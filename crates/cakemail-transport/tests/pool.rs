//! The connection pool of the hyper transport: stale connections, runtimes that stop, limits, and dropped calls.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use cakemail_transport::{Dispatch, HyperTransport, Request, Settings, Transport, TransportErrorKind};
use support::server::{Peer, Seen, Server, TIMEOUT};
use support::{TRANSPORTS, email, scripts, settings};
use tokio::io::AsyncReadExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinSet;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server in its own thread, which responds to each connection's requests with `responses` responses and closes it.
/// Returns its base URI, and a receiver of the connections that it closed.
fn server_in_a_thread(responses: usize) -> (String, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (closed, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let closed = closed.clone();
            thread::spawn(move || {
                serve(stream.unwrap(), responses);
                let _ = closed.send(());
            });
        }
    });
    (base, receiver)
}

fn serve(mut stream: TcpStream, responses: usize) {
    for _ in 0..responses {
        let mut request = String::new();
        while !request.ends_with('}') {
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(length) => request += std::str::from_utf8(&buffer[..length]).unwrap(),
            }
        }
        stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    }
}

/// The runtime cannot notice the close before the next request: it does not run in between.
#[test]
fn a_connection_closed_while_the_runtime_is_stopped_is_replaced_before_anything_is_written() {
    let (base, closed) = server_in_a_thread(1);
    let (runtime, transport) = (current_thread(), HyperTransport::with_settings(settings()).unwrap());
    for _ in 0..10 {
        assert_eq!(runtime.block_on(transport.send(email(&base))).unwrap().status(), 200);
        closed.recv().unwrap();
    }
}

#[test]
fn a_transport_works_on_two_runtimes_in_turn() {
    for (name, make) in TRANSPORTS {
        let (base, _closed) = server_in_a_thread(usize::MAX);
        let transport = make(settings());
        let runtimes = [current_thread(), current_thread()];
        let send = |runtime: &Runtime| {
            let response =
                runtime.block_on(async { tokio::time::timeout(TIMEOUT, transport.send(email(&base))).await });
            assert_eq!(response.expect("the connection of another runtime was used").unwrap().status(), 200, "{name}");
        };
        for _ in 0..3 {
            runtimes.iter().for_each(send);
        }
        // The runtimes end, and others find their connections.
        drop(runtimes);
        for _ in 0..20 {
            send(&current_thread());
        }
    }
}

#[tokio::test]
async fn an_idle_connection_is_not_used_after_the_idle_timeout() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep_alive).await;
        let transport = make(settings().idle_timeout(Duration::ZERO));
        for _ in 0..3 {
            transport.send(email(&server.base("http"))).await.unwrap();
        }
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 3, requests: 3 }, "{name}");
    }
}

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

/// A server that closes the connection without reading all of the request, after an early response.
async fn refuse_early(mut peer: Peer) -> std::io::Result<()> {
    peer.stream.read_exact(&mut [0; 1000]).await?;
    peer.write("HTTP/1.1 413 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await
}

#[tokio::test]
async fn a_response_to_a_request_that_is_still_being_written_is_read() {
    let server = Server::start(refuse_early).await;
    let transport = HyperTransport::with_settings(settings()).unwrap();
    for size in [100_000, 1_000_000, 20_000_000] {
        let large = email(&server.base("http")).map(|_| vec![b'a'; size].into());
        let response = tokio::time::timeout(TIMEOUT, transport.send(large)).await.unwrap().unwrap();
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (413, &b"{}"[..]), "{size}");
    }
}

#[tokio::test]
async fn a_request_that_is_not_written_whole_is_not_sent() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(|mut peer: Peer| async move {
            peer.stream.read_exact(&mut [0; 1000]).await?;
            peer.reset()
        });
        let server = server.await;
        let large = email(&server.base("http")).map(|_| vec![b'a'; 20_000_000].into());
        let error = make(settings()).send(large).await.unwrap_err();
        let dispatch = if name == "hyper" { Dispatch::NotSent } else { Dispatch::MaybeSent };
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::ConnectionLost, dispatch), "{name}");
    }
}

/// What a caller knows who gives up on a request when the server stalls after it has read `READ` bytes.
#[tokio::test]
async fn a_watch_tells_whether_an_abandoned_request_may_have_been_sent() {
    const READ: usize = 50;
    for (name, make) in TRANSPORTS {
        let stalled = Arc::new(Notify::new());
        let notify = Arc::clone(&stalled);
        let server = Server::start(move |mut peer: Peer| {
            let stalled = Arc::clone(&notify);
            async move {
                peer.stream.read_exact(&mut [0; READ]).await?;
                stalled.notify_one();
                std::future::pending().await
            }
        });
        let server = server.await;
        let unless_whole = if name == "hyper" { Dispatch::NotSent } else { Dispatch::MaybeSent };
        for (scheme, length, dispatch) in
            [("https", 10, Dispatch::NotSent), ("http", 10, Dispatch::MaybeSent), ("http", 20_000_000, unless_whole)]
        {
            let mut request: Request = email(&server.base(scheme)).map(|_| vec![b'a'; length].into());
            let watch = request.body_mut().watch();
            let transport = make(settings());
            tokio::select! {
                result = transport.send(request) => panic!("{name}: {result:?}"),
                () = stalled.notified() => {}
            }
            assert_eq!(watch.dispatch(), dispatch, "{name}, {scheme}, {length} bytes");
        }
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
