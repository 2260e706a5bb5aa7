//! An email: its tabs, and events triggered from its timeline.

use std::time::Duration;

use cakemail::{Attachment, Content, EmailId, EmailStatus, NewEmail};
use serde_json::json;

use crate::Result;
use crate::http_server::HttpServer;
use crate::page::{Page, js_string};
use crate::test_bed::{Mailer, TestBed, ensure};

pub async fn views(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let content = Content::html_and_text(
        "Dear [name]",
        "<p>Dear [name], <a href=\"https://example.com/a\">go</a></p>",
        "Plainly, [name]",
    );
    let email = NewEmail::transactional(mailer.sender.clone(), mailer.list, "reader@example.com", content)
        .attribute("name", "Grace")
        .header("X-Campaign", "spring")
        .tag("letters")
        .attach(Attachment::from_bytes("notes.csv", "a,b")?);
    let id = mailer.client.emails().send(&email).await?.id;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    let page = &bed.page;
    page.wait_for("text('#messages [data-status]') === 'Delivered'").await?;
    page.click("#messages li a").await?;
    page.wait_for("text('#subject') === 'Dear Grace' && text('.message-header [data-status]') === 'Delivered'").await?;

    for (tab, text) in [("Rendered", "Dear Grace, go"), ("As submitted", "Dear [name], go")] {
        page.click_label("[role=tablist]", tab).await?;
        page.wait_for(&format!("$('[role=tab][aria-selected=true]').innerText === {}", js_string(tab))).await?;
        page.switch_to_frame(Some("#tab iframe")).await?;
        let shown = page.wait_for(&format!("document.body.innerText.trim() === {}", js_string(text))).await;
        page.switch_to_frame(None).await?;
        shown?;
    }
    page.click_label("[role=tabpanel]", "Phone").await?;
    page.wait_for("$('#tab iframe').getBoundingClientRect().width === 375").await?;
    let tabs = [
        ("Text", "text('#tab pre') === 'Plainly, Grace'"),
        ("Source", "/^MIME-Version: 1.0/mi.test(text('#tab pre'))"),
        ("Headers", "$$('#tab tr').some(it => it.innerText.includes('X-Campaign') && it.innerText.includes('spring'))"),
        ("Attachments 1", "text('#tab .files b') === 'notes.csv'"),
        ("JSON", "JSON.parse(text('#tab pre')).content.subject === 'Dear [name]'"),
    ];
    for (tab, shows) in tabs {
        page.click_label("[role=tablist]", tab).await?;
        page.wait_for(shows).await?;
    }
    page.click_label("[role=tablist]", "Attachments 1").await?;
    page.wait_for("$('#tab .files a')").await?;
    let file = page.run("return (await fetch($('#tab .files a').href)).text();", json!([])).await?;
    ensure(file == "a,b", format!("the attachment is {file}"))?;

    let email = mailer.client.emails().get(&id).await?;
    ensure(email.status == EmailStatus::Delivered, format!("viewing changed the status to {}", email.status))?;
    let details = bed.control(&format!("messages/{id}")).await?;
    ensure(details["message"]["opens"] == 0 && details["message"]["clicks"] == 0, "viewing counted as an open")?;
    page.wait_for("$$('#timeline li').map(it => it.dataset.kind).join() === 'submitted,queued,delivered'").await?;
    Ok(())
}

pub async fn preview(bed: &mut TestBed) -> Result {
    let images = HttpServer::start(|_| String::new()).await?;
    let remote = format!("http://127.0.0.1:{}/picture.png", images.port);
    bed.allowed.push(remote.clone());
    let mailer = bed.mailer().await?;
    let html = format!(
        "<style>p{{color:red}}@media (prefers-color-scheme: dark){{p{{color:blue}}}}</style><p>Text</p><img src=\"{remote}\" alt=\"Picture\">"
    );
    let content = Content::html("With a picture", html);
    let email = NewEmail::marketing(mailer.sender.clone(), mailer.list, "reader@example.com", content);
    let id = mailer.client.emails().send(&email).await?.id;
    let page = &bed.page;
    bed.visit(&format!("#/messages/{id}/rendered")).await?;
    in_preview(page, "$('img').complete && getComputedStyle($('p')).color === 'rgb(255, 0, 0)'").await?;
    page.wait_for("$('#tab iframe').offsetWidth >= 640").await?;
    page.click_label("[role=tabpanel]", "Phone").await?;
    page.wait_for("location.hash.includes('width=phone') && $('#tab iframe').offsetWidth === 375").await?;
    page.click_label("[role=tabpanel]", "Dark").await?;
    page.wait_for("location.hash.includes('scheme=dark')").await?;
    in_preview(page, "getComputedStyle($('p')).color === 'rgb(0, 0, 255)'").await?;
    ensure(images.received().is_empty(), "a remote image was requested without the switch")?;
    page.click("#tab [role=switch]").await?;
    in_preview(page, "$('img').complete && $('img').src.endsWith('/picture.png')").await?;
    ensure(images.received().len() == 1, "the remote image was not requested once")?;

    // A link shows the same to others, but loads no images of another email.
    page.reload().await?;
    page.wait_for("$('#tab iframe')?.offsetWidth === 375 && $('#tab [role=switch]').checked").await?;
    mailer.send("next@example.com", "The next").await?;
    page.wait_for("text('.total') === '2 emails'").await?;
    page.keys("k").await?;
    page.wait_for("text('#subject') === 'The next' && !$('#tab [role=switch]').checked").await?;
    page.wait_for("location.hash.includes('width=phone') && !location.hash.includes('images')").await?;
    Ok(())
}

