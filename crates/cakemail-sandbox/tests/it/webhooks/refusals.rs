//! URLs that the sandbox refuses to call.

use std::net::{IpAddr, Ipv4Addr};

use cakemail_sandbox::{DeliveryState, Sandbox, WebhookDelivery};

use super::receiver::{Receiver, webhook};
use crate::support::{User, frozen, noon, seconds};

async fn attempted_delivery(sandbox: &Sandbox, url: &str) -> WebhookDelivery {
    let user = User::of(sandbox).await;
    webhook(&user, "Email.Submitted", url).await;
    user.submit(&user.email("stuck@example.com").await).await;
    sandbox.advance(seconds(100_000)).await;
    sandbox.deliveries().pop().unwrap()
}

#[tokio::test]
async fn deliveries_with_tls_credentials_or_another_host_are_refused() {
    for (url, why) in [
        ("https://127.0.0.1:9/", "no TLS"),
        ("http://ada:secret@127.0.0.1:9/", "user name"),
        ("http://192.0.2.1/", "not on this machine"),
        ("http://192.0.2.1:8080/hook", "allow_webhooks_to"),
        ("http://[2001:db8::1]/", "not on this machine"),
        ("http://[::ffff:192.0.2.1]/", "not on this machine"),
    ] {
        let delivery = attempted_delivery(&frozen().await, url).await;
        assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Refused, 1), "{url}");
        let error = delivery.attempts[0].error.clone().unwrap();
        assert!(error.contains(why) && !error.contains("secret"), "{url}: {error}");
    }
}

#[tokio::test]
async fn every_loopback_name_is_called() {
    for name in ["localhost", "LOCALHOST", "127.0.0.1", "[::ffff:127.0.0.1]"] {
        let receiver = Receiver::start().await;
        let delivery = attempted_delivery(&frozen().await, &format!("http://{name}:{}/#part", receiver.port())).await;
        assert_eq!(delivery.state, DeliveryState::Delivered, "{:?}", delivery.attempts);
        let head = &receiver.posts()[0].head;
        assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("host: {name}:{}\r\n", receiver.port())), "{head}");
    }
}

/// 0.0.0.0 is not loopback, and a connection to it reaches this machine, if the platform allows it.
#[tokio::test]
async fn another_address_can_be_allowed() {
    let receiver = Receiver::start().await;
    let url = format!("http://0.0.0.0:{}/", receiver.port());
    assert_eq!(attempted_delivery(&frozen().await, &url).await.state, DeliveryState::Refused);
    assert!(receiver.posts().is_empty());
    let open = Sandbox::builder().clock(noon()).allow_webhooks_to(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    assert_ne!(attempted_delivery(&open.start().await.unwrap(), &url).await.state, DeliveryState::Refused);
    if cfg!(unix) {
        assert_eq!(receiver.posts().len(), 1);
    }
}

/// Its control API must not be called, by any name of this machine.
#[tokio::test]
async fn the_sandbox_itself_is_refused() {
    for listen in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
        let names: &[&str] = match listen {
            "[::1]:0" => &["[::1]", "localhost"],
            "[::]:0" => &["[::1]", "127.0.0.1", "localhost", "0.0.0.0"],
            "0.0.0.0:0" => &["127.0.0.1", "127.9.9.9", "localhost", "0.0.0.0"],
            _ => &["127.0.0.1", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]", "0.0.0.0"],
        };
        for name in names {
            let builder = Sandbox::builder().clock(noon()).listen(listen.parse().unwrap()).allow_non_loopback();
            let Ok(sandbox) = builder.allow_webhooks_to(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).start().await else {
                assert!(listen.starts_with('['), "a machine may have no IPv6");
                continue;
            };
            let url = format!("http://{name}:{}/_sandbox/reset", sandbox.addr().port());
            let delivery = attempted_delivery(&sandbox, &url).await;
            let error = delivery.attempts[0].error.clone().unwrap_or_default();
            assert!(error.contains("is the sandbox itself"), "{listen}: {url}: {error}");
            assert_eq!((delivery.state, sandbox.emails().len()), (DeliveryState::Refused, 1), "{listen}: {url}");
        }
    }
}

/// A proxy in front of it leads to the same control API.
#[tokio::test]
async fn the_public_url_is_refused() {
    let proxy = Receiver::start().await;
    for (public, target) in [
        (format!("http://localhost:{}/mail", proxy.port()), format!("http://LOCALHOST:{}/mail/", proxy.port())),
        ("https://mail.localhost".into(), "http://mail.localhost/".into()),
        ("http://mail.localhost".into(), "http://mail.localhost:80/".into()),
    ] {
        let sandbox = Sandbox::builder().clock(noon()).public_url(&public).start().await.unwrap();
        let delivery = attempted_delivery(&sandbox, &target).await;
        let error = delivery.attempts[0].error.clone().unwrap_or_default();
        assert!(error.contains("is the sandbox itself"), "{public}: {target}: {error}");
    }
    assert!(proxy.posts().is_empty());
    let sandbox = Sandbox::builder().clock(noon()).public_url("http://localhost:1").start().await.unwrap();
    let other = attempted_delivery(&sandbox, &format!("http://localhost:{}/", proxy.port())).await;
    assert_eq!(other.state, DeliveryState::Delivered, "another port of the same host");
}
