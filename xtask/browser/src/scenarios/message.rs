//! An email: every way to look at it, and what is let happen to it.

use std::time::Duration;

use cakemail::{Attachment, Content, EmailId, EmailStatus, NewEmail};
use serde_json::json;

use crate::Result;
use crate::page::quoted;
use crate::stage::{Desk, Stage, must};

pub async fn views(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let content = Content::html_and_text(
        "Dear [name]",
        "<p>Dear [name], <a href=\"https://example.com/a\">go</a></p>",
        "Plainly, [name]",
    );
    let email = NewEmail::transactional(desk.sender.clone(), desk.list, "reader@example.com", content)
        .attribute("name", "Grace")
        .header("X-Campaign", "spring")
        .tag("letters")
        .attach(Attachment::from_bytes("notes.csv", "a,b")?);
    let id = desk.client.emails().send(&email).await?.id;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    let page = &stage.page;
    page.until("text('#messages [data-status]') === 'Delivered'").await?;
    page.click("#messages li a").await?;
    page.until("text('#subject') === 'Dear Grace' && text('.message-header [data-status]') === 'Delivered'").await?;

    for (tab, words) in [("Rendered", "Dear Grace, go"), ("As submitted", "Dear [name], go")] {
        page.press("[role=tablist]", tab).await?;
        page.until(&format!("$('[role=tab][aria-selected=true]').innerText === {}", quoted(tab))).await?;
        page.look_into(Some("#tab iframe")).await?;
        let shown = page.until(&format!("document.body.innerText.trim() === {}", quoted(words))).await;
        page.look_into(None).await?;
        shown?;
    }
    page.press("[role=tabpanel]", "Phone").await?;
    page.until("$('#tab iframe').getBoundingClientRect().width === 375").await?;
    let tabs = [
        ("Text", "text('#tab pre') === 'Plainly, Grace'"),
        ("Source", "/^MIME-Version: 1.0/mi.test(text('#tab pre'))"),
        ("Headers", "$$('#tab tr').some(it => it.innerText.includes('X-Campaign') && it.innerText.includes('spring'))"),
        ("Attachments 1", "text('#tab .files b') === 'notes.csv'"),
        ("JSON", "JSON.parse(text('#tab pre')).content.subject === 'Dear [name]'"),
    ];
    for (tab, shows) in tabs {
        page.press("[role=tablist]", tab).await?;
        page.until(shows).await?;
    }
    page.press("[role=tablist]", "Attachments 1").await?;
    let file = page.run("return (await fetch($('#tab .files a').href)).text();", json!([])).await?;
    must(file == "a,b", format!("the attachment is {file}"))?;

    let seen = desk.client.emails().get(&id).await?;
    must(seen.status == EmailStatus::Delivered, format!("after it was looked at it is {}", seen.status))?;
    let whole = stage.control(&format!("messages/{id}")).await?;
    must(whole["message"]["opens"] == 0 && whole["message"]["clicks"] == 0, "it was opened by being looked at")?;
    page.until("$$('#timeline li').map(it => it.dataset.kind).join() === 'submitted,queued,delivered'").await?;
    Ok(())
}

pub async fn timeline(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let (reader, leaver, stuck, softly) = (
        desk.send("reader@example.com", "To be read").await?,
        desk.send("leaver@example.com", "To be left").await?,
        desk.send("stuck@example.com", "Stuck").await?,
        desk.send("stuck+softly@example.com", "Softly").await?,
    );
    stage.sandbox.advance(Duration::from_secs(5)).await;
    let life = Life { stage, desk };

    life.open(&reader).await?;
    life.happens("Open", "open", "Opened", EmailStatus::Opened).await?;
    stage.page.press(".event-buttons", "Click").await?;
    stage.page.click("#links [data-link='1']").await?;
    life.shows("click", "Clicked", EmailStatus::Clicked, &reader).await?;
    stage.page.until("text('#timeline [data-kind=click]').includes('https://example.com/two')").await?;
    life.happens("Complain", "spam", "Complained", EmailStatus::Complained).await?;

    life.open(&leaver).await?;
    life.happens("Unsubscribe", "unsubscribe", "Unsubscribed", EmailStatus::Unsubscribed).await?;
    life.open(&softly).await?;
    life.happens("Soft bounce", "soft_bounce", "Soft bounce", EmailStatus::Bounced).await?;
    life.open(&stuck).await?;
    life.refused("Open").await?;
    life.happens("Bounce", "hard_bounce", "Bounced", EmailStatus::Bounced).await?;
    life.refused("Deliver").await?;
    stage.expected.push("status of 400");
    Ok(())
}

/// An email whose life is looked at.
struct Life<'s> {
    stage: &'s Stage,
    desk: Desk,
}

impl Life<'_> {
    async fn open(&self, id: &EmailId) -> Result {
        self.stage.visit(&format!("#/messages/{id}")).await?;
        self.stage
            .page
            .until(&format!("$('#messages [aria-current]').parentNode.dataset.id === '{id}' && $('#timeline li')"))
            .await?;
        Ok(())
    }

    async fn happens(&self, action: &str, kind: &str, words: &str, status: EmailStatus) -> Result {
        self.stage.page.press(".event-buttons", action).await?;
        let id = self.stage.page.value("location.hash.split('/')[2]").await?;
        self.shows(kind, words, status, &EmailId::from(id.as_str().unwrap_or_default())).await
    }

    /// The message, the list and the API agree.
    async fn shows(&self, kind: &str, words: &str, status: EmailStatus, id: &EmailId) -> Result {
        let page = &self.stage.page;
        page.until(&format!("$('#timeline [data-kind={kind}]')")).await?;
        for place in [".message-header", "#messages [aria-current]"] {
            page.until(&format!("text('{place} [data-status={kind}]') === '{words}'")).await?;
        }
        page.until("!shown('.error')").await?;
        let email = self.desk.client.emails().get(id).await?;
        must(email.status == status, format!("the page says {words}, the API {}", email.status))
    }

    async fn refused(&self, action: &str) -> Result {
        self.stage.page.press(".event-buttons", action).await?;
        self.stage.page.until("shown('.error')?.innerText.length > 10").await?;
        Ok(())
    }
}
