//! Idle connections: closed by the server, with something unasked to read, of another runtime, or too old.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use cakemail_transport::{HyperTransport, Transport};
use support::server::{Seen, Server, TIMEOUT};
use support::tls::certificate_and_settings;
use support::{TRANSPORTS, email, scripts, settings};
use tokio::runtime::{Builder, Runtime};

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
                let stream = stream.unwrap();
                // Else the system holds back what follows a response until the client acknowledges that.
                stream.set_nodelay(true).unwrap();
                serve(stream);
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

/// What a proxy may send before it closes an idle connection.
const UNASKED: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_response_that_came_before_the_request_is_not_taken_for_its_response() {
    let (address, closed) = accept_in_a_thread(|mut stream| {
        serve(&mut stream, 1);
        stream.write_all(UNASKED).unwrap();
    });
    let (runtime, transport) = (current_thread(), HyperTransport::with_settings(settings()).unwrap());
    for _ in 0..3 {
        let sending = transport.send(email(&format!("http://{address}")));
        assert_eq!(runtime.block_on(sending).unwrap().status(), 200);
        closed.recv_timeout(TIMEOUT).unwrap();
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

const IDLE: [Idle; 5] = [
    Idle { name: "closes TCP", act: |tls| tls.sock.shutdown(Shutdown::Both).unwrap(), connections: 2 },
    Idle { name: "closes TLS", act: |tls| tls.conn.send_close_notify(), connections: 2 },
    Idle { name: "responds unasked", act: |tls| tls.write_all(UNASKED).unwrap(), connections: 2 },
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

#[test]
fn a_call_is_polled_again_only_when_its_response_arrives() {
    let (base, _closed) = server_in_a_thread(usize::MAX);
    let (runtime, transport) = (current_thread(), HyperTransport::with_settings(settings()).unwrap());
    runtime.block_on(async {
        assert_eq!(transport.send(email(&base)).await.unwrap().status(), 200);
        for _ in 0..5 {
            let (mut sending, mut polls) = (transport.send(email(&base)), 0);
            let response = poll_fn(|context| {
                polls += 1;
                sending.as_mut().poll(context)
            });
            assert_eq!(response.await.unwrap().status(), 200);
            assert!(polls <= 2, "{polls} polls");
        }
    });
}
