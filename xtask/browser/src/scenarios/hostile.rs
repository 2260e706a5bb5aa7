//! Hostile emails: viewed in every tab and clicked. A control run without protection proves that the checks detect them.

use std::time::Duration;

use cakemail::contacts::{NewContact, NewContactAttribute};
use cakemail::lists::{DefaultSender, NewList};
use cakemail::senders::NewSender;
use cakemail::{Attachment, Content, NewEmail};
use serde_json::{Value, json};

use super::inbox::MARK;
use crate::Result;
use crate::driver::Driver;
use crate::http_server::HttpServer;
use crate::page::Page;
use crate::test_bed::{Mailer, TestBed, direct, ensure, http};

const CORPUS: &str = include_str!("../../../../crates/cakemail-sandbox/tests/hostile/corpus.json");

/// Functions for the scripts of this scenario.
const SCRIPT: &str = include_str!("hostile.js");

struct Case {
    name: String,
    html: String,
    /// The path prefix of its requests to the trap.
    path: String,
}

impl Case {
    fn is_clickable(&self) -> bool {
        ["<a ", "<area", "<button"].iter().any(|it| self.html.contains(it))
    }
}

pub async fn hostile(driver: &Driver, bed: &mut TestBed) -> Result {
    let trap = HttpServer::start(|_| String::new()).await?;
    let cases = cases(trap.port)?;
    unprotected(driver, &trap, &cases).await?;

    let received = trap.received().len();
    let mailer = bed.mailer().await?;
    let ids = send(bed, &mailer, &cases, trap.port).await?;
    bed.page.run(MARK, json!([])).await?;
    as_text(bed, &mailer).await?;
    for (case, id) in cases.iter().zip(&ids) {
        view_email(bed, case, id).await.map_err(|error| format!("{}: {error}", case.name))?;
    }
    bed.page.wait_for("window.mark && document.title.endsWith('Cakemail sandbox')").await?;
    ensure(bed.page.windows().await? == 1, "another window was opened")?;
    let trapped: Vec<_> = trap.received().split_off(received).into_iter().map(|it| it.path).collect();
    ensure(trapped.is_empty(), format!("requests to the trap: {}", trapped.join(", ")))?;
    let emails = bed.control("messages?per_page=500").await?;
    let mut emails = emails["data"].as_array().into_iter().flatten();
    let untouched = emails.all(|it| it["opens"] == 0 && it["clicks"] == 0 && it["status"] == "delivered");
    ensure(untouched, "viewing counted as an open")
}

/// Every page that shows foreign text shows it as text, not as markup.
async fn as_text(bed: &TestBed, mailer: &Mailer) -> Result {
    let refused = bed.control("requests?q=422").await?["data"][0]["id"].to_string();
    let payload = "alert(1)";
    for (hash, text) in [
        ("#/inbox", "<blockquote"),
        ("#/senders", payload),
        ("#/lists", payload),
        (&format!("#/lists/{}", mailer.list), payload),
        (&format!("#/requests/{refused}"), payload),
        ("#/findings", payload),
    ] {
        bed.visit(hash).await?;
        bed.page.wait_for(&format!("$('.page').innerText.includes('{text}')")).await?;
        expect_ok(&bed.page, "settle()", json!([])).await.map_err(|error| format!("at {hash}: {error}"))?;
    }
    Ok(())
}

async fn view_email(bed: &TestBed, case: &Case, id: &str) -> Result {
    expect_ok(&bed.page, "viewEmail(given[0])", json!([id])).await?;
    if case.is_clickable() {
        bed.visit(&format!("#/messages/{id}/rendered")).await?;
        click_in_frame(&bed.page).await?;
    }
    Ok(())
}

/// Runs a script of `hostile.js`, which returns `ok`. Anything else is an error, also no value, as after an `alert`.
async fn expect_ok(page: &Page, script: &str, given: Value) -> Result {
    let found = page.run(&format!("{SCRIPT} return {script};"), given).await?;
    ensure(found == "ok", format!("{found}"))
}

fn cases(port: u16) -> Result<Vec<Case>> {
    let corpus: Value = serde_json::from_str(CORPUS)?;
    let cases = corpus["cases"].as_array().ok_or("the corpus has no cases")?.iter().enumerate().map(|(n, it)| {
        let path = format!("/case{n}/");
        let trap = format!("http://trap.invalid:{port}{}", path.trim_end_matches('/'));
        let html = it["html"].as_str().unwrap_or_default().replace("{trap}", &trap);
        Case { name: it["name"].as_str().unwrap_or_default().to_owned(), html, path }
    });
    Ok(cases.collect())
}

