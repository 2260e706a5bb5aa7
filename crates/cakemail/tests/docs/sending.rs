//! The snippets of `docs/sending.md`.

use std::fs::File;
use std::time::Duration;

use cakemail::logs::{LogQuery, LogType, SummaryQuery};
use cakemail::reports::{ReportInterval, ReportQuery};
use cakemail::senders::NewSender;
use cakemail::{
    Attachment, Client, Content, Credentials, IdempotencyKey, ListId, MfaPrompt, Milestone, NewEmail, OnMissing,
    Preflight, RateLimit, ReconcilePolicy, RetryPolicy, Secret, TagFilter, TemplateId, Timestamp,
};

use crate::pages::shows;
use crate::{DEFAULT_PASSWORD, Result, Sandbox, SandboxClient, TestBed};

#[tokio::test]
async fn a_client_from_its_parts() -> Result {
    let sandbox = Sandbox::builder().account("ada@example.com", DEFAULT_PASSWORD).mfa_code("123456").start().await?;
    let (api, password) = (sandbox.url(), sandbox.password());
    async fn ask_for_the_code() -> std::io::Result<Secret> {
        Ok(Secret::from("123456"))
    }

    let client = Client::builder()
        .credentials(Credentials::password("ada@example.com", password))
        .base_url(api) // https://api.cakemail.dev unless given
        .mfa_prompt(MfaPrompt::new(ask_for_the_code)) // for a second factor
        .attempt_timeout(Duration::from_secs(10)) // 30 s unless given
        .deadline(Duration::from_secs(60)) // for all attempts of a call; 90 s unless given
        .retry_policy(RetryPolicy::default().max_attempts(6)) // 4 unless given
        .rate_limit(RateLimit::Fixed(20.0)) // requests per second; adapts to 429 responses unless given
        .header("X-Gateway", "shop") // in every request, those for access tokens included
        .build()?;

    client.authenticate().await?;
    Ok(())
}

#[tokio::test]
async fn senders_and_lists() -> Result {
    let sandbox = Sandbox::builder().account("ada@example.com", DEFAULT_PASSWORD).start().await?;
    let client = sandbox.client()?;

    let ada = client.senders().create(&NewSender::new("Ada", "ada@example.com")).await?;
    assert!(ada.confirmed); // her address is the account's own
    let shop = client.senders().create(&NewSender::new("The shop", "shop@example.com")).await?;
    assert!(!shop.confirmed); // until someone opens the link in the email to shop@example.com

    let confirmation_id = sandbox.mailbox("shop@example.com").remove(0).confirmation_id;

    let shop = client.senders().confirm(confirmation_id).await?;

    assert!(shop.confirmed);

    let list = client.lists().list(Default::default()).next().await.ok_or("the account has no list")??;

    let report = client.preflight(&Preflight::new(&ada.id, list.id).recipient("bob@example.com")).await;
    for check in &report.checks {
        println!("{:<7} {}: {}", check.state, check.name, check.found);
    }

    assert!(report.passed());
    Ok(())
}

#[tokio::test]
async fn contents_and_options() -> Result {
    let TestBed { sandbox, client, sender, list } = TestBed::new().await?;

    let html = Content::html("Welcome", "<p>Hello, Bob.</p>");
    let text = Content::text("Welcome", "Hello, Bob.");
    let both = Content::html_and_text("Welcome", "<p>Hello, Bob.</p>", "Hello, Bob.");
    let template = Content::template("Welcome", TemplateId::new(5)); // a template stored at Cakemail

    for content in [html, text, both.clone()] {
        client.emails().send(&NewEmail::transactional(&sender, list, "bob@example.com", content)).await?;
    }
    NewEmail::marketing(&sender, list, "bob@example.com", template).validate()?;
    let folder = tempfile::tempdir()?;
    let invoice = folder.path().join("invoice-1042.pdf");
    std::fs::write(&invoice, "%PDF-1.7")?;

    let email = NewEmail::transactional(&sender, list, "bob@example.com", both)
        .tag("welcome") // one more tag
        .header("Reply-To", "help@example.com") // one more header
        .attribute("first_name", "Bob") // one more value for merge tags
        .attach(Attachment::from_path(invoice)?) // one more attachment; its type and encoding are set for you
        .untracked(); // without open and click tracking
    let sent = client.emails().send(&email).await?;

    assert_eq!(sent.attempts, 1);
    assert_eq!(sandbox.emails()[3].submission["attachment"][0]["type"], "pdf");
    for (given, sent) in [("SCAN.PDF", "SCAN.pdf"), ("photo.JPG", "photo.jpeg")] {
        assert_eq!(Attachment::from_bytes(given, "x")?.filename, sent);
    }
    Ok(())
}

