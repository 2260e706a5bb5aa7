//! The inbox: empty, live, searched, and by keyboard.

use std::time::Duration;

use cakemail::Attachment;
use serde_json::json;
use tokio::process::Command;

use crate::Result;
use crate::page::{ENTER, ESCAPE, quoted};
use crate::stage::{Stage, must};

/// Set on a page, it is there until the page is loaded again.
pub const MARK: &str = "window.mark = 'the same page';";

pub async fn empty(stage: &mut Stage) -> Result {
    let page = &stage.page;
    let url = stage.sandbox.url();
    page.run(MARK, json!([])).await?;
    for snippet in ["curl", "Rust"] {
        page.until(&format!("text('[data-snippet={snippet}] pre').includes({})", quoted(url))).await?;
    }
    let shown = page.value("$('[data-snippet=curl] pre').textContent").await?;
    let run = Command::new("sh").arg("-c").arg(shown.as_str().unwrap_or_default()).output().await?;
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    must(run.status.success(), format!("the curl that is shown does not run: {told}"))?;
    page.until("text('#messages li .subject') === 'Hello, world!'").await?;
    page.until("text('.total') === '1 email' && window.mark").await?;
    must(stage.sandbox.emails().len() == 1, "not one email was accepted")?;

    stage.sandbox.reset();
    page.click("#sample").await?;
    page.until("$$('#messages li').length === 12 && window.mark").await?;
    Ok(())
}

pub async fn live(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let page = &stage.page;
    for n in 0..40 {
        desk.send(&format!("reader{n}@example.com"), &format!("Number {n}")).await?;
    }
    page.until("$$('#messages li').length === 40 && text('#messages li .subject') === 'Number 39'").await?;
    page.run(MARK, json!([])).await?;

    // Down the list, with the focus on a row.
    let place = "(() => { const it = $$('#messages li').find(it => it.innerText.includes('Number 12')); \
                 return JSON.stringify([it.getBoundingClientRect().top, document.activeElement === it.firstChild]); })()";
    page.run(
        "const it = $$('#messages li').find(it => it.innerText.includes('Number 12')); \
         it.firstChild.focus(); $('.master .scroll').scrollTop = 600;",
        json!([]),
    )
    .await?;
    let before = page.value(place).await?;
    must(before.as_str().is_some_and(|it| it.ends_with("true]")), "a row does not take the focus")?;
    desk.send("late@example.com", "While you read on").await?;
    page.until("text('#messages li .subject') === 'While you read on'").await?;
    let after = page.value(place).await?;
    must(before == after, format!("the list moved: {before}, then {after}"))?;

    // With an email open and words of it selected.
    page.run("$$('#messages li').find(it => it.innerText.includes('Number 12')).firstChild.click();", json!([]))
        .await?;
    page.until("text('#subject') === 'Number 12' && $('#messages [aria-current] .subject').innerText === 'Number 12'")
        .await?;
    page.run("getSelection().selectAllChildren($('#subject'));", json!([])).await?;
    desk.send("later@example.com", "And once more").await?;
    page.until("text('#messages li .subject') === 'And once more'").await?;
    page.until("text('#subject') === 'Number 12' && getSelection().toString().trim() === 'Number 12'").await?;
    page.until("$('#messages [aria-current] .subject').innerText === 'Number 12' && window.mark").await?;
    Ok(())
}

