//! Hostile mail: looked at in every way, and clicked; and the proof that this would be seen if it could do anything.

use std::time::Duration;

use cakemail::contacts::{NewContact, NewContactAttribute};
use cakemail::lists::{DefaultSender, NewList};
use cakemail::senders::NewSender;
use cakemail::{Attachment, Content, NewEmail};
use serde_json::{Value, json};

use super::inbox::MARK;
use crate::Result;
use crate::driver::Driver;
use crate::listener::Listener;
use crate::page::Page;
use crate::stage::{Desk, Stage, http, must};

const CORPUS: &str = include_str!("../../../../crates/cakemail-sandbox/tests/hostile/corpus.json");

/// What every script here may use besides: looks at something until all of it had its chance.
const LOOK: &str = include_str!("hostile.js");

struct Case {
    name: String,
    html: String,
    /// Where in the trap it leads.
    mark: String,
}

impl Case {
    fn is_clickable(&self) -> bool {
        ["<a ", "<area", "<button"].iter().any(|it| self.html.contains(it))
    }
}

pub async fn hostile(driver: &Driver, stage: &mut Stage) -> Result {
    let trap = Listener::start(|_| String::new()).await?;
    let cases = cases(trap.port)?;
    unprotected(driver, &trap, &cases).await?;

    let heard = trap.heard().len();
    let desk = stage.desk().await?;
    let ids = send(stage, &desk, &cases, trap.port).await?;
    stage.page.run(MARK, json!([])).await?;
    as_text(stage, &desk).await?;
    for (case, id) in cases.iter().zip(&ids) {
        look_at(stage, case, id).await.map_err(|error| format!("{}: {error}", case.name))?;
    }
    stage.page.until("window.mark && document.title.endsWith('Cakemail sandbox')").await?;
    must(stage.page.windows().await? == 1, "another window was opened")?;
    let trapped: Vec<_> = trap.heard().split_off(heard).into_iter().map(|it| it.path).collect();
    must(trapped.is_empty(), format!("asked of the trap: {}", trapped.join(", ")))?;
    let emails = stage.control("messages?per_page=500").await?;
    let mut emails = emails["data"].as_array().into_iter().flatten();
    let untouched = emails.all(|it| it["opens"] == 0 && it["clicks"] == 0 && it["status"] == "delivered");
    must(untouched, "an email was opened by being looked at")
}

/// Wherever a page shows what others wrote, it is shown, and as text.
async fn as_text(stage: &Stage, desk: &Desk) -> Result {
    let refused = stage.control("requests?q=422").await?["data"][0]["id"].to_string();
    let payload = "alert(1)";
    for (hash, words) in [
        ("#/inbox", "<blockquote"),
        ("#/senders", payload),
        ("#/lists", payload),
        (&format!("#/lists/{}", desk.list), payload),
        (&format!("#/requests/{refused}"), payload),
        ("#/findings", payload),
    ] {
        stage.visit(hash).await?;
        stage.page.until(&format!("$('.page').innerText.includes('{words}')")).await?;
        fine(&stage.page, "settle()", json!([])).await.map_err(|error| format!("at {hash}: {error}"))?;
    }
    Ok(())
}

async fn look_at(stage: &Stage, case: &Case, id: &str) -> Result {
    fine(&stage.page, "lookAt(given[0])", json!([id])).await?;
    if case.is_clickable() {
        stage.visit(&format!("#/messages/{id}/rendered")).await?;
        click_in_frame(&stage.page).await?;
    }
    Ok(())
}

/// What a script of `hostile.js` answers is `fine`; anything else is wrong, nothing at all too, as after an `alert`.
async fn fine(page: &Page, script: &str, given: Value) -> Result {
    let found = page.run(&format!("{LOOK} return {script};"), given).await?;
    must(found == "fine", format!("{found}"))
}

fn cases(port: u16) -> Result<Vec<Case>> {
    let corpus: Value = serde_json::from_str(CORPUS)?;
    let cases = corpus["cases"].as_array().ok_or("a corpus without cases")?.iter().enumerate().map(|(n, it)| {
        let mark = format!("/case{n}/");
        let trap = format!("http://trap.invalid:{port}{}", mark.trim_end_matches('/'));
        let html = it["html"].as_str().unwrap_or_default().replace("{trap}", &trap);
        Case { name: it["name"].as_str().unwrap_or_default().to_owned(), html, mark }
    });
    Ok(cases.collect())
}

