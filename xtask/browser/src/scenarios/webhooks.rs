//! Webhooks and their deliveries.

use std::time::Duration;

use crate::Result;
use crate::http_server::{HttpServer, Received};
use crate::page::js_string;
use crate::test_bed::{TestBed, ensure};

pub async fn webhooks(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let receiver = HttpServer::start(|_| String::new()).await?;
    let page = &bed.page;
    bed.visit("#/webhooks").await?;
    page.wait_for("shown('.empty-state h2')?.innerText === 'No webhooks'").await?;
    page.click("#add-webhook").await?;
    page.select_option("dialog [name=event]", "Email.Clicked").await?;
    page.fill("dialog [name=url]", &format!("http://127.0.0.1:{}/hook", receiver.port)).await?;
    page.click_label("dialog", "Add").await?;
    page.wait_for("!$('dialog') && $$('#webhooks li').length === 1").await?;
    page.click_label("#webhooks", "Show key").await?;
    page.wait_for("text('#webhooks .key code').length > 10").await?;

    mailer.send("clicked@example.com", "Click me").await?;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    page.wait_for("text('tr[data-delivery] .chip') === 'delivered'").await?;
    ensure(receiver.received().len() == 1, "the number of deliveries is not 1")?;
    page.click("tr[data-delivery] a").await?;
    let body = &receiver.received()[0].body;
    page.wait_for(&format!("JSON.stringify(JSON.parse(text('.http-message .code pre'))) === {}", js_string(body)))
        .await?;

    page.click_label("#replay", "Replay").await?;
    page.wait_for(
        "$$('tr[data-delivery]').length === 2 && $$('tr[data-delivery] .chip').every(it => it.innerText !== 'pending')",
    )
    .await?;
    page.click("#replay [name=tamper]").await?;
    page.click_label("#replay", "Replay").await?;
    page.wait_for(
        "$$('tr[data-delivery]').length === 3 && $$('tr[data-delivery] .chip').every(it => it.innerText !== 'pending')",
    )
    .await?;
    page.wait_for("$$('tr[data-delivery]').filter(it => it.innerText.includes('tampered')).length === 1").await?;
    let received = receiver.received();
    let [first, again, tampered] = received.as_slice() else {
        return Err(format!("{} of 3 events were delivered", received.len()).into());
    };
    ensure(first.body == again.body && signature(first) == signature(again), "the replay differs from the original")?;
    ensure(
        signature(first).is_some() && signature(first) == signature(tampered),
        "the tampered delivery has another signature",
    )?;
    ensure(first.body != tampered.body, "the tampered delivery has the original body")
}

fn signature(received: &Received) -> Option<&[u8]> {
    received.headers.get("x-signature").map(|it| it.as_bytes())
}
