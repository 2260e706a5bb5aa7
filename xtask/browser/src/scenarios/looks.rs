//! How every page looks: by day and by night, on a desk and on a phone.

use std::time::Duration;

use cakemail::Attachment;
use cakemail::webhooks::{NewWebhook, SubscribableEvent};
use serde_json::json;

use crate::Result;
use crate::check;
use crate::page::TAB;
use crate::shots::{scheme_of, width};
use crate::stage::{Desk, Stage, must};

/// The length of an id, which has no place in a picture's name.
const ID: usize = 36;

pub async fn looks(stage: &mut Stage) -> Result {
    let places = fill(stage).await?;
    let mut wrong = Vec::new();
    for (hash, shows) in &places {
        stage.visit(hash).await?;
        stage.page.until(shows).await?;
        for (scheme, narrow) in [("light", false), ("dark", false), ("dark", true), ("light", true)] {
            scheme_of(&stage.page, scheme).await?;
            width(&stage.page, narrow).await?;
            wrong.extend(
                one(stage, scheme, narrow).await.err().map(|error| format!("{scheme}, narrow: {narrow}: {error}")),
            );
            if stage.picturing {
                let name: Vec<_> = hash.split(['/', '?']).skip(1).filter(|it| it.len() < ID).collect();
                let name = name.join("-");
                let look = if narrow { "phone" } else { "desk" };
                let picture = stage.page.picture().await?;
                stage.pictures.push((format!("looks-{name}-{look}-{scheme}"), picture));
            }
        }
        width(&stage.page, false).await?;
        wrong.extend(check::named(&stage.page).await.err().map(|error| error.to_string()));
        // A key that was pressed makes focus visible, whoever moves it then.
        stage.page.run("$('#brand a').focus();", json!([])).await?;
        stage.page.keys(TAB).await?;
        stage.page.until("document.activeElement === shown('#nav a, #nav select')").await?;
        wrong.extend(check::marked(&stage.page).await.err().map(|error| error.to_string()));
    }
    must(wrong.is_empty(), wrong.join("\n"))
}

async fn one(stage: &Stage, scheme: &str, narrow: bool) -> Result {
    let brightness = check::brightness(&stage.page).await?;
    must((brightness < 0.1) == (scheme == "dark"), format!("the ground's brightness is {brightness:.2}"))?;
    check::legible(&stage.page).await?;
    if narrow { check::fits(&stage.page).await } else { Ok(()) }
}

/// Something of everything, some of it long; the answer is each place, and what is true once it is shown.
async fn fill(stage: &Stage) -> Result<Vec<(String, String)>> {
    stage.post("sample", json!({"emails": 12})).await?;
    let desk = stage.desk().await?;
    let id = long(&desk).await?;
    desk.client
        .webhooks()
        .create(&NewWebhook::new(SubscribableEvent::EmailClicked, "http://127.0.0.1:9/a/hook/that/nobody/answers"))
        .await?;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    stage.post("rules", json!({"recipient": "*@slow.example", "tag": "late", "steps": [{"kind": "queued", "after_ms": 0}, {"kind": "hard_bounce", "after_ms": 60000}]})).await?;
    stage.post("faults", json!({"on": {"operation": "submitEmail", "recipient": "nobody@example.com"}, "phase": "committed", "effect": "reset"})).await?;
    drop(stage.sandbox.tenant());
    let delivery = stage.control("deliveries").await?["data"][0]["id"].as_str().unwrap_or_default().to_owned();

    let mut places = vec![("#/inbox".to_owned(), "$$('#messages li').length === 13".to_owned())];
    for tab in ["rendered", "submitted", "text", "source", "headers", "attachments", "json"] {
        places.push((
            format!("#/messages/{id}/{tab}"),
            format!("$('#tab-{tab}[aria-selected=true]') && $('#tab').innerText + $('#tab iframe')"),
        ));
    }
    let rows = "$('table.rows tbody tr')";
    for (hash, shows) in [
        ("#/inbox?q=zzz", "$('.empty-state')".to_owned()),
        ("#/senders", rows.to_owned()),
        ("#/lists", rows.to_owned()),
        (&format!("#/lists/{}", desk.list), "$('tr[data-contact]')".to_owned()),
        ("#/suppressions", rows.to_owned()),
        ("#/webhooks", "$('tr[data-delivery]') && $('#webhooks li')".to_owned()),
        (&format!("#/webhooks/{delivery}"), "$('#replay')".to_owned()),
        ("#/requests", rows.to_owned()),
        ("#/requests/1", "$('.detail h2')".to_owned()),
        ("#/findings", "$('.page table, .page .empty-state')".to_owned()),
        ("#/faults", "$('tr[data-fault]') && $('#fault-form')".to_owned()),
        ("#/rules", rows.to_owned()),
        ("#/settings", "$('#profile .setting') && $('tr[data-account]')".to_owned()),
    ] {
        places.push((hash.to_owned(), shows));
    }
    Ok(places)
}

/// An email with much of everything.
async fn long(desk: &Desk) -> Result<String> {
    let endless = "Donaudampfschifffahrtsgesellschaftskapitaen".repeat(4);
    let mut email =
        desk.email(&format!("clicked+{}@example.com", "a".repeat(40)), &format!("A long subject, {endless}"));
    for n in 0..8 {
        email = email.tag(format!("tag-number-{n}-{}", "x".repeat(20 * n)));
    }
    let email =
        email.attach(Attachment::from_bytes(&format!("{}.csv", "name".repeat(30)), "a,b")?).header("X-Long", endless);
    Ok(desk.client.emails().send(&email).await?.id.to_string())
}
