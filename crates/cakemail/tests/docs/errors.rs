//! Each kind of error, made to happen, and compared with what `docs/errors.md` shows.

use std::time::Duration;

use cakemail::sandbox::{Sandbox, SandboxClient};
use cakemail::transport::{Dispatch, TransportError, TransportErrorKind};
use cakemail::{
    Client, Content, Credentials, Error, ErrorKind, ListId, Milestone, NewEmail, ReplayTransport, RetryPolicy,
};

use crate::pages::{read, shows};
use crate::{Result, TestBed};

/// A client whose transport answers as recorded, and that tries once.
fn replayed(transport: ReplayTransport) -> Client {
    let credentials = Credentials::access_token("any");
    Client::builder().credentials(credentials).transport(transport).retry_policy(RetryPolicy::never()).build().unwrap()
}

fn lost(kind: TransportErrorKind) -> Client {
    replayed(ReplayTransport::new().fail(TransportError::new(kind, Dispatch::MaybeSent, "made up")))
}

/// A port where nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn send(client: &Client) -> Error {
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Welcome", "Hello."));
    client.emails().send(&email).await.unwrap_err()
}

/// One error of each kind.
async fn each() -> Result<Vec<Error>> {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    let guarded = Sandbox::builder().second_factor("123456").start().await?;
    let stranger = Client::builder()
        .base_url(sandbox.url())
        .credentials(Credentials::password("ada@example.com", "wrong"))
        .build()?;
    let offline = Client::builder()
        .base_url(nowhere())
        .credentials(Credentials::access_token("any"))
        .retry_policy(RetryPolicy::never())
        .build()?;
    let bounced = client.emails().send(&bed.email("bounced@example.com")).await?;
    sandbox.clock().advance(Duration::from_secs(2));
    let many = ReplayTransport::new().respond(429, r#"{"detail": [{"msg": "Slow down", "type": "too_many"}]}"#);
    Ok(vec![
        Client::builder().build().unwrap_err(),
        client
            .emails()
            .send(&bed.email("ada@example.com").tag("my tag").header("Bcc", "eve@example.com"))
            .await
            .unwrap_err(),
        stranger.authenticate().await.unwrap_err(),
        guarded.client()?.authenticate().await.unwrap_err(),
        client.for_account("1").lists().list(Default::default()).all().await.unwrap_err(),
        client.emails().get(&"3fbfa67e-c4c4-4e03-8dfd-556037960374".into()).await.unwrap_err(),
        send(client).await,
        send(&replayed(many)).await,
        send(&replayed(ReplayTransport::new().respond(503, "{}"))).await,
        send(&offline).await,
        send(&lost(TransportErrorKind::Timeout)).await,
        send(&lost(TransportErrorKind::ConnectionLost)).await,
        client_of_a_web_server().users().me().await.unwrap_err(),
        client.emails().wait_for(&bounced.id, Milestone::Delivered, Duration::from_secs(60)).await.unwrap_err(),
    ])
}

fn client_of_a_web_server() -> Client {
    replayed(ReplayTransport::new().respond(200, "<!doctype html>"))
}

/// What a page says under a heading.
fn section(page: &str, heading: &str) -> String {
    let text = read(page);
    let after = text.split(&format!("\n{heading}\n")).nth(1).unwrap_or_else(|| panic!("{page} has no {heading}"));
    after.split("\n## ").next().unwrap().split("\n### ").next().unwrap().to_owned()
}

#[tokio::test]
async fn every_kind_prints_as_the_page_shows() -> Result {
    let source = read("crates/cakemail-client/src/error/mod.rs");
    let kinds = source.split("pub enum ErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let kinds: Vec<_> =
        kinds.lines().filter_map(|line| line.trim().strip_suffix(',')).filter(|word| !word.contains(' ')).collect();
    let errors = each().await?;
    let made: Vec<_> = errors.iter().map(|error| format!("{:?}", error.kind())).collect();
    assert_eq!(made, kinds, "one error of each kind, in their order");
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

/// The hints are in the page, word for word.
#[test]
fn every_hint_is_in_the_page() {
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
fn kinds_are_matched() {
    let error = Client::builder().build().unwrap_err();
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::BadRequest => eprintln!("fix: {:?}", error.fields()),
        ErrorKind::RateLimited => eprintln!("wait {:?}", error.retry_after()),
        _ => eprintln!("{error}"),
    }
    shows("docs/errors.md", &error.to_string());
}
