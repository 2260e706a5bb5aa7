//! One attempt over each network transport: the bytes on the wire, that it is one attempt, and that it can be dropped.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail_transport::{
    Body, Dispatch, HyperTransport, Request, ReqwestTransport, Settings, Transport, TransportErrorKind,
};
use support::server::{Peer, Seen, Server};
use support::source::{CHUNK, Chunks};
use support::{TRANSPORTS, assert_no_secrets, email, scripts, settings, streamed};
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};

/// Sends one request and returns the bytes that the server read.
async fn sent_bytes(transport: Arc<dyn Transport>, request: impl Fn(&str) -> Request) -> String {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let server = Server::start(move |mut peer: Peer| {
        let sender = sender.clone();
        async move {
            sender.send(peer.request().await?).unwrap();
            peer.respond(200, "{}").await
        }
    });
    let server = server.await;
    transport.send(request(&server.base("http"))).await.unwrap();
    drop(transport);
    assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 });
    receiver.recv().await.unwrap()
}

#[tokio::test]
async fn sends_the_method_path_headers_and_body_of_the_request() {
    for (name, make) in TRANSPORTS {
        let text = sent_bytes(make(settings()), email).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("POST /v2/emails?about=secret HTTP/1.1"), "{name}");
        let mut headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        headers.retain(|name| *name != "accept"); // reqwest adds `accept: */*`
        headers.sort_unstable();
        assert_eq!(headers, ["authorization", "content-length", "host"], "{name}");
        assert!(head.contains("content-length: 30") && head.contains("authorization: Bearer secret"), "{name}: {head}");
        assert_eq!(body, r#"{"email":"secret@example.com"}"#, "{name}");
    }
}

#[tokio::test]
async fn sends_a_streamed_body_with_its_content_length() {
    for (name, make) in TRANSPORTS {
        for count in [0, 1, 40] {
            let text = sent_bytes(make(settings()), |base| streamed(base, Chunks::complete(count))).await;
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let attached = "a".repeat(count as usize * CHUNK);
            assert!(body == format!(r#"{{"email":"secret@example.com","attachment":"{attached}"}}"#), "{name}");
            assert!(head.contains(&format!("content-length: {}", body.len())), "{name}: {head}");
            assert!(!head.contains("transfer-encoding"), "{name}: {head}");
        }
    }
}

/// The transport closes the connection of the failed body and opens another for the next request.
#[tokio::test]
async fn a_body_that_fails_affects_no_other_request() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep_alive).await;
        let (transport, base) = (make(settings()), server.base("http"));
        let failing = Chunks { count: 2, announced: 3, fails: true };
        for _ in 0..2 {
            transport.send(email(&base)).await.unwrap();
            let error = transport.send(streamed(&base, failing)).await.unwrap_err();
            assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::NotSent), "{name}");
            assert_no_secrets(&error);
            transport.send(streamed(&base, Chunks::complete(3))).await.unwrap();
        }
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 3, requests: 4 }, "{name}");
    }
}

/// A client that retries may have sent the whole body in an earlier attempt.
#[tokio::test]
async fn a_body_that_fails_is_maybe_sent_over_a_custom_client() {
    let server = Server::start(scripts::keep_alive).await;
    let transport = ReqwestTransport::from_client(custom_client().build().unwrap());
    let failing = Chunks { count: 0, announced: 1, fails: true };
    let error = transport.send(streamed(&server.base("http"), failing)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::MaybeSent));
}

#[tokio::test]
async fn sends_no_length_for_an_empty_body() {
    for (name, make) in TRANSPORTS {
        let text = sent_bytes(make(settings()), |base| get(format!("{base}/lists"))).await;
        assert!(text.starts_with("GET /lists HTTP/1.1\r\n") && text.ends_with("\r\n\r\n"), "{name}: {text}");
        assert!(!text.contains("content-length") && !text.contains("transfer-encoding"), "{name}: {text}");
    }
}

fn get(uri: String) -> Request {
    http::Request::get(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn sends_an_encoded_path_unchanged() {
    for (name, make) in TRANSPORTS {
        let text = sent_bytes(make(settings()), |base| get(format!("{base}/lists/a%2Fb%20c%3F?d=%27"))).await;
        assert!(text.starts_with("GET /lists/a%2Fb%20c%3F?d=%27 HTTP/1.1\r\n"), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_dot_segment_is_sent_unchanged_or_refused() {
    for dots in ["..", "%2E%2e", "%2e"] {
        let text = sent_bytes(Arc::new(HyperTransport::with_settings(settings()).unwrap()), |base| {
            get(format!("{base}/lists/{dots}/tags"))
        });
        assert!(text.await.starts_with(&format!("GET /lists/{dots}/tags HTTP/1.1\r\n")), "{dots}");

        let transport = ReqwestTransport::with_settings(settings()).unwrap();
        let error = transport.send(get(format!("http://127.0.0.1:9/lists/{dots}/tags"))).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent), "{dots}");
    }
}

#[tokio::test]
async fn refuses_a_uri_that_is_not_absolute_http() {
    for (name, make) in TRANSPORTS {
        for uri in ["/v2/emails", "ftp://127.0.0.1:9/v2/emails"] {
            let error = make(settings()).send(get(uri.to_owned())).await.unwrap_err();
            assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent), "{name}");
        }
    }
}

#[tokio::test]
async fn does_not_decode_the_body_of_a_response() {
    const RESPONSE: &str = "HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip";
    for (name, make) in TRANSPORTS {
        let server = Server::start(|peer| scripts::respond_once(peer, RESPONSE)).await;
        let response = make(settings()).send(email(&server.base("http"))).await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip", "{name}");
        assert_eq!(response.body().as_ref(), b"zip", "{name}");
    }
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    for (name, make) in TRANSPORTS {
        let arrived = Arc::new(Notify::new());
        let notify = Arc::clone(&arrived);
        let server = Server::start(move |mut peer: Peer| {
            let notify = Arc::clone(&notify);
            async move {
                peer.request().await?;
                notify.notify_one();
                peer.until_closed().await
            }
        });
        let server = server.await;
        let transport = make(settings());
        tokio::select! {
            result = transport.send(email(&server.base("http"))) => panic!("{name}: {result:?}"),
            () = arrived.notified() => {}
        }
        // The connection closes although the transport still exists.
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 }, "{name}");
        drop(transport);
    }
}