#[tokio::test]
async fn attachments() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("bob@example.com"));
    let folder = tempfile::tempdir()?;
    let (report, export) = (folder.path().join("report.pdf"), folder.path().join("export.tmp"));
    std::fs::write(&report, "%PDF-1.7")?;
    std::fs::write(&export, "order,sum\n")?;
    let changed = report.clone();

    let length = std::fs::metadata(&export)?.len();
    let email = email
        .attach(Attachment::from_path(report)?) // a file
        .attach(Attachment::from_reader("orders.csv", length, move || File::open(&export))?) // any reader
        .attach(Attachment::from_bytes("terms.csv", "item,price\n")?); // bytes in memory

    client.emails().send(&email).await?;
    let sent = bed.sandbox.emails().remove(0).submission;
    let content = |index: usize| sent["attachment"][index]["content"].as_str().unwrap_or_default();
    assert_eq!([0, 1, 2].map(content), ["JVBERi0xLjc=", "b3JkZXIsc3VtCg==", "aXRlbSxwcmljZQo="]);
    std::fs::write(changed, "%PDF-1.7, and more")?;
    let error = client.emails().send(&email).await.unwrap_err();
    shows("docs/sending.md", &error.to_string());
    assert_eq!((error.kind(), error.outcome()), (cakemail::ErrorKind::Invalid, cakemail::Outcome::NotDone));
    Ok(())
}

#[tokio::test]
async fn an_invalid_email_reports_every_error() -> Result {
    let client = TestBed::new().await?.client;

    let email = NewEmail::transactional("7", ListId::new(42), "ada", Content::text("", "Hello.")).tag("my tag");
    let error = client.emails().send(&email).await.unwrap_err();
    for field in error.fields() {
        println!("{field}");
    }

    shows("docs/sending.md", &error.fields().iter().map(|field| format!("{field}\n")).collect::<String>());
    Ok(())
}

#[tokio::test]
async fn a_send_with_an_idempotency_key() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("bob@example.com"));

    let policy = ReconcilePolicy::new()
        .window(Duration::from_secs(30)) // how long to search the logs: 20 s unless given
        .on_missing(OnMissing::Report); // or Resend, if a duplicate is better than a lost email
    let sent = client.emails().send_idempotent(&email, &IdempotencyKey::new("order-1042-receipt")?, &policy).await?;

    assert_eq!(sent.attempts, 1);
    Ok(())
}

#[tokio::test]
async fn options_of_a_handle() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("bob@example.com"));
    let account = client.accounts().me().await?.id;

    let shop = client.for_account(account).deadline(Duration::from_secs(5));
    shop.emails().send(&email).await?; // for this account, within 5 seconds

    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn status_and_logs() -> Result {
    let bed = TestBed::new().await?;
    let client = &bed.client;
    let sent = client.emails().send(&bed.email("opened@example.com").tag("welcome")).await?;
    bed.sandbox.clock().advance(Duration::from_secs(3));

    let email = client.emails().get(&sent.id).await?;
    println!("{}, opened {} times", email.status, email.opens);

    let email = client.emails().wait_for(&sent.id, Milestone::Delivered, Duration::from_secs(60)).await?;

    assert_eq!(email.opens, 1);

    let mut lines = client.logs().list(LogQuery::new().tags("welcome"));
    while let Some(line) = lines.next().await {
        let line = line?;
        println!("{} {}", line.email_id, line.kind);
    }

    let a_month_ago = Timestamp::now().saturating_sub(Duration::from_secs(30 * 24 * 60 * 60));
    let query = LogQuery::new()
        .tags(TagFilter::any(["welcome", "receipt"]).and(TagFilter::from("test").not()))
        .log_type(LogType::Open)
        .start_time(a_month_ago);
    let opens = client.logs().list(query).all().await?;

    assert_eq!(opens.len(), 1);

    let rows = client.logs().summaries(SummaryQuery::new().tags("welcome")).all().await?;
    let report = client.reports().emails(ReportQuery::new().interval(ReportInterval::OneDay)).await?;

    assert_eq!(rows.len(), 1);
    assert!(!report.data.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_email_to_a_suppressed_recipient_is_rejected() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("bob@example.com"));

    client.suppressions().add("bob@example.com").await?; // or *@example.com, or bob@*
    let error = client.emails().send(&email).await.unwrap_err();
    if let Some(refused) = error.refused_email() {
        println!("{} is {}", refused.id, refused.status); // rejected
    }

    assert_eq!(error.refused_email().ok_or("no email")?.status.as_str(), "rejected");
    Ok(())
}
