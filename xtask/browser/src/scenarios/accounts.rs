//! Several accounts, and a sandbox that comes and goes.

use std::mem;
use std::time::Duration;

use cakemail::sandbox::Sandbox;
use serde_json::json;

use super::inbox::MARK;
use crate::Result;
use crate::stage::{Desk, Stage, frozen};

pub async fn accounts(stage: &mut Stage) -> Result {
    let page = &stage.page;
    page.until("!shown('#account')").await?;
    let tenant = stage.sandbox.tenant();
    stage.desk().await?.send("bob@example.com", "Of the first").await?;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    Desk::of(&stage.sandbox, tenant.email(), tenant.password()).await?.send("bob@example.com", "Of the second").await?;
    let subjects =
        |expected: &str| format!("$$('#messages li .subject').map(it => it.innerText).join() === '{expected}'");
    page.until("shown('#account')").await?;
    page.until(&subjects("Of the second,Of the first")).await?;
    page.choose("#account", &tenant.account_id().to_string()).await?;
    page.until(&subjects("Of the second")).await?;
    page.reload().await?;
    page.until(&subjects("Of the second")).await?;
    stage.visit("#/senders").await?;
    page.until(&format!(
        "$$('tr[data-sender]').length === 1 && text('tr[data-sender] small') === '{}'",
        tenant.email()
    ))
    .await?;
    stage.visit("#/inbox").await?;
    page.choose("#account", "").await?;
    page.until(&subjects("Of the second,Of the first")).await?;
    Ok(())
}

pub async fn gone(stage: &mut Stage) -> Result {
    stage.expected.push("net::ERR_");
    stage.page.run(MARK, json!([])).await?;
    let address = stage.sandbox.addr();
    mem::replace(&mut stage.sandbox, Sandbox::start().await?).close().await;
    stage.page.until("shown('#unreachable')").await?;
    stage.sandbox = Sandbox::builder().listen(address).clock(frozen()).start().await?;
    stage.desk().await?.send("bob@example.com", "After the outage").await?;
    stage
        .page
        .until("!shown('#unreachable') && text('#messages li .subject') === 'After the outage' && window.mark")
        .await?;
    Ok(())
}
