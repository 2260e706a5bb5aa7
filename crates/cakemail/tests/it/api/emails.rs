//! Emails: send, get, render, and suppressed recipients.

use cakemail::emails::{EmailType, RenderEmailQuery};
use cakemail::senders::SenderPatch;
use cakemail::shared::Language;
use cakemail::suppressions::ListSuppressionsQuery;
use cakemail::{Attachment, Content, EmailStatus, ErrorKind, NewEmail, Outcome, TemplateId};

use crate::support::TestBed;

pub async fn sends_every_kind_of_content(bed: &TestBed) {
    let (sender, list) = (bed.sender().await, bed.list().await);
    let html = "<p>Hello.</p>";
    let page = |text: &str| {
        let style = "white-space: pre-wrap; overflow-wrap: anywhere";
        format!("<!DOCTYPE html><html><body><pre style=\"{style}\">{text}</pre></body></html>")
    };
    for (content, shown) in [
        (Content::html("Subject", html), html.to_owned()),
        (Content::text("Subject", "1 < 2"), page("1 &lt; 2")),
        (Content::html_and_text("Subject", html, "Hello."), html.to_owned()),
        (
            Content::template("Subject", TemplateId::new(5)),
            page("Template 5, whose content the sandbox does not have."),
        ),
    ] {
        for email in [
            NewEmail::transactional(&sender, list, "ada@example.com", content.clone()),
            NewEmail::marketing(&sender, list, "ada@example.com", content.clone()),
        ] {
            let submission = bed.client.emails().send(&email).await.unwrap();
            assert_eq!(submission.status, EmailStatus::Queued);
            let query = RenderEmailQuery::new().as_submitted(true);
            assert_eq!(bed.client.emails().render(&submission.id, query).await.unwrap(), shown);
        }
    }
}

pub async fn submits_every_field(bed: &TestBed) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.pdf");
    std::fs::write(&path, b"%PDF-1.7 \xff\x00").unwrap();
    let email = bed
        .email("ada@example.com")
        .await
        .tag("receipt")
        .tag("2026")
        .header("X-Order", "42")
        .attribute("name", "Ada")
        .attach(Attachment::from_bytes("receipt.csv", "item,price\n").unwrap())
        .attach(Attachment::from_path(&path).unwrap())
        .untracked();
    bed.client.emails().send(&email).await.unwrap();

    let sent = &bed.sandbox.emails()[0];
    assert_eq!(sent.tags, ["receipt", "2026"]);
    let sent = &sent.submission;
    assert_eq!(sent["content"]["encoding"], "utf-8");
    assert_eq!(sent["content"]["custom_attributes"][0]["value"], "Ada");
    assert_eq!(sent["additional_headers"][0]["name"], "X-Order");
    assert_eq!(sent["attachment"][0]["type"], "csv");
    assert_eq!(sent["attachment"][0]["content"], "aXRlbSxwcmljZQo=");
    assert_eq!(sent["attachment"][1]["filename"], "plan.pdf");
    assert_eq!(sent["attachment"][1]["content"], "JVBERi0xLjcg/wA=");
    assert_eq!(sent["tracking"]["opens"], false);
}

pub async fn shows_the_submitted_email(bed: &TestBed) {
    let email = bed.email("ada@example.com").await.tag("receipt").header("X-Order", "42").attribute("name", "Ada");
    let id = bed.client.emails().send(&email).await.unwrap().id;
    let shown = bed.client.emails().get(&id).await.unwrap();
    assert_eq!(shown.email_id, id);
    assert_eq!(shown.email, "ada@example.com");
    assert_eq!(shown.tags, ["receipt"]);
    assert_eq!(shown.list_id, email.list_id);
    assert_eq!(shown.sender.id.as_ref(), Some(&email.sender.id));
    assert_eq!(shown.content.subject.as_deref(), Some("Welcome"));
    assert_eq!(shown.content.kind, Some(EmailType::Transactional));
    assert_eq!(shown.content.custom_attributes[0].value.as_deref(), Some("Ada"));
    assert_eq!(shown.additional_headers[0].value, "42");
    assert!(shown.tracking.opens);
    assert_eq!(shown.submitted_time, Some(bed.now()));

    let unknown = bed.client.emails().get(&"3fbfa67e-c4c4-4e03-8dfd-556037960374".into()).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);

    let french = SenderPatch::new().language(Language::FrCa);
    assert_eq!(bed.client.senders().update(&email.sender.id, &french).await.unwrap().language, Some(Language::FrCa));
}

/// The patterns are an address, a domain, and a local part at any domain.
pub async fn rejects_suppressed_recipients(bed: &TestBed) {
    let suppressions = bed.client.suppressions();
    for pattern in ["ada@example.com", "*@example.net", "bob@*"] {
        suppressions.add(pattern).await.unwrap();
    }
    let mut listed: Vec<_> =
        suppressions.list(ListSuppressionsQuery::new()).all().await.unwrap().into_iter().map(|it| it.email).collect();
    listed.sort();
    assert_eq!(listed, ["*@example.net", "ada@example.com", "bob@*"]);

    for recipient in ["ada@example.com", "anyone@example.net", "bob@example.org"] {
        let email = bed.email(recipient).await;
        let error = bed.client.emails().send(&email).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Undeliverable, Outcome::NotDone), "{recipient}");
        assert_eq!(error.refused_email().unwrap().status, EmailStatus::Rejected);
    }
    for pattern in listed {
        suppressions.remove(pattern).await.unwrap();
    }
    let email = bed.email("ada@example.com").await;
    assert_eq!(bed.client.emails().send(&email).await.unwrap().status, EmailStatus::Queued);

    // A suppression by the system cannot be removed.
    bed.send("bounced@example.com").await;
    bed.advance(1);
    let error = suppressions.remove("bounced@example.com").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.fields()[0].field, "email");
}