/// Waits until a condition holds in the frame of the preview.
async fn in_preview(page: &Page, condition: &str) -> Result {
    page.switch_to_frame(Some("#tab iframe")).await?;
    let held = page.wait_for(condition).await;
    page.switch_to_frame(None).await?;
    held.map(drop)
}

pub async fn timeline(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let (reader, leaver, stuck, softly) = (
        mailer.send("reader@example.com", "To be read").await?,
        mailer.send("leaver@example.com", "To be left").await?,
        mailer.send("stuck@example.com", "Stuck").await?,
        mailer.send("stuck+softly@example.com", "Softly").await?,
    );
    bed.sandbox.advance(Duration::from_secs(5)).await;
    let timeline = Timeline { bed, mailer };

    timeline.open(&reader).await?;
    timeline.triggers("open", "open", "Opened", EmailStatus::Opened).await?;
    timeline.ask("click").await?;
    bed.page.select_option("dialog [name=link]", "1").await?;
    bed.page.click_label("dialog", "Record").await?;
    timeline.shows("click", "Clicked", EmailStatus::Clicked, &reader).await?;
    bed.page.wait_for("text('#timeline [data-kind=click]').includes('https://example.com/two')").await?;
    timeline.triggers("complain", "spam", "Complained", EmailStatus::Complained).await?;

    timeline.open(&leaver).await?;
    timeline.triggers("unsubscribe", "unsubscribe", "Unsubscribed", EmailStatus::Unsubscribed).await?;
    timeline.open(&softly).await?;
    timeline.triggers("soft_bounce", "soft_bounce", "Soft bounce", EmailStatus::Bounced).await?;
    timeline.open(&stuck).await?;
    timeline.rejects("open", "It was not delivered yet").await?;
    timeline.triggers("hard_bounce", "hard_bounce", "Bounced", EmailStatus::Bounced).await?;
    timeline.rejects("deliver", "It has bounced").await?;
    Ok(())
}

/// Checks the timeline of an email.
struct Timeline<'s> {
    bed: &'s TestBed,
    mailer: Mailer,
}

impl Timeline<'_> {
    async fn open(&self, id: &EmailId) -> Result {
        self.bed.visit(&format!("#/messages/{id}")).await?;
        self.bed
            .page
            .wait_for(&format!("$('#messages [aria-current]').parentNode.dataset.id === '{id}' && $('#timeline li')"))
            .await?;
        Ok(())
    }

    async fn triggers(&self, action: &str, kind: &str, label: &str, status: EmailStatus) -> Result {
        self.ask(action).await?;
        self.bed.page.click_label("dialog", "Record").await?;
        let id = self.bed.page.evaluate("location.hash.split('/')[2]").await?;
        self.shows(kind, label, status, &EmailId::from(id.as_str().unwrap_or_default())).await
    }

    /// The message, the list and the API agree.
    async fn shows(&self, kind: &str, label: &str, status: EmailStatus, id: &EmailId) -> Result {
        let page = &self.bed.page;
        page.wait_for(&format!("$('#timeline [data-kind={kind}]')")).await?;
        for place in [".message-header", "#messages [aria-current]"] {
            page.wait_for(&format!("text('{place} [data-status={kind}]') === '{label}'")).await?;
        }
        page.wait_for("!shown('.error')").await?;
        let email = self.mailer.client.emails().get(id).await?;
        ensure(email.status == status, format!("the page shows {label}, the API {}", email.status))
    }

    /// Opens the question of an event.
    async fn ask(&self, action: &str) -> Result {
        self.bed.page.click("#record summary").await?;
        self.bed.page.click(&format!("#record [data-kind={action}]")).await
    }

    /// An event that cannot happen says why, and is not recorded.
    async fn rejects(&self, action: &str, reason: &str) -> Result {
        self.bed.page.click("#record summary").await?;
        self.bed
            .page
            .wait_for(&format!("text('#record [data-kind={action}][aria-disabled=true] small') === '{reason}'"))
            .await?;
        self.bed.page.click(&format!("#record [data-kind={action}]")).await?;
        self.bed.page.wait_for(&format!("!$('dialog') && text('#notice').endsWith('{reason}')")).await?;
        Ok(())
    }
}