/// The control: in frames without protection, the checks must detect the same emails.
async fn unprotected(driver: &Driver, trap: &HttpServer, cases: &[Case]) -> Result {
    let pages: Vec<_> = cases.iter().map(|it| it.html.clone()).collect();
    let host = HttpServer::start(move |path| {
        let n = path.trim_start_matches('/').parse::<usize>().ok();
        n.and_then(|n| pages.get(n))
            .cloned()
            .unwrap_or_else(|| "<!doctype html><title>Host</title><main id=tab></main>".to_owned())
    })
    .await?;
    let page = driver.page().await?;
    let base = format!("http://127.0.0.1:{}/", host.port);
    page.goto(&base).await?;
    for (n, case) in cases.iter().enumerate() {
        page.run(&format!("{SCRIPT} return frame(given[0]);"), json!([format!("/{n}")])).await?;
        if case.is_clickable() {
            // The click may navigate away, so its errors do not count.
            drop(click_in_frame(&page).await);
            page.goto(&base).await?;
        }
    }
    let injected = page
        .run(&format!("{SCRIPT} $('#tab').innerHTML = given[0]; return settle();"), json!([payload(trap.port)]))
        .await?;
    ensure(injected != "ok", "markup in the page itself is not detected")?;
    let net_log = page.close().await?;

    let urls: String = net_log.page_requests().map(|it| format!("{} ", it.url)).collect();
    let detected: Vec<_> = cases.iter().filter(|case| urls.contains(&case.path)).collect();
    let ran = cases.iter().filter(|case| urls.contains(&format!("{}script ", case.path))).count();
    ensure(
        detected.len() > 60 && ran > 10,
        format!("without protection only {} cases are detected, and {ran} scripts run", detected.len()),
    )?;
    let external = net_log.external_requests(&base);
    for request in [
        "/case0/script",
        "/css",
        "/refresh",
        "/prefetch",
        "/img",
        "lookup of http://trap.localhost",
        "http://trap.invalid/scheme",
    ] {
        ensure(external.iter().any(|it| it.contains(request)), format!("the network log lacks {request}"))?;
    }
    Ok(())
}

/// A text that is markup if it is not escaped.
fn payload(port: u16) -> String {
    format!("\"'><img src=\"http://trap.invalid:{port}/field\" onerror=\"alert(1)\"><script>alert(2)</script>")
}

/// Sends each case as HTML, text and subject, and hostile text in every other field; returns the emails' ids.
async fn send(bed: &TestBed, mailer: &Mailer, cases: &[Case], port: u16) -> Result<Vec<String>> {
    let payload = payload(port);
    let sender = mailer.client.senders().create(&NewSender::new(&payload, bed.sandbox.email())).await?.id;
    mailer.client.lists().create(&NewList::new(&payload, DefaultSender::new(sender.clone()))).await?;
    let attribute = NewContactAttribute::new("words").value(&payload);
    let contact = NewContact::new("writer@example.com").custom_attributes([attribute]);
    mailer.client.contacts().create(mailer.list, &contact, Default::default()).await?;
    let mut ids = Vec::new();
    for case in cases {
        let subject: String = case.html.chars().map(|it| if it.is_control() { ' ' } else { it }).take(200).collect();
        let content = Content::html_and_text(subject, format!("{}[words]", case.html), &case.html);
        let email = NewEmail::transactional(sender.clone(), mailer.list, "reader@example.com", content)
            .attribute("words", &payload)
            .header("X-Words", &payload)
            .tag("hostile")
            .attach(Attachment::from_bytes("x.csv", &payload)?);
        ids.push(mailer.client.emails().send(&email).await?.id.to_string());
    }
    // The rejected request appears on the requests page.
    let hostile =
        json!({"email": payload, "tags": [payload], "attachment": {"filename": payload}, payload.as_str(): 1});
    let url = format!("{}/v2/emails", direct(&bed.sandbox));
    let request = http()?.post(url).bearer_auth(bed.token().await?).query(&[(&payload, &payload)]);
    let response = request.header("user-agent", &payload).json(&hostile).send().await?;
    ensure(response.status() == 422, format!("hostile names and tags get {}", response.status()))?;
    bed.sandbox.advance(Duration::from_secs(5)).await;
    Ok(ids)
}

/// Clicks every link, area and button.
async fn click_in_frame(page: &Page) -> Result {
    page.switch_to_frame(Some("#tab iframe")).await?;
    let clicked = page.run("for (const it of $$('a, area, button')) it.click();", json!([])).await;
    page.switch_to_frame(None).await?;
    clicked?;
    expect_ok(page, "settle()", json!([])).await
}
