//! Several accounts, and a sandbox that stops and starts again.

use std::mem;
use std::time::Duration;

use cakemail::sandbox::Sandbox;
use serde_json::json;

use super::inbox::MARK;
use crate::Result;
use crate::test_bed::{Mailer, TestBed, frozen};

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
    bed.expected.push("net::ERR_");
    bed.page.run(MARK, json!([])).await?;
    let address = bed.sandbox.addr();
    mem::replace(&mut bed.sandbox, Sandbox::start().await?).close().await;
    bed.page.wait_for("shown('#unreachable')").await?;
    bed.sandbox = Sandbox::builder().listen(address).clock(frozen()).start().await?;
    bed.mailer().await?.send("bob@example.com", "After the outage").await?;
    bed.page
        .wait_for("!shown('#unreachable') && text('#messages li .subject') === 'After the outage' && window.mark")
        .await?;
    Ok(())
}
