//! Requests that are not written whole, over each network transport, on TCP and on TLS: what can be proven about them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io;
use std::sync::Arc;

use cakemail_transport::{Dispatch, HyperTransport, Request, Transport, TransportErrorKind};
use support::server::{Peer, Server, TIMEOUT};
use support::tls::securities;
use support::{TRANSPORTS, email, settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

/// More than the buffers of two sockets hold.
const LARGE: usize = 20_000_000;

fn email_of(length: usize, base: &str) -> Request {
    email(base).map(|_| vec![b'a'; length].into())
}

/// Whether a transport counts what is written, and so proves that a part of a large body was not.
fn unless_whole(transport: &str) -> Dispatch {
    if transport == "hyper" { Dispatch::NotSent } else { Dispatch::MaybeSent }
}

/// Closes the connection without reading all of the request, after an early response.
async fn refuse_early(mut peer: Peer) -> io::Result<()> {
    peer.tcp().set_nodelay(true)?; // a reset would discard a response that waits for an acknowledgement
    peer.stream.read_exact(&mut [0; 1000]).await?;
    peer.write("HTTP/1.1 413 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await
}

#[tokio::test]
async fn a_response_to_a_request_that_is_still_being_written_is_read() {
    for (scheme, acceptor, settings) in securities() {
        let server = Server::start_over(acceptor, refuse_early).await;
        let transport = HyperTransport::with_settings(settings).unwrap();
        for length in [100_000, 1_000_000, LARGE] {
            let sending = transport.send(email_of(length, &server.base(scheme)));
            let response = tokio::time::timeout(TIMEOUT, sending).await.unwrap().unwrap();
            let (status, body) = (response.status().as_u16(), response.body().as_ref());
            assert_eq!((status, body), (413, &b"{}"[..]), "{scheme}, {length} bytes");
        }
    }
}

/// How a server ends the connection, which decides whether a write or a read of the client fails first.
#[derive(Clone, Copy, Debug)]
enum End {
    Reset,
    Close,
    /// The end of the stream is sent at once, and what arrives is still read.
    ShutDown,
}

async fn end(mut peer: Peer, how: End) -> io::Result<()> {
    peer.stream.read_exact(&mut [0; 1000]).await?;
    match how {
        End::Reset => peer.reset(),
        End::Close => Ok(()),
        End::ShutDown => {
            peer.stream.shutdown().await?;
            peer.stream.read_exact(&mut [0; 1000]).await.map(drop)
        }
    }
}

#[tokio::test]
async fn a_request_that_is_not_written_whole_is_not_sent_however_the_connection_ends() {
    for (name, make) in TRANSPORTS {
        for how in [End::Reset, End::Close, End::ShutDown] {
            for (scheme, acceptor, settings) in securities() {
                let server = Server::start_over(acceptor, move |peer| end(peer, how)).await;
                let error = make(settings).send(email_of(LARGE, &server.base(scheme))).await.unwrap_err();
                let expected = (TransportErrorKind::ConnectionLost, unless_whole(name));
                assert_eq!((error.kind(), error.dispatch()), expected, "{name}, {scheme}, {how:?}");
            }
        }
    }
}

/// Reads a few bytes and stalls.
async fn stall(mut peer: Peer, stalled: Arc<Notify>) -> io::Result<()> {
    peer.stream.read_exact(&mut [0; 50]).await?;
    stalled.notify_one();
    std::future::pending().await
}

/// What a caller knows who gives up on a request when the server has stalled.
async fn abandoned(transport: Arc<dyn Transport>, mut request: Request, stalled: &Notify) -> Dispatch {
    let watch = request.body_mut().watch();
    tokio::select! {
        result = transport.send(request) => panic!("{transport:?}: {result:?}"),
        () = stalled.notified() => {}
    }
    watch.dispatch()
}

#[tokio::test]
async fn a_watch_tells_whether_an_abandoned_request_may_have_been_sent() {
    for (name, make) in TRANSPORTS {
        for (scheme, acceptor, settings) in securities() {
            let stalled = Arc::new(Notify::new());
            let notify = Arc::clone(&stalled);
            let server = Server::start_over(acceptor, move |peer| stall(peer, Arc::clone(&notify))).await;
            for (length, expected) in [(10, Dispatch::MaybeSent), (LARGE, unless_whole(name))] {
                let request = email_of(length, &server.base(scheme));
                let dispatch = abandoned(make(settings.clone()), request, &stalled).await;
                assert_eq!(dispatch, expected, "{name}, {scheme}, {length} bytes");
            }
        }
    }
}

/// The bytes of the handshake are none of the request.
#[tokio::test]
async fn a_request_is_not_sent_while_its_tls_handshake_stalls() {
    for (name, make) in TRANSPORTS {
        let stalled = Arc::new(Notify::new());
        let notify = Arc::clone(&stalled);
        let server = Server::start(move |peer| stall(peer, Arc::clone(&notify))).await;
        let dispatch = abandoned(make(settings()), email_of(10, &server.base("https")), &stalled).await;
        assert_eq!(dispatch, Dispatch::NotSent, "{name}");
    }
}
