//! Checks after every scenario, and checks of a page's appearance.

use serde_json::{Value, json};

use crate::Result;
use crate::net_log::NetLog;
use crate::page::Page;
use crate::test_bed::{TestBed, ensure};

const APPEARANCE: &str = include_str!("appearance.js");

/// The accessibility roles of interactive elements.
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

/// After every scenario: every control has an accessible name, and the console has only expected messages.
pub async fn after_scenario(bed: &TestBed) -> Result {
    named(&bed.page).await?;
    let messages = bed.page.console().await?;
    let unexpected = messages
        .iter()
        .filter_map(|it| it["message"].as_str())
        .filter(|message| !bed.expected.iter().any(|expected| message.contains(expected)));
    let unexpected: Vec<_> = unexpected.collect();
    ensure(unexpected.is_empty(), format!("unexpected console messages:\n{}", unexpected.join("\n")))
}

/// The paths of tracking pixels and tracked links.
const TRACKED: [&str; 3] = ["/_sandbox/open/", "/_sandbox/click/", "/_sandbox/unsubscribe/"];

/// The pages sent no request to another server or to a tracking path, and an email's frame sent none at all, but those
/// that are allowed.
pub fn no_external_requests(net_log: &NetLog, base: &str, allowed: &[String]) -> Result {
    let is_allowed = |request: &str| allowed.iter().any(|start| request.contains(start));
    let tracked = net_log.page_requests().find(|it| TRACKED.iter().any(|path| it.url.contains(path)));
    ensure(
        tracked.is_none(),
        format!("a request counts as an open or a click: {}", tracked.map(ToString::to_string).unwrap_or_default()),
    )?;
    let mut external = net_log.external_requests(base);
    external.retain(|request| !is_allowed(request));
    ensure(external.is_empty(), format!("requests to other servers:\n{}", external.join("\n")))?;
    let framed: Vec<_> =
        net_log.page_requests().filter(|it| it.initiator.as_deref() == Some("null")).map(ToString::to_string).collect();
    let framed: Vec<_> = framed.into_iter().filter(|request: &String| !is_allowed(request)).collect();
    ensure(framed.is_empty(), format!("requests of an email's frame:\n{}", framed.join("\n")))
}

/// Every control has an accessible name.
pub async fn named(page: &Page) -> Result {
    let tree = page.cdp("Accessibility.getFullAXTree", json!({})).await?;
    let nameless = tree["nodes"].as_array().into_iter().flatten().filter(|node| {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        let name = node["name"]["value"].as_str().unwrap_or_default();
        node["ignored"] != true && CONTROLS.contains(&role) && name.trim().is_empty()
    });
    let nameless: Vec<_> =
        nameless.map(|node| format!("{} {}", node["role"]["value"], node["backendDOMNodeId"])).collect();
    ensure(
        nameless.is_empty(),
        format!("{} has controls without an accessible name: {}", route(page).await, nameless.join(", ")),
    )
}

/// axe finds nothing to object to, if it is installed.
pub async fn accessible(bed: &TestBed) -> Result {
    let Some(axe) = &bed.axe else { return Ok(()) };
    let script = format!(
        "{axe}\n;const {{ violations }} = await window.axe.run(document, {{ iframes: false }}); \
         return violations.map(it => `${{it.id}}: ${{it.help}}: ${{it.nodes.map(node => node.target.join(' ')).join(', ')}}`);"
    );
    let found = bed.page.run(&script, json!([])).await?;
    let found: Vec<_> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure(found.is_empty(), format!("at {}, axe objects:\n{}", route(&bed.page).await, found.join("\n")))
}

/// Every text has the contrast that WCAG AA requires.
pub async fn legible(page: &Page) -> Result {
    none(page, "lowContrast()", "has too little contrast").await
}

/// Nothing overflows horizontally or is cut off.
pub async fn fits(page: &Page) -> Result {
    none(page, "overflowing()", "overflows").await
}

/// Every focusable element has a visible focus style.
pub async fn focus_visible(page: &Page) -> Result {
    none(page, "withoutFocusStyle()", "has no visible focus style").await
}

/// The relative luminance of the page's background, from 0 to 1.
pub async fn brightness(page: &Page) -> Result<f64> {
    let brightness =
        page.run(&format!("{APPEARANCE} return brightness(background(document.body));"), json!([])).await?;
    brightness.as_f64().ok_or_else(|| "the page has no background".into())
}

async fn none(page: &Page, script: &str, problem: &str) -> Result {
    let found = page.run(&format!("{APPEARANCE} return {script};"), json!([])).await?;
    let found: Vec<_> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure(found.is_empty(), format!("at {}, an element {problem}:\n{}", route(page).await, found.join("\n")))
}

async fn route(page: &Page) -> String {
    page.evaluate("location.hash").await.ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}