/// The same, in frames without any care, has to be caught; or nothing is proved.
async fn unprotected(driver: &Driver, trap: &Listener, cases: &[Case]) -> Result {
    let pages: Vec<_> = cases.iter().map(|it| it.html.clone()).collect();
    let host = Listener::start(move |path| {
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
        page.run(&format!("{LOOK} return frame(given[0]);"), json!([format!("/{n}")])).await?;
        if case.is_clickable() {
            // It may lead away with all that is asked here.
            drop(click_in_frame(&page).await);
            page.goto(&base).await?;
        }
    }
    let injected = page
        .run(&format!("{LOOK} $('#tab').innerHTML = given[0]; return settle();"), json!([payload(trap.port)]))
        .await?;
    must(injected != "fine", "markup in the page itself is not caught")?;
    let record = page.close().await?;

    let asked: String = record.of_pages().map(|it| format!("{} ", it.url)).collect();
    let caught: Vec<_> = cases.iter().filter(|case| asked.contains(&case.mark)).collect();
    let ran = cases.iter().filter(|case| asked.contains(&format!("{}script ", case.mark))).count();
    must(
        caught.len() > 60 && ran > 10,
        format!("without protection only {} cases are caught, {ran} scripts run", caught.len()),
    )?;
    let elsewhere = record.elsewhere(&base);
    for what in [
        "/case0/script",
        "/css",
        "/refresh",
        "/prefetch",
        "/img",
        "name of http://trap.localhost",
        "http://trap.invalid/scheme",
    ] {
        must(elsewhere.iter().any(|it| it.contains(what)), format!("the browser's record misses {what}"))?;
    }
    Ok(())
}

/// What would be markup where text is shown.
fn payload(port: u16) -> String {
    format!("\"'><img src=\"http://trap.invalid:{port}/field\" onerror=\"alert(1)\"><script>alert(2)</script>")
}

/// Sends each case as HTML, as text and as subject, and hostile words wherever else the API takes any; the answer is their ids.
async fn send(stage: &Stage, desk: &Desk, cases: &[Case], port: u16) -> Result<Vec<String>> {
    let payload = payload(port);
    let sender = desk.client.senders().create(&NewSender::new(&payload, stage.sandbox.email())).await?.id;
    desk.client.lists().create(&NewList::new(&payload, DefaultSender::new(sender.clone()))).await?;
    let attribute = NewContactAttribute::new("words").value(&payload);
    let contact = NewContact::new("writer@example.com").custom_attributes([attribute]);
    desk.client.contacts().create(desk.list, &contact, Default::default()).await?;
    let mut ids = Vec::new();
    for case in cases {
        let subject: String = case.html.chars().map(|it| if it.is_control() { ' ' } else { it }).take(200).collect();
        let content = Content::html_and_text(subject, format!("{}[words]", case.html), &case.html);
        let email = NewEmail::transactional(sender.clone(), desk.list, "reader@example.com", content)
            .attribute("words", &payload)
            .header("X-Words", &payload)
            .tag("hostile")
            .attach(Attachment::from_bytes("x.csv", &payload)?);
        ids.push(desk.client.emails().send(&email).await?.id.to_string());
    }
    // What is refused is shown among the requests.
    let hostile =
        json!({"email": payload, "tags": [payload], "attachment": {"filename": payload}, payload.as_str(): 1});
    let url = format!("{}/v2/emails", stage.sandbox.url());
    let request = http()?.post(url).bearer_auth(stage.token().await?).query(&[(&payload, &payload)]);
    let answer = request.header("user-agent", &payload).json(&hostile).send().await?;
    must(answer.status() == 422, format!("hostile names and tags are answered with {}", answer.status()))?;
    stage.sandbox.advance(Duration::from_secs(5)).await;
    Ok(ids)
}

/// Clicks whatever is there to be clicked.
async fn click_in_frame(page: &Page) -> Result {
    page.look_into(Some("#tab iframe")).await?;
    let clicked = page.run("for (const it of $$('a, area, button')) it.click();", json!([])).await;
    page.look_into(None).await?;
    clicked?;
    fine(page, "settle()", json!([])).await
}
