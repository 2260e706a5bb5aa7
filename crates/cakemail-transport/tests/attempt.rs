//! One attempt: what goes over the wire, that it is one, and that it can be abandoned. Over both real transports.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail_transport::{
    Body, Dispatch, HyperTransport, Request, ReqwestTransport, Settings, Transport, TransportErrorKind,
};
use support::server::{Peer, Seen, Server};
use support::source::{PIECE, Pieces};
use support::{TRANSPORTS, assert_discreet, email, scripts, settings, streamed};
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};

/// Sends one request, and returns it as the server read it.
async fn wire(transport: Arc<dyn Transport>, request: impl Fn(&str) -> Request) -> String {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = Server::start(move |mut peer: Peer| {
        let tell = tell.clone();
        async move {
            tell.send(peer.request().await?).unwrap();
            peer.answer(200, "{}").await
        }
    });
    let server = server.await;
    transport.send(request(&server.base("http"))).await.unwrap();
    drop(transport);
    assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 });
    told.recv().await.unwrap()
}

#[tokio::test]
async fn the_request_arrives_as_it_was_made() {
    for (name, make) in TRANSPORTS {
        let text = wire(make(settings()), email).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("POST /v2/emails?about=secret HTTP/1.1"), "{name}");
        let mut headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        headers.retain(|name| *name != "accept"); // reqwest's own, which asks for anything
        headers.sort_unstable();
        assert_eq!(headers, ["authorization", "content-length", "host"], "{name}");
        assert!(head.contains("content-length: 30") && head.contains("authorization: Bearer secret"), "{name}: {head}");
        assert_eq!(body, r#"{"email":"secret@example.com"}"#, "{name}");
    }
}

#[tokio::test]
async fn a_body_that_is_read_while_it_is_sent_arrives_whole() {
    for (name, make) in TRANSPORTS {
        for count in [0, 1, 40] {
            let text = wire(make(settings()), |base| streamed(base, Pieces::whole(count))).await;
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let attached = "a".repeat(count as usize * PIECE);
            assert!(body == format!(r#"{{"email":"secret@example.com","attachment":"{attached}"}}"#), "{name}");
            assert!(head.contains(&format!("content-length: {}", body.len())), "{name}: {head}");
            assert!(!head.contains("transfer-encoding"), "{name}: {head}");
        }
    }
}

/// What broke is given up with its connection, and the next request has one of its own.
#[tokio::test]
async fn a_body_that_breaks_spoils_no_other_request() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep).await;
        let (transport, base) = (make(settings()), server.base("http"));
        let broken = Pieces { count: 2, said: 3, breaks: true };
        for _ in 0..2 {
            transport.send(email(&base)).await.unwrap();
            let error = transport.send(streamed(&base, broken)).await.unwrap_err();
            assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::NotSent), "{name}");
            assert_discreet(&error);
            transport.send(streamed(&base, Pieces::whole(3))).await.unwrap();
        }
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 3, requests: 4 }, "{name}");
    }
}

/// A client that may retry by itself may have sent the body whole before.
#[tokio::test]
async fn a_body_that_breaks_proves_nothing_over_a_client_of_your_own() {
    let server = Server::start(scripts::keep).await;
    let transport = ReqwestTransport::from_client(own().build().unwrap());
    let broken = Pieces { count: 0, said: 1, breaks: true };
    let error = transport.send(streamed(&server.base("http"), broken)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::MaybeSent));
}

#[tokio::test]
async fn no_body_is_no_body() {
    for (name, make) in TRANSPORTS {
        let text = wire(make(settings()), |base| get(format!("{base}/lists"))).await;
        assert!(text.starts_with("GET /lists HTTP/1.1\r\n") && text.ends_with("\r\n\r\n"), "{name}: {text}");
        assert!(!text.contains("content-length") && !text.contains("transfer-encoding"), "{name}: {text}");
    }
}

