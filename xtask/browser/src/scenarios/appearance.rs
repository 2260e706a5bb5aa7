//! The appearance of every page: light and dark, on a desktop and on a phone.

use std::time::Duration;

use cakemail::Attachment;
use cakemail::webhooks::{NewWebhook, SubscribableEvent};
use serde_json::json;

use crate::Result;
use crate::checks;
use crate::page::TAB;
use crate::screenshots::{scheme_of, width};
use crate::test_bed::{Mailer, TestBed, ensure};

/// The length of an id; ids are left out of screenshot names.
const ID: usize = 36;

pub async fn appearance(bed: &mut TestBed) -> Result {
    let places = fill(bed).await?;
    let mut wrong = Vec::new();
    for (hash, shows) in &places {
        bed.visit(hash).await?;
        bed.page.wait_for(shows).await?;
        for (scheme, narrow) in [("light", false), ("dark", false), ("dark", true), ("light", true)] {
            scheme_of(&bed.page, scheme).await?;
            width(&bed.page, narrow).await?;
            wrong.extend(
                one(bed, scheme, narrow).await.err().map(|error| format!("{scheme}, narrow: {narrow}: {error}")),
            );
            if bed.take_screenshots {
                let name: Vec<_> = hash.split(['/', '?']).skip(1).filter(|it| it.len() < ID).collect();
                let name = name.join("-");
                let device = if narrow { "phone" } else { "desktop" };
                let screenshot = bed.page.screenshot().await?;
                bed.screenshots.push((format!("appearance-{name}-{device}-{scheme}"), screenshot));
            }
        }
        width(&bed.page, false).await?;
        wrong.extend(checks::named(&bed.page).await.err().map(|error| error.to_string()));
        // After a key press the browser shows the focus, even if a script moves it.
        bed.page.run("$('#brand a').focus();", json!([])).await?;
        bed.page.keys(TAB).await?;
        bed.page.wait_for("document.activeElement === shown('#nav a, #nav select')").await?;
        wrong.extend(checks::focus_visible(&bed.page).await.err().map(|error| error.to_string()));
    }
    ensure(wrong.is_empty(), wrong.join("\n"))
}

async fn one(bed: &TestBed, scheme: &str, narrow: bool) -> Result {
    let brightness = checks::brightness(&bed.page).await?;
    ensure((brightness < 0.1) == (scheme == "dark"), format!("the background's luminance is {brightness:.2}"))?;
    checks::legible(&bed.page).await?;
    checks::accessible(bed).await?;
    if narrow { checks::fits(&bed.page).await } else { Ok(()) }
}

/// Creates data for every page, with long texts; returns each route, and a condition that holds once it is shown.
async fn fill(bed: &TestBed) -> Result<Vec<(String, String)>> {
    bed.post("sample", json!({"emails": 12})).await?;
    let mailer = bed.mailer().await?;
    let id = long(&mailer).await?;
    mailer
        .client
        .webhooks()
        .create(&NewWebhook::new(SubscribableEvent::EmailClicked, "http://127.0.0.1:9/a/long/path/without/a/receiver"))
        .await?;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    bed.post("rules", json!({"recipient": "*@slow.example", "tag": "late", "steps": [{"kind": "queued", "after_ms": 0}, {"kind": "hard_bounce", "after_ms": 60000}]})).await?;
    bed.post("faults", json!({"on": {"operation": "submitEmail", "recipient": "nobody@example.com"}, "phase": "committed", "effect": "reset"})).await?;
    drop(bed.sandbox.tenant());
    let delivery = bed.control("deliveries").await?["data"][0]["id"].as_str().unwrap_or_default().to_owned();

    let mut places = vec![("#/inbox".to_owned(), "$$('#messages li').length === 13".to_owned())];
    for tab in ["rendered", "submitted", "text", "source", "headers", "attachments", "checks", "webhooks", "json"] {
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
        (&format!("#/lists/{}", mailer.list), "$('tr[data-contact]')".to_owned()),
        ("#/suppressions", rows.to_owned()),
        ("#/webhooks", "$('tr[data-delivery]') && $('#webhooks li')".to_owned()),
        (&format!("#/webhooks/{delivery}"), "$('#replay')".to_owned()),
        ("#/requests", rows.to_owned()),
        ("#/requests/1", "$('.detail h1')".to_owned()),
        ("#/findings", "$('.page table, .page .empty-state')".to_owned()),
        ("#/faults", "$('tr[data-fault]') && $('#fault-form')".to_owned()),
        ("#/rules", rows.to_owned()),
        ("#/settings", "$('#profile .setting') && $('tr[data-account]')".to_owned()),
    ] {
        places.push((hash.to_owned(), shows));
    }
    Ok(places)
}

/// An email with a long recipient, subject, header and file name, and many tags.
async fn long(mailer: &Mailer) -> Result<String> {
    let endless = "Donaudampfschifffahrtsgesellschaftskapitaen".repeat(4);
    let mut email =
        mailer.email(&format!("clicked+{}@example.com", "a".repeat(40)), &format!("A long subject, {endless}"));
    for n in 0..8 {
        email = email.tag(format!("tag-number-{n}-{}", "x".repeat(20 * n)));
    }
    let email =
        email.attach(Attachment::from_bytes(&format!("{}.csv", "name".repeat(30)), "a,b")?).header("X-Long", endless);
    Ok(mailer.client.emails().send(&email).await?.id.to_string())
}
