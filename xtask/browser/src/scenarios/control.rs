//! The clock, rules and faults, requests and findings.

use std::time::Duration;

use cakemail::EmailStatus;
use serde_json::json;

use crate::Result;
use crate::test_bed::{TestBed, direct, ensure, http};

pub async fn clock(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let page = &bed.page;
    page.wait_for("text('#pace') === 'Frozen' && text('#date') === '2026-01-01' && text('#time') === '00:00:00'")
        .await?;
    let id = mailer.send("opened@example.com", "In time").await?;
    page.wait_for("text('#messages [data-status]') === 'Queued' && text('#next') === 'next event in 1 s'").await?;
    page.click("[data-advance='60000']").await?;
    page.wait_for("text('#messages [data-status]') === 'Opened' && text('#time') === '00:01:00'").await?;
    let email = mailer.client.emails().get(&id).await?;
    ensure(email.status == EmailStatus::Opened, format!("after a minute the API reports {}", email.status))?;

    page.click_label("#clock", "Resume").await?;
    page.wait_for("text('#pace') === 'Real time' && text('#time') > '00:01:00'").await?;
    page.click_label("#clock", "Freeze").await?;
    page.wait_for("text('#pace') === 'Frozen'").await?;
    ensure(bed.sandbox.clock().pace() == 0.0, "the page shows a frozen clock, but the clock runs")?;

    bed.visit("#/settings").await?;
    mailer.send("clicked@example.com", "Step by step").await?;
    for second in 1..=3 {
        let before = page.wait_for("text('#clock-state').includes('Next event at') && text('#clock-state')").await?;
        page.click_label("#main", "Advance to the next event").await?;
        page.wait_for(&format!("text('#clock-state') !== {before}")).await?;
        let passed = bed.sandbox.emails().last().map(|it| it.status);
        ensure(
            passed == ["queued", "delivered", "open", "click"].get(second).copied(),
            format!("the status is {passed:?}"),
        )?;
    }
    page.fill("[data-set=advance] [name=by]", "2").await?;
    page.click_label("[data-set=advance]", "Set").await?;
    page.wait_for("text('#date') === '2026-01-03' && text('#clock-state').includes('No event is due')").await?;
    Ok(())
}

pub async fn faults(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let page = &bed.page;
    let emails = mailer.client.emails();
    bed.visit("#/rules").await?;
    page.click("#add-rule").await?;
    page.fill("dialog [name=recipient]", "*@slow.example").await?;
    page.click_label("dialog", "Add").await?;
    page.wait_for("!$('dialog') && text('tr[data-rule]').includes('*@slow.example')").await?;
    for (ruled, status) in [(true, EmailStatus::Bounced), (false, EmailStatus::Delivered)] {
        let id = mailer.send(&format!("ruled-{ruled}@slow.example"), "By rule").await?;
        bed.sandbox.advance(Duration::from_secs(5)).await;
        let email = emails.get(&id).await?;
        ensure(email.status == status, format!("with a rule: {ruled}, status: {}", email.status))?;
        if ruled {
            page.click_label("tr[data-rule]", "Remove").await?;
            page.wait_for("text('.empty-state h2') === 'No rules'").await?;
        }
    }

    bed.visit("#/faults").await?;
    page.click_label("#fault-form", "Inject").await?;
    page.wait_for("$$('tr[data-fault]').length === 1").await?;
    let error =
        emails.send(&mailer.email("bob@example.com", "With a fault")).await.err().ok_or("the fault had no effect")?;
    ensure(error.status().is_some_and(|it| it == 503), format!("the fault had another effect: {error}"))?;
    page.wait_for("$('tr[data-fault]').children[2].innerText !== '0'").await?;
    page.click_label("tr[data-fault]", "Clear").await?;
    page.wait_for("!$('tr[data-fault]')").await?;
    mailer.send("bob@example.com", "Without the fault").await?;

    page.click("[data-preset=outage]").await?;
    page.wait_for("$('tr[data-fault]')").await?;
    ensure(emails.send(&mailer.email("bob@example.com", "Nobody there")).await.is_err(), "the outage had no effect")?;
    page.click("#clear-faults").await?;
    page.wait_for("!$('tr[data-fault]') && text('.empty-state h2') === 'No faults'").await?;
    mailer.send("bob@example.com", "After the outage").await?;
    Ok(())
}

pub async fn requests(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    mailer.send("bob@example.com", "Remembered").await?;
    let page = &bed.page;
    page.run("navigator.clipboard.writeText = async text => { window.copied = text; };", json!([])).await?;
    bed.visit("#/requests").await?;
    for (request, secret) in [("POST /token", bed.sandbox.password()), ("POST /v2/emails", "Bearer e")] {
        page.click_label("table.rows", request).await?;
        page.wait_for(&format!("text('.detail h1') === '{request}'")).await?;
        page.run("$$('.detail details').forEach(it => { it.open = true; });", json!([])).await?;
        let shown = page.evaluate("$('.detail').innerText").await?;
        ensure(!shown.as_str().unwrap_or_default().contains(secret), format!("{request} shows a secret"))?;
        page.click_label(".detail", "Copy as curl").await?;
        let copied = page.wait_for("window.copied").await?;
        let copied = copied.as_str().unwrap_or_default();
        ensure(copied.starts_with("curl ") && !copied.contains(secret), format!("copied is {copied}"))?;
        page.run("window.copied = null;", json!([])).await?;
    }
    page.wait_for("text('.detail').includes('bob@example.com')").await?;
    page.fill("input[type=search]", "token").await?;
    page.wait_for("$$('tr[data-request]').length === 1").await?;

    // A parameter that the API does not have.
    http()?.get(format!("{}/lists?colour=blue", direct(&bed.sandbox))).bearer_auth(bed.token().await?).send().await?;
    page.wait_for("text('#findings') === '1'").await?;
    bed.visit("#/findings").await?;
    page.wait_for("text('tr[data-finding=unknown_parameter]').includes('colour')").await?;
    page.click("tr[data-finding] a").await?;
    page.wait_for("text('.detail h1') === 'GET /lists?colour=blue'").await?;
    bed.visit("#/findings").await?;
    page.click("#clear-findings").await?;
    page.wait_for("text('.empty-state h2') === 'No findings' && !text('#findings')").await?;

    page.click("#reset").await?;
    page.click_label("dialog", "Reset").await?;
    bed.visit("#/inbox").await?;
    page.wait_for("text('.getting-started h2') === 'No emails yet'").await?;
    ensure(bed.sandbox.emails().is_empty(), "the sandbox was not reset")
}
