//! Provokes an error of each kind and compares it with `docs/errors.md`.

use std::time::Duration;

use cakemail::sandbox::{Sandbox, SandboxClient};
use cakemail::transport::{Dispatch, TransportError, TransportErrorKind};
use cakemail::{
    Client, Content, Credentials, Error, ErrorKind, IdempotencyKey, ListId, Milestone, NewEmail, ReconcilePolicy,
    ReplayTransport, RetryPolicy,
};

use crate::pages::{read, shows};
use crate::{Result, TestBed};

/// A client without retries whose transport has prepared responses.
fn client_of(transport: ReplayTransport) -> Client {
    let credentials = Credentials::access_token("any");
    Client::builder().credentials(credentials).transport(transport).retry_policy(RetryPolicy::never()).build().unwrap()
}

fn client_with_lost_response(kind: TransportErrorKind) -> Client {
    client_of(ReplayTransport::new().fail(TransportError::new(kind, Dispatch::MaybeSent, "simulated")))
}

/// The URL of a port without a listener.
fn unused_url() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn send(client: &Client) -> Error {
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Welcome", "Hello."));
    client.emails().send(&email).await.unwrap_err()
}

/// One error of each kind.
async fn one_of_each() -> Result<Vec<Error>> {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    let guarded = Sandbox::builder().mfa_code("123456").start().await?;
    let wrong_password = Client::builder()
        .base_url(sandbox.url())
        .credentials(Credentials::password("ada@example.com", "wrong"))
        .build()?;
    let offline = Client::builder()
        .base_url(unused_url())
        .credentials(Credentials::access_token("any"))
        .retry_policy(RetryPolicy::never())
        .build()?;
    let bounced = client.emails().send(&bed.email("bounced@example.com")).await?;
    sandbox.clock().advance(Duration::from_secs(2));
    let (key, policy) = (IdempotencyKey::new("order-1042")?, ReconcilePolicy::new());
    client.emails().send_idempotent(&bed.email("ada@example.com"), &key, &policy).await?;
    let rate_limited = ReplayTransport::new().respond(429, r#"{"detail": [{"msg": "Slow down", "type": "too_many"}]}"#);
    let cause = "invalid peer certificate: UnknownIssuer";
    let untrusted = TransportError::new(TransportErrorKind::Certificate, Dispatch::NotSent, cause);
    Ok(vec![
        Client::builder().build().unwrap_err(),
        client
            .emails()
            .send(&bed.email("ada@example.com").tag("my tag").header("Bcc", "eve@example.com"))
            .await
            .unwrap_err(),
        wrong_password.authenticate().await.unwrap_err(),
        guarded.client()?.authenticate().await.unwrap_err(),
        client.for_account("1").lists().list(Default::default()).all().await.unwrap_err(),
        client.emails().get(&"3fbfa67e-c4c4-4e03-8dfd-556037960374".into()).await.unwrap_err(),
        send(client).await,
        send(&client_of(rate_limited)).await,
        send(&client_of(ReplayTransport::new().respond(503, "{}"))).await,
        send(&offline).await,
        send(&client_of(ReplayTransport::new().fail(untrusted))).await,
        send(&client_with_lost_response(TransportErrorKind::Timeout)).await,
        send(&client_with_lost_response(TransportErrorKind::ConnectionLost)).await,
        client_of_a_web_server().users().me().await.unwrap_err(),
        client.emails().wait_for(&bounced.id, Milestone::Delivered, Duration::from_secs(60)).await.unwrap_err(),
        client.emails().send_idempotent(&bed.email("bob@example.com"), &key, &policy).await.unwrap_err(),
    ])
}

fn client_of_a_web_server() -> Client {
    client_of(ReplayTransport::new().respond(200, "<!doctype html>"))
}

/// The text of a page under a heading.
fn section(page: &str, heading: &str) -> String {
    let text = read(page);
    let after = text.split(&format!("\n{heading}\n")).nth(1).unwrap_or_else(|| panic!("{page} has no {heading}"));
    after.split("\n## ").next().unwrap().split("\n### ").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_page_shows_the_message_and_outcome_of_every_kind() -> Result {
    let source = read("crates/cakemail-client/src/error/mod.rs");
    let kinds = source.split("pub enum ErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let kinds: Vec<_> =
        kinds.lines().filter_map(|line| line.trim().strip_suffix(',')).filter(|word| !word.contains(' ')).collect();
    let errors = one_of_each().await?;
    let actual: Vec<_> = errors.iter().map(|error| format!("{:?}", error.kind())).collect();
    assert_eq!(actual, kinds, "one error of each kind, in their order");
    for (error, kind) in errors.iter().zip(&kinds) {
        println!("{kind} {:?}\n{error}\n", error.outcome());
    }
    for (error, kind) in errors.iter().zip(kinds) {
        let section = section("docs/errors.md", &format!("### `{kind}`"));
        assert!(section.contains(&format!("`{:?}`", error.outcome())), "{kind}: {:?}", error.outcome());
        shows("docs/errors.md", &error.to_string());
    }
    Ok(())
}

#[test]
fn the_page_has_every_hint() {
    let source = read("crates/cakemail-client/src/error/hint.rs").replace("\\\n", "");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = flat(&read("docs/errors.md"));
    let hints: Vec<_> = source.split('"').skip(1).step_by(2).map(flat).filter(|hint| hint.contains(' ')).collect();
    assert!(hints.len() > 8, "{hints:?}");
    for hint in hints {
        assert!(page.contains(&hint), "docs/errors.md lacks the hint: {hint}");
    }
}

#[test]
fn a_match_on_the_kind() {
    let error = Client::builder().build().unwrap_err();
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::BadRequest => eprintln!("fix: {:?}", error.fields()),
        ErrorKind::RateLimited => eprintln!("wait {:?}", error.retry_after()),
        _ => eprintln!("{error}"),
    }
    shows("docs/errors.md", &error.to_string());
}
