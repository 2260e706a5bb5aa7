//! `https`, straight and through a proxy, over both real transports.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io;
use std::sync::Arc;

use cakemail_transport::{Dispatch, HyperTransport, Settings, Transport, TransportErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use support::server::{Peer, Seen, Server};
use support::{TRANSPORTS, assert_discreet, email, settings};
use tokio_rustls::TlsAcceptor;

/// A certificate for the loopback address, and settings that trust the authority that signed it.
fn trusted() -> (TlsAcceptor, Settings) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();

    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), settings().root_certificates(root.pem()).unwrap())
}

async fn answer_secured(peer: Peer, acceptor: TlsAcceptor) -> io::Result<()> {
    let mut peer = peer.secure(&acceptor).await?;
    loop {
        peer.request().await?;
        peer.answer(201, "{}").await?;
    }
}

#[tokio::test]
async fn a_trusted_server_is_spoken_to() {
    for (name, make) in TRANSPORTS {
        let (acceptor, settings) = trusted();
        let server = Server::start(move |peer| answer_secured(peer, acceptor.clone())).await;
        let transport = make(settings);
        for _ in 0..2 {
            let answer = transport.send(email(&server.base("https"))).await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (201, &b"{}"[..]), "{name}");
        }
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 2 }, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not() {
    for (name, make) in TRANSPORTS {
        let (acceptor, _) = trusted();
        let server = Server::start(move |peer| answer_secured(peer, acceptor.clone())).await;
        let transport = make(settings());
        let error = transport.send(email(&server.base("https"))).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{name}");
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 0 }, "{name}");
    }
}

/// A proxy that opens no tunnel but answers in place of the server, and tells what it was asked.
async fn tunnel(mut peer: Peer, acceptor: TlsAcceptor) -> io::Result<()> {
    let asked = peer.message().await?;
    let lines: Vec<_> = asked.lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines[0], "connect 127.0.0.1:9 http/1.1");
    // "me:secret", the user and password of the proxy.
    assert!(lines.contains(&"proxy-authorization: basic bwu6c2vjcmv0".to_owned()), "{asked}");
    assert!(!asked.contains("Bearer"), "{asked}");
    peer.write("HTTP/1.1 200 OK\r\n\r\n").await?;
    answer_secured(peer, acceptor).await
}

#[tokio::test]
async fn a_proxy_is_tunnelled_through() {
    for (name, make) in TRANSPORTS {
        let (acceptor, settings) = trusted();
        let proxy = Server::start(move |peer| tunnel(peer, acceptor.clone())).await;
        let transport = make(settings.proxy(proxy.proxy()));
        let answer = transport.send(email("https://127.0.0.1:9")).await.unwrap();
        assert_eq!(answer.status(), 201, "{name}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 1, requests: 1 }, "{name}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_connection() {
    for (name, make) in TRANSPORTS {
        let proxy = Server::start(|mut peer: Peer| async move {
            peer.message().await?;
            peer.answer(407, "").await?;
            peer.until_closed().await
        });
        let proxy = proxy.await;
        let transport = make(settings().proxy(proxy.proxy()));
        let error = transport.send(email("https://127.0.0.1:9")).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{name}");
        assert_discreet(&error);
        assert!(!format!("{transport:?}").contains("secret"), "{transport:?}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 1, requests: 0 }, "{name}");
    }
}

/// Whatever else a proxy speaks, its password must not be sent to it in the clear.
#[tokio::test]
async fn hyper_speaks_to_plain_proxies_only() {
    for scheme in ["https", "socks5"] {
        let proxy = Server::start(support::scripts::never_speak).await;
        let transport = HyperTransport::with(settings().proxy(proxy.base(scheme).parse().unwrap())).unwrap();
        let error = transport.send(email("https://127.0.0.1:9")).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{scheme}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 0, requests: 0 }, "{scheme}");
    }
}
