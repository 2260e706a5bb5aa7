//! Senders, suppressions, lists and contacts.

use std::time::Duration;

use cakemail::EmailStatus;
use futures_util::TryStreamExt;

use crate::Result;
use crate::test_bed::{Mailer, TestBed, ensure};

pub async fn recipients(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    senders(bed, &mailer).await?;
    suppressions(bed, &mailer).await?;
    lists(bed, &mailer).await
}

/// An element within the table row that contains a text.
fn row(text: &str, selector: &str) -> String {
    format!("$$('table.rows tbody tr').find(it => it.innerText.includes('{text}'))?.querySelector('{selector}')")
}

async fn senders(bed: &TestBed, mailer: &Mailer) -> Result {
    let page = &bed.page;
    bed.visit("#/senders").await?;
    page.wait_for(&format!("{}?.innerText === 'Confirmed'", row("sandbox@example.com", ".chip"))).await?;
    page.click("#add-sender").await?;
    page.fill("dialog [name=name]", "Grace").await?;
    page.fill("dialog [name=email]", "grace@example.com").await?;
    page.click_label("dialog", "Add").await?;
    page.wait_for(&format!("!$('dialog') && {}?.innerText === 'Unconfirmed'", row("grace@example.com", ".chip")))
        .await?;
    page.click("[data-action=confirm]").await?;
    page.wait_for(&format!("{}?.innerText === 'Confirmed'", row("grace@example.com", ".chip"))).await?;
    page.wait_for("!shown('[data-action=confirm]')").await?;
    let senders: Vec<_> = mailer.client.senders().list(Default::default()).try_collect().await?;
    let grace =
        senders.iter().find(|it| it.email == "grace@example.com").ok_or("the API does not list grace@example.com")?;
    ensure(grace.confirmed, "the page shows the sender as confirmed, the API does not")
}

async fn suppressions(bed: &TestBed, mailer: &Mailer) -> Result {
    let page = &bed.page;
    bed.visit("#/suppressions").await?;
    page.wait_for("text('.empty-state h2') === 'No suppressed addresses'").await?;
    page.click("#add-suppression").await?;
    page.fill("dialog [name=email]", "*@nowhere.example").await?;
    page.click_label("dialog", "Suppress").await?;
    page.wait_for(&format!("!$('dialog') && {}", row("*@nowhere.example", "button"))).await?;
    let result = mailer.client.emails().send(&mailer.email("ada@nowhere.example", "Suppressed")).await;
    let refused = result.as_ref().err().and_then(|error| error.refused_email());
    let is_rejected = refused.is_some_and(|email| email.status == EmailStatus::Rejected);
    ensure(is_rejected, format!("an email to a suppressed address is not rejected: {result:?}"))?;
    page.click("tr[data-suppression='*@nowhere.example'] button").await?;
    page.wait_for("text('.empty-state h2') === 'No suppressed addresses'").await?;
    let sent = mailer.client.emails().send(&mailer.email("ada@nowhere.example", "Released")).await?;
    ensure(sent.status == EmailStatus::Queued, format!("an email to a released address is {}", sent.status))?;

    mailer.send("bounced@example.com", "Nobody there").await?;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    page.wait_for(&row("bounced@example.com", ".chip")).await?;
    page.fill("input[type=search]", "nobody").await?;
    page.wait_for("text('.empty-state h2') === 'No matches'").await?;
    page.fill("input[type=search]", "BOUNCED@").await?;
    page.wait_for("$$('tr[data-suppression]').length === 1").await?;
    // The API would refuse to remove it, so the page asks.
    page.click("tr[data-suppression] button").await?;
    page.click_label("dialog", "Remove").await?;
    page.wait_for("!$('tr[data-suppression]')").await?;
    Ok(())
}

async fn lists(bed: &TestBed, mailer: &Mailer) -> Result {
    let page = &bed.page;
    bed.visit("#/lists").await?;
    page.click_label("tr[data-list]", "Contacts").await?;
    page.wait_for(&format!("location.hash.endsWith('/{}') && {}", mailer.list, row("ada@nowhere.example", "button")))
        .await?;
    page.click("#add-contact").await?;
    page.fill("dialog [name=email]", "bob@example.com").await?;
    page.click_label("dialog", "Add").await?;
    let bob = "$$('tr[data-contact]').find(it => it.innerText.includes('bob@example.com'))";
    page.wait_for(&format!("!$('dialog') && {bob}.querySelector('.chip').innerText === 'active'")).await?;
    page.fill(".detail input[type=search]", "bob@").await?;
    page.wait_for("$$('tr[data-contact]').length === 1").await?;
    page.click_label("tr[data-contact]", "Unsubscribe").await?;
    page.wait_for(&format!("{bob}.querySelector('.chip').innerText === 'unsubscribed'")).await?;
    Ok(())
}