pub async fn search(stage: &mut Stage) -> Result {
    let desk = stage.desk().await?;
    let csv = Attachment::from_bytes("receipt.csv", "item,price")?;
    desk.client.emails().send(&desk.email("clicked+ada@example.com", "Two words").tag("receipt").attach(csv)).await?;
    desk.client.emails().send(&desk.email("bounced@example.net", "Words apart, two").tag("news")).await?;
    stage.sandbox.advance(Duration::from_secs(2 * 86_400)).await;
    desk.send("bob@example.org", "Newest").await?;
    let page = &stage.page;
    page.until("$$('#messages li').length === 3").await?;

    // 1 is the oldest. The time stands at the first of January, and went on by two days.
    let found = [
        ("to:ada", "1"),
        ("from:sandbox@", "123"),
        ("subject:newest", "3"),
        ("tag:receipt", "1"),
        ("status:click", "1"),
        ("status:hard_bounce", "2"),
        ("has:attachment", "1"),
        ("before:2026-01-02", "12"),
        ("after:2026-01-02", "3"),
        ("-tag:receipt", "23"),
        ("\"two words\"", "1"),
        ("two words", "12"),
        ("to:example.com -status:queued", "1"),
    ];
    let subjects = ["Two words", "Words apart, two", "Newest"];
    for (query, expected) in found {
        page.fill("input[type=search]", query).await?;
        let expected: Vec<_> = expected.bytes().rev().map(|it| subjects[usize::from(it - b'1')]).collect();
        let shown = "JSON.stringify($$('#messages li .subject').map(it => it.innerText))";
        page.until(&format!("{shown} === {} && location.hash.includes('q=')", quoted(&json!(expected).to_string())))
            .await?;
    }
    page.fill("input[type=search]", "to:nobody").await?;
    page.until("text('.empty-state h2') === 'No matches'").await?;
    page.press(".empty-state", "Clear the search").await?;
    page.until("$$('#messages li').length === 3 && $('input[type=search]').value === ''").await?;
    stage.expected.push("status of 422");
    page.fill("input[type=search]", "status:nonsense").await?;
    page.until("text('#alert p').includes('status')").await?;
    page.fill("input[type=search]", "tag:receipt").await?;
    page.until("$$('#messages li').length === 1 && !shown('#alert')").await?;

    ways(stage).await
}

/// The back button, a reload, and the keyboard.
async fn ways(stage: &Stage) -> Result {
    let page = &stage.page;
    page.click("#messages li a").await?;
    page.until("text('#subject') === 'Two words'").await?;
    page.press("[role=tablist]", "Headers").await?;
    page.until("location.hash.includes('/headers') && $('#tab table.fields')").await?;
    page.reload().await?;
    page.until(
        "text('#subject') === 'Two words' && $('#tab table.fields') && $('input[type=search]').value === 'tag:receipt'",
    )
    .await?;
    page.back().await?;
    page.until("!$('#subject') && location.hash === '#/inbox?q=tag%3Areceipt' && $$('#messages li').length === 1")
        .await?;

    stage.visit("#/inbox").await?;
    page.until("$$('#messages li').length === 3").await?;
    page.run("document.activeElement.blur();", json!([])).await?;
    let at = |n: usize| format!("document.activeElement === $$('#messages li a')[{n}]");
    for (key, row) in [("j", 0), ("j", 1), ("j", 2), ("k", 1)] {
        page.keys(key).await?;
        page.until(&at(row)).await?;
    }
    page.keys(ENTER).await?;
    page.until("text('#subject') === 'Words apart, two'").await?;
    page.keys("j").await?;
    page.until("text('#subject') === 'Two words'").await?;
    page.keys("3").await?;
    page.until("$('#tab-text[aria-selected=true]')").await?;
    page.keys(ESCAPE).await?;
    page.until("!$('#subject') && location.hash === '#/inbox'").await?;
    page.keys("/").await?;
    page.until("document.activeElement.type === 'search'").await?;
    page.keys(ESCAPE).await?;
    page.until("document.activeElement.type !== 'search'").await?;
    page.keys("?").await?;
    page.until("shown('dialog#keys')").await?;
    page.keys(ESCAPE).await?;
    page.until("!$('dialog')").await?;
    page.keys("gs").await?;
    page.until("$('.page[data-page=senders]')").await?;
    page.back().await?;
    page.until("$('.page[data-page=inbox]')").await?;
    Ok(())
}
