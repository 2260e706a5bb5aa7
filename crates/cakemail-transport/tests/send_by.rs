//! The moment after which no byte of a request is written, over each network transport that holds it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cakemail_transport::{
    BootClock, Dispatch, MockTransport, RecordingTransport, ReplayTransport, Request, Response, SendBy, Transport,
    TransportError, TransportErrorKind,
};
use support::scripts::keep_alive;
use support::server::{Peer, Seen, Server, TIMEOUT};
use support::source::Chunks;
use support::tls::securities;
use support::{MakeTransport, TRANSPORTS, email, settings, streamed};
use tokio::io::AsyncReadExt;

/// A clock that jumps past the moment when it is read for the `nth` time.
fn jumps_at(nth: u64) -> SendBy {
    let reads = AtomicU64::new(0);
    let now = move || Duration::from_secs(if reads.fetch_add(1, Ordering::SeqCst) + 1 < nth { 0 } else { 2 });
    SendBy::new(Duration::from_secs(1), BootClock::from_fn(now))
}

fn by(send_by: SendBy, mut request: Request) -> Request {
    request.extensions_mut().insert(send_by);
    request
}

/// The network transports that hold it.
fn holding() -> Vec<(&'static str, MakeTransport)> {
    TRANSPORTS.into_iter().filter(|(_, make)| make(settings()).holds_send_by()).collect()
}

type Sent = Result<Response, TransportError>;

#[track_caller]
fn assert_too_late(sent: Sent, dispatch: Dispatch, case: &str) {
    let error = sent.expect_err(case);
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Timeout, dispatch), "{case}");
    assert!(error.to_string().ends_with("the time to send the request by has passed"), "{case}: {error}");
}

#[tokio::test]
async fn a_transport_says_whether_it_holds_the_moment() {
    let [reqwest, hyper] = TRANSPORTS.map(|(_, make)| make(settings()));
    let recording = RecordingTransport::new(Arc::clone(&hyper));
    let boxed: Box<dyn Transport> = Box::new(recording.clone());
    for (transport, holds) in [
        (&hyper as &dyn Transport, true),
        (&recording, true),
        (&boxed, true),
        (&reqwest, false),
        (&RecordingTransport::new(Arc::clone(&reqwest)), false),
        (&ReplayTransport::new(), false),
        (&MockTransport::new(), false),
    ] {
        assert_eq!(transport.holds_send_by(), holds, "{transport:?}");
    }
}

/// Every write of a request is the first one that is too late, one after the other.
async fn refuses_every_write_that_is_too_late() {
    for (name, make) in holding() {
        for (scheme, acceptor, settings) in securities() {
            let server = Server::start_over(acceptor, keep_alive).await;
            let (transport, base) = (make(settings), server.base(scheme));
            let send = |nth| transport.send(by(jumps_at(nth), streamed(&base, Chunks::complete(1))));
            // The head, the source, and the two bytes after it: fewer than the head has, so only their refusal proves
            // nothing.
            for (nth, dispatch) in [(1, Dispatch::NotSent), (2, Dispatch::NotSent), (3, Dispatch::MaybeSent)] {
                assert_too_late(send(nth).await, dispatch, &format!("{name}, {scheme}, write {nth}"));
            }
            assert_eq!(send(4).await.unwrap().status(), 200, "{name}, {scheme}");
            drop(transport);
            // Each refused write closed its connection, and none of those requests arrived whole.
            assert_eq!(server.finish().await, Seen { connections: 4, requests: 1 }, "{name}, {scheme}");
        }
    }
}

#[tokio::test]
async fn no_write_follows_the_moment() {
    refuses_every_write_that_is_too_late().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_follows_the_moment_on_a_multi_thread_runtime() {
    refuses_every_write_that_is_too_late().await;
}

/// The server reads a part of a large body, moves the clock on, and then reads what still arrives.
#[tokio::test]
async fn the_rest_of_a_large_body_never_arrives_after_the_moment() {
    const LARGE: usize = 20_000_000;
    for (name, make) in holding() {
        for (scheme, acceptor, settings) in securities() {
            let now = Arc::new(AtomicU64::new(0));
            let clock = Arc::clone(&now);
            let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
            let server = Server::start_over(acceptor, move |mut peer: Peer| {
                let (now, sender) = (Arc::clone(&now), sender.clone());
                async move {
                    peer.stream.read_exact(&mut [0; 1000]).await?;
                    now.store(2, Ordering::SeqCst);
                    let mut rest = Vec::new();
                    let end = peer.stream.read_to_end(&mut rest).await.map_err(|error| error.kind());
                    sender.send((rest.len(), end)).unwrap();
                    Ok(())
                }
            });
            let server = server.await;
            let clock = BootClock::from_fn(move || Duration::from_secs(clock.load(Ordering::SeqCst)));
            let request = email(&server.base(scheme)).map(|_| vec![b'a'; LARGE].into());
            let transport = make(settings);
            let sending = transport.send(by(SendBy::new(Duration::from_secs(1), clock), request));
            let sent = tokio::time::timeout(TIMEOUT, sending).await.expect("the whole request was written");
            assert_too_late(sent, Dispatch::NotSent, &format!("{name}, {scheme}"));
            let (rest, end) = received.recv().await.unwrap();
            assert!(rest < LARGE - 1000, "{name}, {scheme}: {rest}");
            assert_eq!(end, Err(io::ErrorKind::ConnectionReset), "{name}, {scheme}");
        }
    }
}

#[tokio::test]
async fn a_connection_on_which_a_write_was_refused_is_not_used_again() {
    for (name, make) in holding() {
        for (scheme, acceptor, settings) in securities() {
            let server = Server::start_over(acceptor, keep_alive).await;
            let (transport, base) = (make(settings), server.base(scheme));
            transport.send(email(&base)).await.unwrap();
            assert_too_late(transport.send(by(jumps_at(1), email(&base))).await, Dispatch::NotSent, name);
            transport.send(email(&base)).await.unwrap();
            drop(transport);
            assert_eq!(server.finish().await, Seen { connections: 2, requests: 2 }, "{name}, {scheme}");
        }
    }
}

#[tokio::test]
async fn the_moment_of_one_request_does_not_hold_the_next_one() {
    for (name, make) in holding() {
        for (scheme, acceptor, settings) in securities() {
            let server = Server::start_over(acceptor, keep_alive).await;
            let (transport, base) = (make(settings), server.base(scheme));
            for _ in 0..2 {
                transport.send(by(jumps_at(2), email(&base))).await.unwrap();
                transport.send(email(&base)).await.unwrap();
            }
            drop(transport);
            assert_eq!(server.finish().await, Seen { connections: 1, requests: 4 }, "{name}, {scheme}");
        }
    }
}
