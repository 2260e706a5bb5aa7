//! `https`, directly and through a proxy, over both network transports.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io;
use std::sync::Arc;

use cakemail_transport::{Dispatch, HyperTransport, Settings, Transport, TransportErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use support::server::{Peer, Seen, Server};
use support::{TRANSPORTS, assert_no_secrets, email, settings};
use tokio_rustls::TlsAcceptor;

/// A server certificate for the loopback address, and settings that trust its authority.
fn certificate_and_settings() -> (TlsAcceptor, Settings) {
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

async fn respond_over_tls(peer: Peer, acceptor: TlsAcceptor) -> io::Result<()> {
    let mut peer = peer.accept_tls(&acceptor).await?;
    loop {
        peer.request().await?;
        peer.respond(201, "{}").await?;
    }
}

#[tokio::test]
async fn connects_to_a_server_with_a_trusted_certificate() {
    for (name, make) in TRANSPORTS {
        let (acceptor, settings) = certificate_and_settings();
        let server = Server::start(move |peer| respond_over_tls(peer, acceptor.clone())).await;
        let transport = make(settings);
        for _ in 0..2 {
            let response = transport.send(email(&server.base("https"))).await.unwrap();
            assert_eq!((response.status().as_u16(), response.body().as_ref()), (201, &b"{}"[..]), "{name}");
        }
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 2 }, "{name}");
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_failed_connection() {
    for (name, make) in TRANSPORTS {
        let (acceptor, _) = certificate_and_settings();
        let server = Server::start(move |peer| respond_over_tls(peer, acceptor.clone())).await;
        let transport = make(settings());
        let error = transport.send(email(&server.base("https"))).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{name}");
        drop(transport);
        assert_eq!(server.finish().await, Seen { connections: 1, requests: 0 }, "{name}");
    }
}

/// A proxy that checks the tunnel's request and then responds in place of the server.
async fn tunnel(mut peer: Peer, acceptor: TlsAcceptor) -> io::Result<()> {
    let request = peer.message().await?;
    let lines: Vec<_> = request.lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines[0], "connect 127.0.0.1:9 http/1.1");
    // "me:secret", the user and password of the proxy.
    assert!(lines.contains(&"proxy-authorization: basic bwu6c2vjcmv0".to_owned()), "{request}");
    assert!(!request.contains("Bearer"), "{request}");
    peer.write("HTTP/1.1 200 OK\r\n\r\n").await?;
    respond_over_tls(peer, acceptor).await
}

#[tokio::test]
async fn tunnels_through_a_proxy() {
    for (name, make) in TRANSPORTS {
        let (acceptor, settings) = certificate_and_settings();
        let proxy = Server::start(move |peer| tunnel(peer, acceptor.clone())).await;
        let transport = make(settings.proxy(proxy.proxy()));
        let response = transport.send(email("https://127.0.0.1:9")).await.unwrap();
        assert_eq!(response.status(), 201, "{name}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 1, requests: 1 }, "{name}");
    }
}

#[tokio::test]
async fn a_refused_tunnel_is_a_failed_connection() {
    for (name, make) in TRANSPORTS {
        let proxy = Server::start(|mut peer: Peer| async move {
            peer.message().await?;
            peer.respond(407, "").await?;
            peer.until_closed().await
        });
        let proxy = proxy.await;
        let transport = make(settings().proxy(proxy.proxy()));
        let error = transport.send(email("https://127.0.0.1:9")).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{name}");
        assert_no_secrets(&error);
        assert!(!format!("{transport:?}").contains("secret"), "{transport:?}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 1, requests: 0 }, "{name}");
    }
}

/// The password of another kind of proxy must not be sent in the clear.
#[tokio::test]
async fn hyper_refuses_proxies_that_are_not_plain_http() {
    for scheme in ["https", "socks5"] {
        let proxy = Server::start(support::scripts::never_respond).await;
        let transport = HyperTransport::with_settings(settings().proxy(proxy.base(scheme).parse().unwrap())).unwrap();
        let error = transport.send(email("https://127.0.0.1:9")).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent), "{scheme}");
        drop(transport);
        assert_eq!(proxy.finish().await, Seen { connections: 0, requests: 0 }, "{scheme}");
    }
}
