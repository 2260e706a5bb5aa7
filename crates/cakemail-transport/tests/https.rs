//! `https`, directly and through a proxy, over both network transports.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::io;

use cakemail_transport::{Dispatch, Settings, TransportErrorKind};
use support::server::{Peer, Seen, Server};
use support::tls::certificate_and_settings;
use support::{TRANSPORTS, TRY_TRANSPORTS, assert_no_secrets, email, settings};
use tokio_rustls::TlsAcceptor;

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
async fn an_untrusted_certificate_is_named_as_the_cause() {
    for (name, make) in TRANSPORTS {
        let (acceptor, _) = certificate_and_settings();
        let server = Server::start(move |peer| respond_over_tls(peer, acceptor.clone())).await;
        let transport = make(settings());
        let error = transport.send(email(&server.base("https"))).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Certificate, Dispatch::NotSent), "{name}");
        assert!(error.to_string().ends_with(": invalid peer certificate: UnknownIssuer"), "{name}: {error}");
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
#[test]
fn a_proxy_that_the_transport_does_not_support_is_an_error_of_the_settings() {
    for (name, make) in TRY_TRANSPORTS {
        for scheme in ["http", "https", "socks5", "ftp"] {
            let result = make(Settings::new().proxy(format!("{scheme}://me:secret@127.0.0.1:9").parse().unwrap()));
            let is_supported = scheme == "http" || (scheme == "https" && name == "reqwest");
            assert_eq!(result.is_ok(), is_supported, "{scheme}, over {name}");
            if let Err(error) = result {
                assert_eq!(error.kind(), TransportErrorKind::Request, "{scheme}, over {name}");
                assert_no_secrets(&error);
            }
        }
    }
}