/// The server closes the connection shortly after each response, so the next request races with the close. The race has
/// three outcomes, none of which sends a request twice. The server only shuts down its own direction, so it still sees
/// what the client sends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_closed_while_idle_never_repeats_a_request() {
    const ROUNDS: usize = 1000;
    for (name, make) in TRANSPORTS {
        let accepted = AtomicUsize::new(0);
        let server = Server::start(move |mut peer: Peer| {
            let yields = accepted.fetch_add(1, Ordering::Relaxed) % 40;
            async move {
                peer.request().await?;
                peer.respond(200, "{}").await?;
                for _ in 0..yields {
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
        let (mut responded, mut not_sent, mut maybe_sent) = (0, 0, 0);
        for _ in 0..ROUNDS {
            let sending = transport.send(email(&server.base("http")));
            match tokio::time::timeout(Duration::from_secs(10), sending).await {
                Ok(Ok(_)) => responded += 1,
                Ok(Err(error)) if error.dispatch() == Dispatch::NotSent => not_sent += 1,
                Ok(Err(_)) => maybe_sent += 1,
                // Once in some 50,000 requests reqwest's pool never answers: the client's timeout for an attempt ends it.
                Err(_) if name == "reqwest" => maybe_sent += 1,
                Err(_) => panic!("{name} never answers"),
            }
        }
        drop(transport);
        let seen = server.finish().await.requests;
        println!(
            "{name}: {responded} responses, {not_sent} not sent, {maybe_sent} maybe sent; {seen} seen by the server"
        );
        // The server saw each request with a response once, each `NotSent` never, each `MaybeSent` at most once.
        assert!((responded..=responded + maybe_sent).contains(&seen), "{name}");
    }
}

/// A client that the caller configures, without proxies and TLS roots.
fn custom_client() -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls)
}

#[tokio::test]
async fn a_failed_connection_is_not_sent_only_if_the_transport_built_the_client() {
    let unused = tokio::net::TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", unused.local_addr().unwrap());
    let built = ReqwestTransport::from_client(custom_client().build().unwrap());
    let builder = ReqwestTransport::from_builder(custom_client()).unwrap();
    for (transport, dispatch) in [(built, Dispatch::MaybeSent), (builder, Dispatch::NotSent)] {
        let error = transport.send(email(&base)).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, dispatch));
    }
}

#[test]
fn debug_hides_the_headers_of_a_custom_client() {
    let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, "secret".parse().unwrap())]);
    let client = custom_client().default_headers(headers).build().unwrap();
    let debug = format!("{:?}", ReqwestTransport::from_client(client));
    assert!(debug.starts_with("ReqwestTransport") && !debug.contains("secret"), "{debug}");
}

#[tokio::test]
async fn a_custom_builder_does_not_follow_redirects() {
    let server = Server::start(scripts::redirect).await;
    let transport =
        ReqwestTransport::from_builder(custom_client().redirect(reqwest::redirect::Policy::limited(3))).unwrap();
    assert_eq!(transport.send(email(&server.base("http"))).await.unwrap().status(), 307);
    drop(transport);
    assert_eq!(server.finish().await, Seen { connections: 1, requests: 1 });
}

#[tokio::test]
async fn a_timeout_of_a_custom_client_is_maybe_sent() {
    let server = Server::start(scripts::never_respond).await;
    let transport = ReqwestTransport::from_builder(custom_client().timeout(Duration::from_millis(100))).unwrap();
    let error = transport.send(email(&server.base("http"))).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Timeout, Dispatch::MaybeSent));
    assert_no_secrets(&error);
}

#[tokio::test]
async fn only_reqwest_sends_plain_requests_through_a_proxy() {
    for (name, make) in TRANSPORTS {
        let server = Server::start(scripts::keep_alive).await;
        let proxy = Server::start(scripts::keep_alive).await;
        let transport = make(Settings::new().proxy(proxy.proxy()));
        transport.send(email(&server.base("http"))).await.unwrap();
        drop(transport);
        let seen = (server.finish().await.requests, proxy.finish().await.requests);
        assert_eq!(seen, if name == "reqwest" { (0, 1) } else { (1, 0) }, "{name}");
    }
}
