//! What holds in every scenario, and what is measured of how a page looks.

use serde_json::{Value, json};

use crate::Result;
use crate::page::Page;
use crate::record::Record;
use crate::stage::{Stage, must};

const LOOKS: &str = include_str!("looks.js");

/// What is worked with, by the names that the browser has for such things.
const CONTROLS: [&str; 11] = [
    "button",
    "checkbox",
    "combobox",
    "DisclosureTriangle",
    "link",
    "menuitem",
    "searchbox",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
];

/// After every scenario: the console had nothing to complain of, and all that is shown has a name.
pub async fn everywhere(stage: &Stage) -> Result {
    named(&stage.page).await?;
    let said = stage.page.console().await?;
    let unexpected = said
        .iter()
        .filter_map(|it| it["message"].as_str())
        .filter(|words| !stage.expected.iter().any(|expected| words.contains(expected)));
    let unexpected: Vec<_> = unexpected.collect();
    must(unexpected.is_empty(), format!("the console says:\n{}", unexpected.join("\n")))
}

/// Where an email's pixel and links lead.
const TRACKED: [&str; 3] = ["/_sandbox/open/", "/_sandbox/click/", "/_sandbox/unsubscribe/"];

/// The pages asked for nothing elsewhere nor for what an email tracks, and an email's frame for nothing at all.
pub fn stayed(record: &Record, base: &str) -> Result {
    let tracked = record.of_pages().find(|it| TRACKED.iter().any(|path| it.url.contains(path)));
    must(
        tracked.is_none(),
        format!(
            "asked for what counts as an open or a click: {}",
            tracked.map(ToString::to_string).unwrap_or_default()
        ),
    )?;
    let elsewhere = record.elsewhere(base);
    must(elsewhere.is_empty(), format!("asked for elsewhere:\n{}", elsewhere.join("\n")))?;
    let framed: Vec<_> =
        record.of_pages().filter(|it| it.initiator.as_deref() == Some("null")).map(ToString::to_string).collect();
    must(framed.is_empty(), format!("asked for by a frame:\n{}", framed.join("\n")))
}

/// Everything that is worked with has a name for those who do not see it.
pub async fn named(page: &Page) -> Result {
    let tree = page.debug("Accessibility.getFullAXTree", json!({})).await?;
    let nameless = tree["nodes"].as_array().into_iter().flatten().filter(|node| {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        let name = node["name"]["value"].as_str().unwrap_or_default();
        node["ignored"] != true && CONTROLS.contains(&role) && name.trim().is_empty()
    });
    let nameless: Vec<_> =
        nameless.map(|node| format!("{} {}", node["role"]["value"], node["backendDOMNodeId"])).collect();
    must(nameless.is_empty(), format!("{} has controls without a name: {}", place(page).await, nameless.join(", ")))
}

/// Every text can be read, by WCAG's AA.
pub async fn legible(page: &Page) -> Result {
    none(page, "faint()", "is hard to read").await
}

/// Nothing is to be scrolled to sideways, or cut off.
pub async fn fits(page: &Page) -> Result {
    none(page, "wide()", "is too wide").await
}

/// Whatever the keyboard gets to can be seen to have the focus.
pub async fn marked(page: &Page) -> Result {
    none(page, "unmarked()", "has the focus and does not show it").await
}

/// How bright the page's ground is, from 0 to 1.
pub async fn brightness(page: &Page) -> Result<f64> {
    let brightness = page.run(&format!("{LOOKS} return brightness(ground(document.body));"), json!([])).await?;
    brightness.as_f64().ok_or_else(|| "a page without a ground".into())
}

async fn none(page: &Page, what: &str, words: &str) -> Result {
    let found = page.run(&format!("{LOOKS} return {what};"), json!([])).await?;
    let found: Vec<_> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    must(found.is_empty(), format!("at {} {words}:\n{}", place(page).await, found.join("\n")))
}

async fn place(page: &Page) -> String {
    page.value("location.hash").await.ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}
