//! The snippets of `docs/testing.md`.

use std::time::Duration;

use cakemail::sandbox::{
    DEFAULT_PASSWORD, DeliveryState, Effect, Fault, Match, Phase, Profile, Sandbox, SandboxClient, Verdict,
    WebhookFaults,
};
use cakemail::senders::NewSender;
use cakemail::transport::http::Method;
use cakemail::webhooks::NewWebhook;
use cakemail::{
    Client, Content, Credentials, EmailStatus, NewEmail, Outcome, RecordingTransport, ReplayTransport,
    ReqwestTransport, RetryPolicy,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::pages::read;
use crate::{Result, TestBed};

#[tokio::test]
async fn replayed_responses() -> Result {
    let email = TestBed::new().await?.email("ada@example.com");

    let transport = ReplayTransport::new()
        .on(Method::POST, "/token")
        .respond(200, r#"{"access_token": "t", "expires_in": 3600}"#)
        .on(Method::POST, "/v2/emails")
        .respond(503, "{}");
    let client = Client::builder()
        .credentials(Credentials::password("ada@example.com", "any"))
        .retry_policy(RetryPolicy::never())
        .transport(transport.clone())
        .build()?;

    let error = client.emails().send(&email).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown); // it may have been sent, so it is not sent again
    transport.assert_exhausted();
    assert_eq!(transport.requests().len(), 2);

    Ok(())
}

#[tokio::test]
async fn replayed_responses_in_json() -> Result {
    let transport = ReplayTransport::from_json(
        r#"[
            {"method": "GET", "path": "/users/self", "error": {"kind": "connection_lost", "dispatch": "maybe_sent"}},
            {"status": 429, "headers": {"retry-after": "0"}},
            {"status": 200, "body": {"data": {"id": 7, "email": "ada@example.com"}}}
        ]"#,
    )?;

    let credentials = Credentials::access_token("any");
    let client = Client::builder().credentials(credentials).transport(transport.clone()).build()?;
    assert_eq!(client.users().me().await?.email, "ada@example.com");
    transport.assert_exhausted();
    Ok(())
}

