//! The inbox: empty, live, search, and keyboard.

use std::time::Duration;

use cakemail::Attachment;
use serde_json::json;
use tokio::process::Command;

use crate::Result;
use crate::page::{ENTER, ESCAPE, js_string};
use crate::test_bed::{TestBed, ensure};

/// Marks the page; a reload removes the mark.
pub const MARK: &str = "window.mark = 'the same page';";

pub async fn empty(bed: &mut TestBed) -> Result {
    let page = &bed.page;
    let url = bed.sandbox.url();
    page.run(MARK, json!([])).await?;
    for snippet in ["curl", "Rust"] {
        page.wait_for(&format!("text('[data-snippet={snippet}] pre').includes({})", js_string(url))).await?;
    }
    let shown = page.evaluate("$('[data-snippet=curl] pre').textContent").await?;
    let run = Command::new("sh").arg("-c").arg(shown.as_str().unwrap_or_default()).envs(bed.trust()).output().await?;
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    ensure(run.status.success(), format!("the curl command fails: {stderr}"))?;
    page.wait_for("text('#messages li .subject') === 'Hello, world!'").await?;
    page.wait_for("text('.total') === '1 email' && window.mark").await?;
    ensure(bed.sandbox.emails().len() == 1, "the number of accepted emails is not 1")?;

    bed.sandbox.reset();
    page.click("#sample").await?;
    page.wait_for("$$('#messages li').length === 12 && window.mark").await?;
    Ok(())
}

pub async fn live(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let page = &bed.page;
    for n in 0..40 {
        mailer.send(&format!("reader{n}@example.com"), &format!("Number {n}")).await?;
    }
    page.wait_for("text('.total') === '40 emails' && text('#messages li .subject') === 'Number 39'").await?;
    page.run(MARK, json!([])).await?;

    // In the middle of the list, with the focus on a row.
    let place = "(() => { const it = $$('#messages li').find(it => it.innerText.includes('Number 12')); \
                 return JSON.stringify([it.getBoundingClientRect().top, document.activeElement === it.firstChild]); })()";
    page.run(
        "$('.master .scroll').scrollTop = 600; \
         const row = await waitFor(() => $$('#messages li').find(it => it.innerText.includes('Number 12')), 5000); \
         row.firstChild.focus({ preventScroll: true });",
        json!([]),
    )
    .await?;
    let before = page.evaluate(place).await?;
    ensure(before.as_str().is_some_and(|it| it.ends_with("true]")), "a row does not take the focus")?;
    mailer.send("late@example.com", "While you read on").await?;
    page.wait_for("text('.total') === '41 emails'").await?;
    let after = page.evaluate(place).await?;
    ensure(before == after, format!("the list moved: {before}, then {after}"))?;

    // With an open email and selected text.
    page.run("$$('#messages li').find(it => it.innerText.includes('Number 12')).firstChild.click();", json!([]))
        .await?;
    page.wait_for(
        "text('#subject') === 'Number 12' && $('#messages [aria-current] .subject').innerText === 'Number 12'",
    )
    .await?;
    page.run("getSelection().selectAllChildren($('#subject'));", json!([])).await?;
    mailer.send("later@example.com", "And once more").await?;
    page.wait_for("text('.total') === '42 emails'").await?;
    page.wait_for("text('#subject') === 'Number 12' && getSelection().toString().trim() === 'Number 12'").await?;
    page.wait_for("$('#messages [aria-current] .subject').innerText === 'Number 12' && window.mark").await?;
    Ok(())
}

pub async fn search(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let csv = Attachment::from_bytes("receipt.csv", "item,price")?;
    mailer
        .client
        .emails()
        .send(&mailer.email("clicked+ada@example.com", "Two words").tag("receipt").attach(csv))
        .await?;
    mailer.client.emails().send(&mailer.email("bounced@example.net", "Words apart, two").tag("news")).await?;
    bed.sandbox.advance(Duration::from_secs(2 * 86_400)).await;
    mailer.send("bob@example.org", "Newest").await?;
    let page = &bed.page;
    page.wait_for("$$('#messages li').length === 3").await?;

    // 1 is the oldest. The clock starts at the first of January and advances by two days.
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
        page.wait_for(&format!(
            "{shown} === {} && location.hash.includes('q=')",
            js_string(&json!(expected).to_string())
        ))
        .await?;
    }
    page.fill("input[type=search]", "to:nobody").await?;
    page.wait_for("text('.empty-state h2') === 'No matches'").await?;
    page.click_label(".empty-state", "Clear the search").await?;
    page.wait_for("$$('#messages li').length === 3 && $('input[type=search]').value === ''").await?;
    bed.expected.push("status of 422");
    page.fill("input[type=search]", "status:nonsense").await?;
    page.wait_for("text('#alert p').includes('status')").await?;
    page.fill("input[type=search]", "tag:receipt").await?;
    page.wait_for("$$('#messages li').length === 1 && !shown('#alert')").await?;

    navigation(bed).await
}

/// The back button, a reload, and the keyboard.
async fn navigation(bed: &TestBed) -> Result {
    let page = &bed.page;
    page.click("#messages li a").await?;
    page.wait_for("text('#subject') === 'Two words'").await?;
    page.click_label("[role=tablist]", "Headers").await?;
    page.wait_for("location.hash.includes('/headers') && $('#tab table.fields')").await?;
    page.reload().await?;
    page.wait_for(
        "text('#subject') === 'Two words' && $('#tab table.fields') && $('input[type=search]').value === 'tag:receipt'",
    )
    .await?;
    page.back().await?;
    page.wait_for("!$('#subject') && location.hash === '#/inbox?q=tag%3Areceipt' && $$('#messages li').length === 1")
        .await?;

    bed.visit("#/inbox").await?;
    page.wait_for("$$('#messages li').length === 3").await?;
    page.run("document.activeElement.blur();", json!([])).await?;
    let at = |n: usize| format!("document.activeElement === $$('#messages li a')[{n}]");
    for (key, row) in [("j", 0), ("j", 1), ("j", 2), ("k", 1)] {
        page.keys(key).await?;
        page.wait_for(&at(row)).await?;
    }
    page.keys(ENTER).await?;
    page.wait_for("text('#subject') === 'Words apart, two'").await?;
    page.keys("j").await?;
    page.wait_for("text('#subject') === 'Two words'").await?;
    page.keys("3").await?;
    page.wait_for("$('#tab-text[aria-selected=true]')").await?;
    page.keys(ESCAPE).await?;
    page.wait_for("!$('#subject') && location.hash === '#/inbox'").await?;
    page.keys("/").await?;
    page.wait_for("document.activeElement.type === 'search'").await?;
    page.keys(ESCAPE).await?;
    page.wait_for("document.activeElement.type !== 'search'").await?;
    page.keys("?").await?;
    page.wait_for("shown('dialog#keys')").await?;
    page.keys(ESCAPE).await?;
    page.wait_for("!$('dialog')").await?;
    page.keys("gs").await?;
    page.wait_for("$('.page[data-page=senders]')").await?;
    page.back().await?;
    page.wait_for("$('.page[data-page=inbox]')").await?;
    Ok(())
}
