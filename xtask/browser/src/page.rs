//! A page in a browser, by WebDriver: what a person does there, and waiting for what shows.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Result;
use crate::record::{self, Record};

/// How long anything may take to show.
const PATIENCE: Duration = Duration::from_secs(15);

pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const TAB: &str = "\u{e004}";

/// What every script may use.
const WORDS: &str = include_str!("words.js");

pub struct Page {
    http: Client,
    session: String,
    folder: TempDir,
}

/// A refusal of WebDriver's.
#[derive(Debug)]
struct Refused {
    kind: String,
    words: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.words)
    }
}

impl std::error::Error for Refused {}

/// What the page changing under one's hands is called; it is then tried again.
const PASSING: [&str; 5] = [
    "stale element reference",
    "element click intercepted",
    "element not interactable",
    "no such execution context",
    "javascript error",
];

impl Page {
    /// Starts the browser as `wanted`; what it keeps is in `folder`.
    pub async fn open(http: Client, base: &str, wanted: &Value, folder: TempDir) -> Result<Self> {
        let answer = ask(&http, Method::POST, &format!("{base}/session"), Some(wanted)).await?;
        let id = answer["sessionId"].as_str().ok_or("a session without an id")?;
        Ok(Self { session: format!("{base}/session/{id}"), http, folder })
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        ask(&self.http, Method::POST, &format!("{}/{path}", self.session), Some(&body)).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        ask(&self.http, Method::GET, &format!("{}/{path}", self.session), None).await
    }

    /// Ends the browser; the answer is what it asked for.
    pub async fn close(self) -> Result<Record> {
        ask(&self.http, Method::DELETE, &self.session, None).await?;
        Record::read(&record::file(self.folder.path()))
    }

    pub async fn goto(&self, url: &str) -> Result {
        self.post("url", json!({"url": url})).await?;
        Ok(())
    }

    pub async fn reload(&self) -> Result {
        self.post("refresh", json!({})).await?;
        Ok(())
    }

    pub async fn back(&self) -> Result {
        self.post("back", json!({})).await?;
        Ok(())
    }

    /// Runs the body of an async function; `given` are its arguments.
    pub async fn run(&self, body: &str, given: Value) -> Result<Value> {
        let script = format!("{WORDS}\nreturn (async (...given) => {{ {body} }})(...arguments);");
        self.post("execute/sync", json!({"script": script, "args": given})).await
    }

    /// What an expression is now.
    pub async fn value(&self, expression: &str) -> Result<Value> {
        self.run(&format!("return {expression};"), json!([])).await
    }

    /// Waits until an expression is true of the page; the answer is what it then is.
    pub async fn until(&self, expression: &str) -> Result<Value> {
        let end = Instant::now() + PATIENCE;
        let body = format!("return until(() => {expression}, given[0]);");
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.run(&body, json!([left.as_millis()])).await {
                Ok(Value::Null) => return Err(self.not_so(expression).await),
                Err(error) if left > Duration::ZERO && is_passing(&error) => {}
                other => return other,
            }
        }
    }

    async fn not_so(&self, expression: &str) -> crate::Error {
        let shown = self.value("`${location.href}: ${document.body.innerText.slice(0, 1500)}`").await;
        let shown = shown.as_ref().map_or("nothing", |it| it.as_str().unwrap_or_default());
        format!("it did not become so: {expression}\nshown is {shown}").into()
    }

    /// Clicks what an expression is, as soon as it is there to be clicked.
    async fn click_on(&self, expression: &str) -> Result {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.until(expression).await?;
            let id = element(&found)?;
            match self.post(&format!("element/{id}/click"), json!({})).await {
                Err(error) if Instant::now() < end && is_passing(&error) => {}
                other => return other.map(drop),
            }
        }
    }

    pub async fn click(&self, selector: &str) -> Result {
        self.click_on(&format!("shown({})", quoted(selector))).await
    }

    /// Clicks a button, link or tab by what it is called, within what a selector finds.
    pub async fn press(&self, within: &str, name: &str) -> Result {
        self.click_on(&format!("called({}, {})", quoted(within), quoted(name))).await
    }

    /// Writes into a field, in place of what is there.
    pub async fn fill(&self, selector: &str, text: &str) -> Result {
        let found = self.until(&format!("shown({})", quoted(selector))).await?;
        let id = element(&found)?;
        self.post(&format!("element/{id}/clear"), json!({})).await?;
        self.post(&format!("element/{id}/value"), json!({"text": text})).await?;
        Ok(())
    }

    pub async fn choose(&self, selector: &str, value: &str) -> Result {
        self.click_on(&format!("document.querySelector({})", quoted(&format!("{selector} option[value={value:?}]"))))
            .await
    }

    /// Presses keys, one after the other.
    pub async fn keys(&self, keys: &str) -> Result {
        let strokes = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]);
        let strokes: Vec<_> = strokes.collect();
        self.post("actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})).await?;
        Ok(())
    }

    /// Looks into a frame, or with `None` at the page again.
    pub async fn look_into(&self, frame: Option<&str>) -> Result {
        let id = match frame {
            Some(selector) => self.until(&format!("shown({})", quoted(selector))).await?,
            None => Value::Null,
        };
        self.post("frame", json!({"id": id})).await?;
        Ok(())
    }

    /// How many windows and tabs there are.
    pub async fn windows(&self) -> Result<usize> {
        Ok(self.get("window/handles").await?.as_array().map_or(0, Vec::len))
    }

    /// A command of the browser's own debugger.
    pub async fn debug(&self, command: &str, params: Value) -> Result<Value> {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    /// What the console has had to say since it was last asked.
    pub async fn console(&self) -> Result<Vec<Value>> {
        let said = self.post("se/log", json!({"type": "browser"})).await?;
        Ok(said.as_array().cloned().unwrap_or_default())
    }

    /// A picture of what is in sight, as PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let picture = self.get("screenshot").await?;
        Ok(BASE64_STANDARD.decode(picture.as_str().unwrap_or_default())?)
    }
}

/// The id of an element that a script answered.
fn element(value: &Value) -> Result<&str> {
    let id = value.get("element-6066-11e4-a52e-4f735466cecf").and_then(Value::as_str);
    id.ok_or_else(|| format!("{value} is no element").into())
}

/// As a string of JavaScript.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn is_passing(error: &crate::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|it| PASSING.contains(&it.kind.as_str()))
}

async fn ask(http: &Client, method: Method, url: &str, body: Option<&Value>) -> Result<Value> {
    let mut request = http.request(method, url);
    if let Some(body) = body {
        request = request.json(body);
    }
    let mut answer: Value = request.send().await?.json().await?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        None => Ok(value),
        Some(kind) => {
            let words = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
            Err(Refused { kind: kind.to_owned(), words }.into())
        }
    }
}
