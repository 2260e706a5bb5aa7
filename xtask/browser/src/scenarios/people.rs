//! Senders, suppressions, lists and contacts.

use std::time::Duration;

use cakemail::EmailStatus;
use futures_util::TryStreamExt;

use crate::Result;
use crate::stage::{Desk, Stage, must};

pub async fn people(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    senders(stage, &desk).await?;
    suppressions(stage, &desk).await?;
    lists(stage, &desk).await
}

/// A row of a table, by words in it, and what in it is looked for.
fn row(words: &str, selector: &str) -> String {
    format!("$$('table.rows tbody tr').find(it => it.innerText.includes('{words}'))?.querySelector('{selector}')")
}

async fn senders(stage: &Stage, desk: &Desk) -> Result {
    let page = &stage.page;
    stage.visit("#/senders").await?;
    page.until(&format!("{}?.innerText === 'Confirmed'", row("sandbox@example.com", ".chip"))).await?;
    page.click("#add-sender").await?;
    page.fill("dialog [name=name]", "Grace").await?;
    page.fill("dialog [name=email]", "grace@example.com").await?;
    page.press("dialog", "Add").await?;
    page.until(&format!("!$('dialog') && {}?.innerText === 'Unconfirmed'", row("grace@example.com", ".chip"))).await?;
    page.click("[data-action=confirm]").await?;
    page.until(&format!("{}?.innerText === 'Confirmed'", row("grace@example.com", ".chip"))).await?;
    page.until("!shown('[data-action=confirm]')").await?;
    let senders: Vec<_> = desk.client.senders().list(Default::default()).try_collect().await?;
    let grace =
        senders.iter().find(|it| it.email == "grace@example.com").ok_or("the API knows no grace@example.com")?;
    must(grace.confirmed, "the page says that a sender is confirmed, and the API does not")
}

async fn suppressions(stage: &Stage, desk: &Desk) -> Result {
    let page = &stage.page;
    stage.visit("#/suppressions").await?;
    page.until("text('.empty-state h2') === 'No suppressed addresses'").await?;
    page.click("#add-suppression").await?;
    page.fill("dialog [name=email]", "*@nowhere.example").await?;
    page.press("dialog", "Suppress").await?;
    page.until(&format!("!$('dialog') && {}", row("*@nowhere.example", "button"))).await?;
    let sent = desk.client.emails().send(&desk.email("ada@nowhere.example", "Suppressed")).await?;
    must(sent.status == EmailStatus::Rejected, format!("an email to a suppressed address is {}", sent.status))?;
    page.press("tr[data-suppression='*@nowhere.example']", "Remove").await?;
    page.until("text('.empty-state h2') === 'No suppressed addresses'").await?;
    let sent = desk.client.emails().send(&desk.email("ada@nowhere.example", "Released")).await?;
    must(sent.status == EmailStatus::Queued, format!("an email to a released address is {}", sent.status))?;

    desk.send("bounced@example.com", "Nobody there").await?;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    page.until(&format!("{} && !{}", row("bounced@example.com", ".chip"), row("bounced@example.com", "button")))
        .await?;
    Ok(())
}

async fn lists(stage: &Stage, desk: &Desk) -> Result {
    let page = &stage.page;
    stage.visit("#/lists").await?;
    page.press("tr[data-list]", "Contacts").await?;
    page.until(&format!("location.hash.endsWith('/{}') && {}", desk.list, row("ada@nowhere.example", "button")))
        .await?;
    page.click("#add-contact").await?;
    page.fill("dialog [name=email]", "bob@example.com").await?;
    page.press("dialog", "Add").await?;
    let bob = "$$('tr[data-contact]').find(it => it.innerText.includes('bob@example.com'))";
    page.until(&format!("!$('dialog') && {bob}.querySelector('.chip').innerText === 'active'")).await?;
    page.fill(".detail input[type=search]", "bob@").await?;
    page.until("$$('tr[data-contact]').length === 1").await?;
    page.press("tr[data-contact]", "Unsubscribe").await?;
    page.until(&format!("{bob}.querySelector('.chip').innerText === 'unsubscribed'")).await?;
    Ok(())
}
