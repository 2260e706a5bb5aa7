//! The clock, what goes wrong on purpose, and what was asked.

use std::time::Duration;

use cakemail::EmailStatus;
use serde_json::json;

use crate::Result;
use crate::stage::{Stage, http, must};

pub async fn clock(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let page = &stage.page;
    page.until("text('#pace') === 'Frozen' && text('#date') === '2026-01-01' && text('#time') === '00:00:00'").await?;
    let id = desk.send("opened@example.com", "In time").await?;
    page.until("text('#messages [data-status]') === 'Queued' && text('#next') === 'next event in 1 s'").await?;
    page.click("[data-advance='60000']").await?;
    page.until("text('#messages [data-status]') === 'Opened' && text('#time') === '00:01:00'").await?;
    let email = desk.client.emails().get(&id).await?;
    must(email.status == EmailStatus::Opened, format!("after a minute the API says {}", email.status))?;

    page.press("#clock", "Resume").await?;
    page.until("text('#pace') === 'Real time' && text('#time') > '00:01:00'").await?;
    page.press("#clock", "Freeze").await?;
    page.until("text('#pace') === 'Frozen'").await?;
    must(stage.sandbox.clock().pace() == 0.0, "the page says that the clock is frozen, and it runs")?;

    stage.visit("#/settings").await?;
    desk.send("clicked@example.com", "Step by step").await?;
    for second in 1..=3 {
        let before = page.until("text('#clock-state').includes('Next event at') && text('#clock-state')").await?;
        page.press("#main", "Advance to the next event").await?;
        page.until(&format!("text('#clock-state') !== {before}")).await?;
        let passed = stage.sandbox.emails().last().map(|it| it.status);
        must(
            passed == ["queued", "delivered", "open", "click"].get(second).copied(),
            format!("then it is {passed:?}"),
        )?;
    }
    page.fill("[data-set=advance] [name=by]", "2").await?;
    page.press("[data-set=advance]", "Set").await?;
    page.until("text('#date') === '2026-01-03' && text('#clock-state').includes('No event is due')").await?;
    Ok(())
}

pub async fn faults(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let page = &stage.page;
    let emails = desk.client.emails();
    stage.visit("#/rules").await?;
    page.click("#add-rule").await?;
    page.fill("dialog [name=recipient]", "*@slow.example").await?;
    page.press("dialog", "Add").await?;
    page.until("!$('dialog') && text('tr[data-rule]').includes('*@slow.example')").await?;
    for (ruled, status) in [(true, EmailStatus::Bounced), (false, EmailStatus::Delivered)] {
        let id = desk.send(&format!("ruled-{ruled}@slow.example"), "By rule").await?;
        stage.sandbox.advance(Duration::from_secs(5)).await;
        let email = emails.get(&id).await?;
        must(email.status == status, format!("by rule ({ruled}) it is {}", email.status))?;
        if ruled {
            page.press("tr[data-rule]", "Remove").await?;
            page.until("text('.empty-state h2') === 'No rules'").await?;
        }
    }

    stage.visit("#/faults").await?;
    page.press("#fault-form", "Inject").await?;
    page.until("$$('tr[data-fault]').length === 1").await?;
    let error = emails.send(&desk.email("bob@example.com", "Struck")).await.err().ok_or("a fault did not strike")?;
    must(error.status().is_some_and(|it| it == 503), format!("a fault struck otherwise: {error}"))?;
    page.until("$('tr[data-fault]').children[2].innerText !== '0'").await?;
    page.press("tr[data-fault]", "Clear").await?;
    page.until("!$('tr[data-fault]')").await?;
    desk.send("bob@example.com", "Not struck").await?;

    page.click("[data-preset=outage]").await?;
    page.until("$('tr[data-fault]')").await?;
    must(emails.send(&desk.email("bob@example.com", "Nobody there")).await.is_err(), "an outage did not strike")?;
    page.click("#clear-faults").await?;
    page.until("!$('tr[data-fault]') && text('.empty-state h2') === 'No faults'").await?;
    desk.send("bob@example.com", "All is well").await?;
    Ok(())
}

pub async fn requests(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    desk.send("bob@example.com", "Remembered").await?;
    let page = &stage.page;
    page.run("navigator.clipboard.writeText = async text => { window.copied = text; };", json!([])).await?;
    stage.visit("#/requests").await?;
    for (asked, secret) in [("POST /token", stage.sandbox.password()), ("POST /v2/emails", "Bearer e")] {
        page.press("table.rows", asked).await?;
        page.until(&format!("text('.detail h2') === '{asked}'")).await?;
        page.run("$$('.detail details').forEach(it => { it.open = true; });", json!([])).await?;
        let shown = page.value("$('.detail').innerText").await?;
        must(!shown.as_str().unwrap_or_default().contains(secret), format!("{asked} shows a secret"))?;
        page.press(".detail", "Copy as curl").await?;
        let copied = page.until("window.copied").await?;
        let copied = copied.as_str().unwrap_or_default();
        must(copied.starts_with("curl ") && !copied.contains(secret), format!("copied is {copied}"))?;
        page.run("window.copied = null;", json!([])).await?;
    }
    page.until("text('.detail').includes('bob@example.com')").await?;
    page.fill("input[type=search]", "token").await?;
    page.until("$$('tr[data-request]').length === 1").await?;

    // A parameter that nobody knows.
    http()?.get(format!("{}/lists?colour=blue", stage.sandbox.url())).bearer_auth(stage.token().await?).send().await?;
    page.until("text('#findings') === '1'").await?;
    stage.visit("#/findings").await?;
    page.until("text('tr[data-finding=unknown_parameter]').includes('colour')").await?;
    page.click("tr[data-finding] a").await?;
    page.until("text('.detail h2') === 'GET /lists?colour=blue'").await?;
    stage.visit("#/findings").await?;
    page.click("#clear-findings").await?;
    page.until("text('.empty-state h2') === 'No findings' && !text('#findings')").await?;

    page.click("#reset").await?;
    page.press("dialog", "Reset").await?;
    stage.visit("#/inbox").await?;
    page.until("text('.getting-started h2') === 'No emails yet'").await?;
    must(stage.sandbox.emails().is_empty(), "the sandbox was not reset")
}
