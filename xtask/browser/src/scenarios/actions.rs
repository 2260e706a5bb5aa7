//! What a person does in the inbox, by mouse and by keyboard.

use cakemail::EmailStatus;
use serde_json::json;

use crate::Result;
use crate::page::{ENTER, ESCAPE, HOME, RIGHT};
use crate::test_bed::{TestBed, ensure};

/// Ends waits of several seconds at once.
const HURRY: &str =
    "const wait = window.setTimeout; window.setTimeout = (f, ms, ...more) => wait(f, ms > 5000 ? 0 : ms, ...more);";

pub async fn actions(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    for n in 1..=5 {
        let tag = if n % 2 == 0 { "even" } else { "odd" };
        mailer
            .client
            .emails()
            .send(&mailer.email(&format!("reader{n}@example.com"), &format!("Number {n}")).tag(tag))
            .await?;
    }
    reading(bed).await?;
    deleting(bed).await?;
    let id = keyboard(bed).await?;
    let email = mailer.client.emails().get(&id.as_str().into()).await?;
    ensure(email.status == EmailStatus::Queued, format!("a single letter made the email {}", email.status))
}

async fn reading(bed: &TestBed) -> Result {
    let page = &bed.page;
    page.wait_for("$$('#messages .unread').length === 5").await?;
    page.click("#messages li:nth-child(2) a").await?;
    page.wait_for("text('#subject') === 'Number 4' && $$('#messages .unread').length === 4").await?;
    page.click_label(".filters", "Unread").await?;
    page.wait_for("text('.total') === '4 matches' && location.hash.includes('q=is%3Aunread')").await?;
    page.click_label(".detail-toolbar", "Mark as unread").await?;
    page.wait_for("text('.total') === '5 matches' && text('#subject') === 'Number 4'").await?;
    page.click_label(".filters", "Unread").await?;
    page.click_label(".filters", "even").await?;
    page.wait_for("text('.total') === '2 matches' && $('.filter.of-tag[aria-pressed=true]').innerText === 'even'")
        .await?;
    page.click_label(".filters", "Queued").await?;
    page.wait_for(
        "decodeURIComponent(location.hash).includes('tag:even+status:queued') && text('.total') === '2 matches'",
    )
    .await?;
    page.reload().await?;
    page.wait_for("text('.total') === '2 matches' && text('#subject') === 'Number 4'").await?;
    page.click_label(".filters", "Queued").await?;
    page.click_label(".filters", "even").await?;
    page.wait_for("text('.total') === '5 emails'").await?;
    Ok(())
}

async fn deleting(bed: &TestBed) -> Result {
    let page = &bed.page;
    page.click_label(".detail-toolbar", "Delete").await?;
    page.wait_for("$$('#messages .deleted').length === 1 && text('#subject') === 'Number 3'").await?;
    page.click("#undo").await?;
    page.wait_for("!$('#messages .deleted') && !shown('#notice')").await?;
    // A page that is closed in time deletes nothing.
    page.keys("#").await?;
    page.wait_for("$$('#messages .deleted').length === 1").await?;
    page.reload().await?;
    page.wait_for("text('.total') === '5 emails' && !$('#messages .deleted')").await?;
    page.run(HURRY, json!([])).await?;
    page.wait_for("text('#subject')").await?;
    page.keys("#").await?;
    page.wait_for("text('.total') === '4 emails'").await?;
    ensure(bed.sandbox.emails().len() == 4, "the sandbox has not deleted the email")
}

/// Returns the id of an email at which letters were pressed.
async fn keyboard(bed: &TestBed) -> Result<String> {
    let page = &bed.page;
    bed.visit("#/inbox").await?;
    page.run("document.activeElement.blur();", json!([])).await?;
    let in_list = "document.activeElement.closest('#messages li')";
    page.keys("j").await?;
    page.wait_for(in_list).await?;
    page.keys(HOME).await?;
    page.wait_for("document.activeElement === $('#messages li a')").await?;
    page.keys(ENTER).await?;
    page.wait_for("text('#subject')").await?;
    // The focus stays where it is while emails pass by: in the list, or in the tabs.
    page.keys("j").await?;
    page.wait_for(&format!("{in_list}.querySelector('[aria-current]')")).await?;
    page.run("$('[role=tab][aria-selected=true]').focus();", json!([])).await?;
    let before = page.evaluate("text('#subject')").await?;
    page.keys("j").await?;
    page.wait_for(&format!("text('#subject') !== {before} && document.activeElement.role === 'tab'")).await?;
    let id = page.evaluate("location.hash.split(/[/?]/)[2]").await?.as_str().unwrap_or_default().to_owned();
    for key in ["d", "s", "b"] {
        page.keys(key).await?;
        page.wait_for("$('dialog')?.innerText.includes('cannot be taken back')").await?;
        page.keys(ESCAPE).await?;
        page.wait_for("!$('dialog') && document.activeElement.role === 'tab'").await?;
    }
    for key in ["o", "c", "m", "u"] {
        page.keys(key).await?;
        page.wait_for("!$('dialog') && text('#notice').endsWith('It was not delivered yet')").await?;
    }
    page.keys("f").await?;
    page.wait_for("location.hash.includes('full=1') && !shown('#side') && !shown('.master')").await?;
    page.keys(ESCAPE).await?;
    page.wait_for("shown('#side') && shown('.master')").await?;
    page.run("$('.splitter').focus();", json!([])).await?;
    let width = page.evaluate("$('.master').offsetWidth").await?;
    page.keys(RIGHT).await?;
    page.wait_for(&format!("$('.master').offsetWidth === {width} + 16")).await?;
    page.keys(ESCAPE).await?;
    page.wait_for(&format!("!$('#subject') && {in_list}")).await?;
    Ok(id)
}
