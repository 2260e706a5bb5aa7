//! Webhooks, and what was delivered to them.

use std::time::Duration;

use crate::Result;
use crate::listener::{Heard, Listener};
use crate::page::quoted;
use crate::stage::{Stage, must};

pub async fn webhooks(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let receiver = Listener::start(|_| String::new()).await?;
    let page = &stage.page;
    stage.visit("#/webhooks").await?;
    page.until("shown('.empty-state h2')?.innerText === 'No webhooks'").await?;
    page.click("#add-webhook").await?;
    page.choose("dialog [name=event]", "Email.Clicked").await?;
    page.fill("dialog [name=url]", &format!("http://127.0.0.1:{}/hook", receiver.port)).await?;
    page.press("dialog", "Add").await?;
    page.until("!$('dialog') && $$('#webhooks li').length === 1").await?;
    page.press("#webhooks", "Show key").await?;
    page.until("text('#webhooks .key code').length > 10").await?;

    desk.send("clicked@example.com", "Click me").await?;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    page.until("text('tr[data-delivery] .chip') === 'delivered'").await?;
    must(receiver.heard().len() == 1, "not one event was delivered")?;
    page.click("tr[data-delivery] a").await?;
    let body = &receiver.heard()[0].body;
    page.until(&format!("JSON.stringify(JSON.parse(text('.http-message .code pre'))) === {}", quoted(body))).await?;

    page.press("#replay", "Replay").await?;
    page.until(
        "$$('tr[data-delivery]').length === 2 && $$('tr[data-delivery] .chip').every(it => it.innerText !== 'pending')",
    )
    .await?;
    page.click("#replay [name=tamper]").await?;
    page.press("#replay", "Replay").await?;
    page.until(
        "$$('tr[data-delivery]').length === 3 && $$('tr[data-delivery] .chip').every(it => it.innerText !== 'pending')",
    )
    .await?;
    page.until("$$('tr[data-delivery]').filter(it => it.innerText.includes('tampered')).length === 1").await?;
    let heard = receiver.heard();
    let [first, again, tampered] = heard.as_slice() else {
        return Err(format!("{} events were delivered, of 3", heard.len()).into());
    };
    must(first.body == again.body && signature(first) == signature(again), "a repetition is not the same")?;
    must(
        signature(first).is_some() && signature(first) == signature(tampered),
        "what is tampered with has another signature",
    )?;
    must(first.body != tampered.body, "what is tampered with is the same")
}

fn signature(heard: &Heard) -> Option<&[u8]> {
    heard.headers.get("x-signature").map(|it| it.as_bytes())
}