#[tokio::test]
async fn a_recording_of_real_exchanges() -> Result {
    let bed = TestBed::new().await?;
    let email = bed.email("ada@example.com").tag(DEFAULT_PASSWORD);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("exchanges.json");
    let credentials = Credentials::password(bed.sandbox.email(), bed.sandbox.password());
    let builder = || Client::builder().base_url(bed.sandbox.url()).credentials(credentials.clone());

    let recording = RecordingTransport::new(ReqwestTransport::new()?);
    let client = builder().transport(recording.clone()).build()?;
    client.senders().list(Default::default()).all().await?;
    let sent = client.emails().send(&email).await?;
    recording.save(&file)?;

    let client = builder().transport(ReplayTransport::from_file(&file)?).build()?;
    client.senders().list(Default::default()).all().await?;
    assert_eq!(client.emails().send(&email).await?.id, sent.id);

    let text = std::fs::read_to_string(&file)?;
    for hidden in [DEFAULT_PASSWORD, "ada@", "example.com"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_tenant_of_the_shared_sandbox() -> Result {
    let tenant = Sandbox::shared().await?.tenant();
    let client = tenant.client()?;
    let content = Content::text("Welcome", "Hello.");
    let email =
        NewEmail::transactional(tenant.sender_id(), tenant.list_id(), "ada@example.com", content).tag("welcome");
    client.emails().send(&email).await?;
    assert_eq!(tenant.emails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn waiting() -> Result {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    client.emails().send(&bed.email("ada@example.com").tag("welcome")).await?;

    let emails = sandbox.wait("to:ada tag:welcome").within(Duration::from_secs(2)).await?;
    assert_eq!(emails[0].subject, "Welcome");
    Ok(())
}

/// The snippet of the sandbox's own README.
#[tokio::test]
async fn the_sandbox_alone() -> Result {
    let sandbox = cakemail_sandbox::Sandbox::start().await?;
    println!("point any client at {} as {} / {}", sandbox.url(), sandbox.email(), sandbox.password());
    assert!(sandbox.addr().ip().is_loopback());
    Ok(())
}

#[tokio::test]
async fn the_clock() -> Result {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    let sent = client.emails().send(&bed.email("clicked+42@example.com")).await?;

    sandbox.clock().advance(Duration::from_secs(2));
    assert_eq!(client.emails().get(&sent.id).await?.status, EmailStatus::Opened);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(client.emails().get(&sent.id).await?.status, EmailStatus::Clicked);

    Ok(())
}

/// A webhook receiver that responds 200.
async fn receiver() -> Result<(String, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let receiver = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut post = Vec::new();
            while !post.ends_with(b"}") && stream.read_buf(&mut post).await.is_ok_and(|length| length > 0) {}
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    Ok((url, receiver))
}

#[tokio::test]
async fn webhooks() -> Result {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    let email = bed.email("clicked@example.com");
    let (url, receiver) = receiver().await?;

    client.webhooks().create(&NewWebhook::new("Email.Clicked", url)).await?;
    client.emails().send(&email).await?; // to clicked@example.com
    sandbox.advance(Duration::from_secs(3)).await;
    let delivery = sandbox.deliveries().remove(0);
    assert_eq!((delivery.event.as_str(), delivery.state), ("Email.Clicked", DeliveryState::Delivered));
    assert_eq!(delivery.attempts[0].status, Some(200)); // the receiver's response

    let mut webhook_faults = WebhookFaults::default();
    webhook_faults.duplicate = true; // deliver each event twice
    webhook_faults.tamper = true; // change bodies after signing
    sandbox.webhook_faults(webhook_faults);

    client.emails().send(&email).await?;
    sandbox.advance(Duration::from_secs(3)).await;
    let again: Vec<_> = sandbox.deliveries().into_iter().skip(1).map(|it| it.tampered).collect();
    assert_eq!(again, [true, true]);
    receiver.abort();
    Ok(())
}

#[test]
fn the_pages_agree_on_the_webhook_retry_schedule() {
    let retries =
        |page: &str| read(page).split_once("again 10 s, ").unwrap().1.split_once(" later").unwrap().0.to_owned();
    assert_eq!(retries("docs/testing.md"), retries("crates/cakemail-sandbox/src/lib.rs"));
}

#[tokio::test]
async fn emails_and_requests() -> Result {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    client.emails().send(&bed.email("ada@example.com").tag("welcome")).await?;

    let accepted = sandbox.emails();
    assert_eq!(accepted.len(), 1); // it was sent once
    assert_eq!(accepted[0].tags, ["welcome"]);
    assert_eq!(accepted[0].submission["content"]["subject"], "Welcome"); // the request's body
    let submissions = sandbox.requests().iter().filter(|request| request.path == "/v2/emails").count();
    assert_eq!(submissions, 1);

    sandbox.assert_no_findings();
    Ok(())
}

#[tokio::test]
async fn a_lost_response() -> Result {
    let bed = TestBed::new().await?;
    let (sandbox, client, email) = (&bed.sandbox, &bed.client, bed.email("bob@example.com"));

    let lost = Fault::on(Match::operation("submitEmail").nth(1)).at(Phase::Committed).effect(Effect::Reset);
    sandbox.fault(lost); // the first email is accepted, and its response is lost
    let error = client.emails().send(&email).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(sandbox.ledger().accepted("bob@example.com"), 1);
    assert_eq!(sandbox.ledger().duplicate_count(), 0);
    Ok(())
}

#[tokio::test]
async fn confirmation_emails() -> Result {
    let TestBed { sandbox, client, .. } = TestBed::new().await?;

    let shop = client.senders().create(&NewSender::new("The shop", "shop@example.com")).await?;
    let email = sandbox.mailbox("shop@example.com").remove(0);
    client.senders().confirm(email.confirmation_id).await?; // or open email.link
    assert!(client.senders().get(&shop.id).await?.confirmed);

    Ok(())
}

#[tokio::test]
async fn a_profile() -> Result {
    let mut profile = Profile::default();
    profile.encoding_required = true;
    profile.suppressed_recipient = Verdict::Refused;
    profile.token_lifetime = Duration::from_secs(3600);
    let sandbox = Sandbox::builder()
        .account("ada@example.com", "one")
        .account("bob@example.com", "two")
        .mfa_code("123456") // for Bob, the last account
        .profile(profile)
        .start()
        .await?;

    assert_eq!((sandbox.email(), sandbox.password()), ("ada@example.com", "one"));
    sandbox.set_domains_valid(false);
    Ok(())
}
