//! A browser page, controlled over WebDriver: user actions, scripts, and waiting for conditions.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Result;
use crate::net_log::{self, NetLog};

/// The time limit of every condition and action.
const TIMEOUT: Duration = Duration::from_secs(15);

pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const HOME: &str = "\u{e011}";
pub const RIGHT: &str = "\u{e014}";
pub const TAB: &str = "\u{e004}";

/// Functions that every script may use.
const PRELUDE: &str = include_str!("prelude.js");

pub struct Page {
    http: Client,
    session: String,
    folder: TempDir,
}

/// An error response of WebDriver.
#[derive(Debug)]
struct WebDriverError {
    kind: String,
    message: String,
}

impl fmt::Display for WebDriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for WebDriverError {}

/// Errors that occur when the page changes during an action. The action is retried.
const TRANSIENT: [&str; 5] = [
    "stale element reference",
    "element click intercepted",
    "element not interactable",
    "no such execution context",
    "javascript error",
];

impl Page {
    /// Starts a browser with these capabilities. `folder` holds its profile and its network log.
    pub async fn open(http: Client, base: &str, capabilities: &Value, folder: TempDir) -> Result<Self> {
        let session = send_command(&http, Method::POST, &format!("{base}/session"), Some(capabilities)).await?;
        let id = session["sessionId"].as_str().ok_or("the session has no id")?;
        Ok(Self { session: format!("{base}/session/{id}"), http, folder })
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        send_command(&self.http, Method::POST, &format!("{}/{path}", self.session), Some(&body)).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        send_command(&self.http, Method::GET, &format!("{}/{path}", self.session), None).await
    }

    /// Closes the browser and returns its network log.
    pub async fn close(self) -> Result<NetLog> {
        send_command(&self.http, Method::DELETE, &self.session, None).await?;
        NetLog::read(&net_log::file(self.folder.path()))
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

    /// Runs the body of an async JavaScript function; `given` are its arguments.
    pub async fn run(&self, body: &str, given: Value) -> Result<Value> {
        let script = format!("{PRELUDE}\nreturn (async (...given) => {{ {body} }})(...arguments);");
        self.post("execute/sync", json!({"script": script, "args": given})).await
    }

    /// Evaluates a JavaScript expression.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        self.run(&format!("return {expression};"), json!([])).await
    }

    /// Waits until an expression is truthy, and returns its value.
    pub async fn wait_for(&self, expression: &str) -> Result<Value> {
        let end = Instant::now() + TIMEOUT;
        let body = format!("return waitFor(() => {expression}, given[0]);");
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.run(&body, json!([left.as_millis()])).await {
                Ok(Value::Null) => return Err(self.timeout_error(expression).await),
                Err(error) if left > Duration::ZERO && is_transient(&error) => {}
                other => return other,
            }
        }
    }

    async fn timeout_error(&self, expression: &str) -> crate::Error {
        let shown = self.evaluate("`${location.href}: ${document.body.innerText.slice(0, 1500)}`").await;
        let shown = shown.as_ref().map_or("nothing", |it| it.as_str().unwrap_or_default());
        format!("timeout: {expression}\nthe page shows {shown}").into()
    }

    /// Clicks the element that an expression returns, as soon as it can be clicked.
    async fn click_on(&self, expression: &str) -> Result {
        let end = Instant::now() + TIMEOUT;
        loop {
            let found = self.wait_for(expression).await?;
            let id = element(&found)?;
            match self.post(&format!("element/{id}/click"), json!({})).await {
                Err(error) if Instant::now() < end && is_transient(&error) => {}
                other => return other.map(drop),
            }
        }
    }

    pub async fn click(&self, selector: &str) -> Result {
        self.click_on(&format!("shown({})", js_string(selector))).await
    }

    /// Clicks a button, link or tab by its label, within the elements of a selector.
    pub async fn click_label(&self, within: &str, label: &str) -> Result {
        self.click_on(&format!("labelled({}, {})", js_string(within), js_string(label))).await
    }

    /// Replaces the text of a field.
    pub async fn fill(&self, selector: &str, text: &str) -> Result {
        let found = self.wait_for(&format!("shown({})", js_string(selector))).await?;
        let id = element(&found)?;
        self.post(&format!("element/{id}/clear"), json!({})).await?;
        self.post(&format!("element/{id}/value"), json!({"text": text})).await?;
        Ok(())
    }

    pub async fn select_option(&self, selector: &str, value: &str) -> Result {
        self.click_on(&format!("document.querySelector({})", js_string(&format!("{selector} option[value={value:?}]"))))
            .await
    }

    /// Presses keys in order.
    pub async fn keys(&self, keys: &str) -> Result {
        let strokes = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]);
        let strokes: Vec<_> = strokes.collect();
        self.post("actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})).await?;
        Ok(())
    }

    /// Switches to a frame, or with `None` back to the page.
    pub async fn switch_to_frame(&self, frame: Option<&str>) -> Result {
        let id = match frame {
            Some(selector) => self.wait_for(&format!("shown({})", js_string(selector))).await?,
            None => Value::Null,
        };
        self.post("frame", json!({"id": id})).await?;
        Ok(())
    }

    /// The number of windows and tabs.
    pub async fn windows(&self) -> Result<usize> {
        Ok(self.get("window/handles").await?.as_array().map_or(0, Vec::len))
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub async fn cdp(&self, command: &str, params: Value) -> Result<Value> {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    /// The console's messages since the last call.
    pub async fn console(&self) -> Result<Vec<Value>> {
        let messages = self.post("se/log", json!({"type": "browser"})).await?;
        Ok(messages.as_array().cloned().unwrap_or_default())
    }

    /// A screenshot of the visible part, as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = self.get("screenshot").await?;
        Ok(BASE64_STANDARD.decode(picture.as_str().unwrap_or_default())?)
    }
}

/// The WebDriver id of an element that a script returned.
fn element(value: &Value) -> Result<&str> {
    let id = value.get("element-6066-11e4-a52e-4f735466cecf").and_then(Value::as_str);
    id.ok_or_else(|| format!("{value} is not an element").into())
}

/// A JavaScript string literal.
pub fn js_string(text: &str) -> String {
    Value::from(text).to_string()
}

fn is_transient(error: &crate::Error) -> bool {
    error.downcast_ref::<WebDriverError>().is_some_and(|it| TRANSIENT.contains(&it.kind.as_str()))
}

async fn send_command(http: &Client, method: Method, url: &str, body: Option<&Value>) -> Result<Value> {
    let mut request = http.request(method, url);
    if let Some(body) = body {
        request = request.json(body);
    }
    let mut response: Value = request.send().await?.json().await?;
    let value = response["value"].take();
    match value["error"].as_str() {
        None => Ok(value),
        Some(kind) => {
            let message = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
            Err(WebDriverError { kind: kind.to_owned(), message }.into())
        }
    }
}
