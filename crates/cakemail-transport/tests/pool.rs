//! The connection pool of the hyper transport: stale connections, runtimes that stop, limits, and dropped calls.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use cakemail_transport::{HyperTransport, Settings, Transport, TransportErrorKind};
use support::server::{Seen, Server, TIMEOUT};
use support::tls::certificate_and_settings;
use support::{TRANSPORTS, email, scripts, settings};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server in its own thread, which responds to each connection's requests with `responses` responses and closes it.
/// Returns its base URI, and a receiver of the connections that it closed.
fn server_in_a_thread(responses: usize) -> (String, mpsc::Receiver<()>) {
    let (address, closed) = accept_in_a_thread(move |mut stream| serve(&mut stream, responses));
    (format!("http://{address}"), closed)
}

/// Calls `serve` for each connection, in threads. Returns the address, and a receiver of the connections that it closed.
fn accept_in_a_thread(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> (SocketAddr, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (closed, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (serve, closed) = (serve.clone(), closed.clone());
            thread::spawn(move || {
                serve(stream.unwrap());
                let _ = closed.send(());
            });
        }
    });
    (address, receiver)
}

fn serve(stream: &mut (impl Read + Write), responses: usize) {
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

type TlsStream = rustls::StreamOwned<rustls::ServerConnection, TcpStream>;

/// What a server does between two requests on a connection, while the client's runtime is stopped, and how many
/// connections the client opens for them.
struct Idle {
    name: &'static str,
    act: fn(&mut TlsStream),
    connections: usize,
}

const IDLE: [Idle; 4] = [
    Idle { name: "closes TCP", act: |tls| tls.sock.shutdown(Shutdown::Both).unwrap(), connections: 2 },
    Idle { name: "closes TLS", act: |tls| tls.conn.send_close_notify(), connections: 2 },
    Idle { name: "sends other than data", act: |tls| tls.conn.refresh_traffic_keys().unwrap(), connections: 1 },
    Idle { name: "does nothing", act: |_| {}, connections: 1 },
];

#[test]
fn what_arrives_over_tls_while_the_runtime_is_stopped_closes_the_connection_only_if_it_says_so() {
    for Idle { name, act, connections } in IDLE {
        let (acceptor, settings) = certificate_and_settings();
        let (acted, act_done) = mpsc::channel();
        let opened = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&opened);
        let (address, _closed) = accept_in_a_thread(move |stream| {
            counter.fetch_add(1, Ordering::SeqCst);
            let config = Arc::clone(acceptor.config());
            let mut tls = TlsStream::new(rustls::ServerConnection::new(config).unwrap(), stream);
            for _ in 0..2 {
                serve(&mut tls, 1);
                act(&mut tls);
                let _ = tls.flush(); // fails where the connection is closed
                let _ = acted.send(());
            }
        });
        let (runtime, transport) = (current_thread(), HyperTransport::with_settings(settings).unwrap());
        for _ in 0..2 {
            let sending = transport.send(email(&format!("https://{address}")));
            assert_eq!(runtime.block_on(sending).unwrap().status(), 200, "{name}");
            act_done.recv_timeout(TIMEOUT).unwrap();
        }
        assert_eq!(opened.load(Ordering::SeqCst), connections, "{name}");
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