fn get(uri: String) -> Request {
    http::Request::get(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn an_encoded_path_stays_encoded() {
    for (name, make) in TRANSPORTS {
        let text = wire(make(settings()), |base| get(format!("{base}/lists/a%2Fb%20c%3F?d=%27"))).await;
        assert!(text.starts_with("GET /lists/a%2Fb%20c%3F?d=%27 HTTP/1.1\r\n"), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_dot_segment_reaches_no_other_path() {
    for dots in ["..", "%2E%2e", "%2e"] {
        let text =
            wire(Arc::new(HyperTransport::with(settings()).unwrap()), |base| get(format!("{base}/lists/{dots}/tags")));
        assert!(text.await.starts_with(&format!("GET /lists/{dots}/tags HTTP/1.1\r\n")), "{dots}");

        let transport = ReqwestTransport::with(settings()).unwrap();
        let error = transport.send(get(format!("http://127.0.0.1:9/lists/{dots}/tags"))).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent), "{dots}");
    }
}

#[tokio::test]
async fn what_is_no_absolute_http_uri_is_not_sent() {
    for (name, make) in TRANSPORTS {
        for uri in ["/v2/emails", "ftp://127.0.0.1:9/v2/emails"] {
            let error = make(settings()).send(get(uri.to_owned())).await.unwrap_err();
            assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent), "{name}");
        }
    }
}

#[tokio::test]
async fn an_encoded_answer_is_handed_over_as_it_is() {
    const ANSWER: &str = "HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip";
    for (name, make) in TRANSPORTS {
        let server = Server::start(|peer| scripts::say(peer, ANSWER)).await;
        let answer = make(settings()).send(email(&server.base("http"))).await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{name}");
        assert_eq!(answer.body().as_ref(), b"zip", "{name}");
    }
}

#[tokio::test]
async fn dropping_the_future_abandons_the_request() {
    for (name, make) in TRANSPORTS {
        let arrived = Arc::new(Notify::new());
        let tell = Arc::clone(&arrived);
        let server = Server::start(move |mut peer: Peer| {
            let tell = Arc::clone(&tell);
            async move {
                peer.request().await?;
                tell.notify_one();
                peer.until_closed().await
            }
        });
        let server = server.await;
        let transport = make(settings());
        tokio::select! {
            answer = transport.send(email(&server.base("http"))) => panic!("{name}: {answer:?}"),
            () = arrived.notified() => {}
        }
        // With the transport still there: the server is left alone all the same.
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 }, "{name}");
        drop(transport);
    }
}

/// The server hangs up a moment after each answer, so that a next request meets a connection that is just being closed.
/// Who is first is a race, which may end in three ways but never in a request made twice. The server only closes its
/// own direction, so that it still sees what comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_closed_while_idle_costs_no_second_request() {
    const ROUNDS: usize = 1000;
    for (name, make) in TRANSPORTS {
        let met = AtomicUsize::new(0);
        let server = Server::start(move |mut peer: Peer| {
            let moment = met.fetch_add(1, Ordering::Relaxed) % 40;
            async move {
                peer.request().await?;
                peer.answer(200, "{}").await?;
                for _ in 0..moment {
                    tokio::task::yield_now().await;
                }
                peer.stream.shutdown().await?;
                loop {
                    peer.request().await?;
                }
            }
        });
        let server = server.await;
        let transport = make(settings());
        let (mut answered, mut not_sent, mut unknown) = (0, 0, 0);
        for _ in 0..ROUNDS {
            match transport.send(email(&server.base("http"))).await {
                Ok(_) => answered += 1,
                Err(error) if error.dispatch() == Dispatch::NotSent => not_sent += 1,
                Err(_) => unknown += 1,
            }
        }
        drop(transport);
        let seen = server.finish().await.requests;
        println!("{name}: {answered} answered, {not_sent} not sent, {unknown} unknown; {seen} seen");
        // All that were answered were seen once, all that were not sent never, the others once at most.
        assert!((answered..=answered + unknown).contains(&seen), "{name}");
    }
}

/// A client of the caller's own, without proxies and without TLS roots.
fn own() -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls)
}

#[tokio::test]
async fn a_client_of_your_own_proves_nothing_unless_it_is_ours_to_build() {
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", nobody.local_addr().unwrap());
    let finished = ReqwestTransport::from_client(own().build().unwrap());
    let builder = ReqwestTransport::from_builder(own()).unwrap();
    for (transport, dispatch) in [(finished, Dispatch::MaybeSent), (builder, Dispatch::NotSent)] {
        let error = transport.send(email(&base)).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, dispatch));
    }
}

#[test]
fn debug_is_silent_about_the_headers_of_your_own_client() {
    let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, "secret".parse().unwrap())]);
    let client = own().default_headers(headers).build().unwrap();
    let debug = format!("{:?}", ReqwestTransport::from_client(client));
    assert!(debug.starts_with("ReqwestTransport") && !debug.contains("secret"), "{debug}");
}

#[tokio::test]
async fn a_builder_of_your_own_loses_its_redirects() {
    let server = Server::start(scripts::redirect).await;
    let transport = ReqwestTransport::from_builder(own().redirect(reqwest::redirect::Policy::limited(3))).unwrap();
    assert_eq!(transport.send(email(&server.base("http"))).await.unwrap().status(), 307);
    drop(transport);
    assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 });
}

#[tokio::test]
async fn a_timeout_of_your_own_client_leaves_the_delivery_unknown() {
    let server = Server::start(scripts::never_speak).await;
    let transport = ReqwestTransport::from_builder(own().timeout(Duration::from_millis(100))).unwrap();
    let error = transport.send(email(&server.base("http"))).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Timeout, Dispatch::MaybeSent));
    assert_discreet(&error);
}

#[tokio::test]
async fn a_plain_request_goes_through_a_proxy_with_reqwest_only() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep).await;
        let proxy = Server::start(scripts::keep).await;
        let transport = make(Settings::new().proxy(proxy.proxy()));
        transport.send(email(&server.base("http"))).await.unwrap();
        drop(transport);
        let seen = (server.finish().await.requests, proxy.finish().await.requests);
        assert_eq!(seen, if name == "reqwest" { (0, 1) } else { (1, 0) }, "{name}");
    }
}
