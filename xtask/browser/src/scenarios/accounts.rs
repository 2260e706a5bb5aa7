//! Several accounts, and a sandbox that stops and starts again.

use std::time::Duration;

use serde_json::json;

use super::inbox::MARK;
use crate::Result;
use crate::page::ENTER;
use crate::test_bed::{Mailer, TestBed};

pub async fn accounts(bed: &mut TestBed) -> Result {
    let page = &bed.page;
    page.wait_for("!shown('#account')").await?;
    let tenant = bed.sandbox.tenant();
    bed.mailer().await?.send("bob@example.com", "Of the first").await?;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    Mailer::of(&bed.sandbox, tenant.email(), tenant.password()).await?.send("bob@example.com", "Of the second").await?;
    let subjects =
        |expected: &str| format!("$$('#messages li .subject').map(it => it.innerText).join() === '{expected}'");
    page.wait_for("shown('#account')").await?;
    page.wait_for(&subjects("Of the second,Of the first")).await?;
    page.select_option("#account", &tenant.account_id().to_string()).await?;
    page.wait_for(&subjects("Of the second")).await?;
    page.reload().await?;
    page.wait_for(&subjects("Of the second")).await?;
    page.click("nav a[data-page=senders]").await?;
    page.wait_for(&format!(
        "$$('tr[data-sender]').length === 1 && text('tr[data-sender] small') === '{}'",
        tenant.email()
    ))
    .await?;
    page.click("nav a[data-page=inbox]").await?;
    page.select_option("#account", "").await?;
    page.wait_for(&subjects("Of the second,Of the first")).await?;
    Ok(())
}

pub async fn unreachable(bed: &mut TestBed) -> Result {
    bed.page.run(MARK, json!([])).await?;
    let next = bed.stop().await?;
    bed.page.wait_for("shown('#unreachable')").await?;
    bed.sandbox = next.start().await?;
    bed.mailer().await?.send("bob@example.com", "After the outage").await?;
    bed.page
        .wait_for("!shown('#unreachable') && text('#messages li .subject') === 'After the outage' && window.mark")
        .await?;
    Ok(())
}

pub async fn sign_in(bed: &mut TestBed) -> Result {
    const TOKEN: &str = "the-control-token";
    bed.expected.push("status of 401");
    bed.sandbox = bed.stop().await?.control_token(TOKEN).private().start().await?;
    let page = &bed.page;
    page.reload().await?;
    page.fill("dialog [name=token]", "wrong").await?;
    page.keys(ENTER).await?;
    page.wait_for("text('dialog .error').includes('not the control token')").await?;
    page.fill("dialog [name=token]", TOKEN).await?;
    page.keys(ENTER).await?;
    page.wait_for("!$('dialog') && text('#version')").await?;
    page.wait_for("text('[data-snippet=curl] pre').includes('password=PASSWORD')").await?;
    page.click("#sample").await?;
    page.wait_for("$$('#messages li').length === 12").await?;
    page.reload().await?;
    page.wait_for("$$('#messages li').length === 12 && !$('dialog')").await?;
    Ok(())
}
