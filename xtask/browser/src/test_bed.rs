//! The fixture of a scenario: a sandbox with a frozen clock, a browser that shows its inbox, and a client that sends.

use std::time::{Duration, SystemTime};

use cakemail::sandbox::{Clock, Sandbox};
use cakemail::senders::NewSender;
use cakemail::{Client, Content, Credentials, EmailId, ListId, NewEmail, SenderId};
use serde_json::Value;

use crate::Result;
use crate::driver::Driver;
use crate::page::Page;

pub struct TestBed {
    pub sandbox: Sandbox,
    pub page: Page,
    /// Console messages that the scenario causes on purpose.
    pub expected: Vec<&'static str>,
    /// Whether to take screenshots.
    pub take_screenshots: bool,
    /// The scenario's own screenshots: names and PNG data.
    pub screenshots: Vec<(String, Vec<u8>)>,
}

impl TestBed {
    /// Starts a new sandbox, and a new browser at its inbox.
    pub async fn start(driver: &Driver, take_screenshots: bool) -> Result<Self> {
        let sandbox = Sandbox::builder().clock(frozen()).start().await?;
        let page = driver.page().await?;
        page.goto(sandbox.url()).await?;
        page.wait_for("text('#version')").await?;
        Ok(Self { sandbox, page, expected: Vec::new(), take_screenshots, screenshots: Vec::new() })
    }

    pub async fn mailer(&self) -> Result<Mailer> {
        Mailer::of(&self.sandbox, self.sandbox.email(), self.sandbox.password()).await
    }

    /// Opens a page by its route.
    pub async fn visit(&self, hash: &str) -> Result {
        self.page.run("location.hash = given[0];", serde_json::json!([hash])).await?;
        let name =
            hash.trim_start_matches("#/").split(['/', '?']).next().unwrap_or_default().replace("messages", "inbox");
        self.page.wait_for(&format!("$('.page[data-page={name}]')")).await?;
        Ok(())
    }

    /// Gets a path of the control API.
    pub async fn control(&self, path: &str) -> Result<Value> {
        Ok(http()?.get(self.url(path)).send().await?.error_for_status()?.json().await?)
    }

    /// Posts to a path of the control API.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        Ok(http()?.post(self.url(path)).json(&body).send().await?.error_for_status()?.json().await?)
    }

    /// A token for requests that the library would not send.
    pub async fn token(&self) -> Result<String> {
        let login =
            [("grant_type", "password"), ("username", self.sandbox.email()), ("password", self.sandbox.password())];
        let url = format!("{}/token", self.sandbox.url());
        let response: Value = http()?.post(url).form(&login).send().await?.error_for_status()?.json().await?;
        response["access_token"].as_str().map(str::to_owned).ok_or_else(|| "the response has no token".into())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.sandbox.url())
    }
}

/// A plain HTTP client, for requests that the library would not send.
pub fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// The clock of every scenario: 2026-01-01 00:00:00 UTC.
pub fn frozen() -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
}

/// A client with a confirmed sender and a list.
pub struct Mailer {
    pub client: Client,
    pub sender: SenderId,
    pub list: ListId,
}

impl Mailer {
    pub async fn of(sandbox: &Sandbox, email: &str, password: &str) -> Result<Self> {
        let client =
            Client::builder().base_url(sandbox.url()).credentials(Credentials::password(email, password)).build()?;
        let list = client.lists().list(Default::default()).next().await.ok_or("an account has no list")??.id;
        let sender = match client.senders().list(Default::default()).next().await {
            Some(sender) => sender?.id,
            None => client.senders().create(&NewSender::new("Ada", email)).await?.id,
        };
        Ok(Self { client, sender, list })
    }

    /// An email with two links.
    pub fn email(&self, to: &str, subject: &str) -> NewEmail {
        let html = "<h1>Hello</h1><p><a href=\"https://example.com/one\">One</a> <a href=\"https://example.com/two\">Two</a></p>";
        NewEmail::marketing(self.sender.clone(), self.list, to, Content::html(subject, html))
    }

    pub async fn send(&self, to: &str, subject: &str) -> Result<EmailId> {
        Ok(self.client.emails().send(&self.email(to, subject)).await?.id)
    }
}

/// Fails with this message unless the condition holds.
pub fn ensure(condition: bool, message: impl Into<String>) -> Result {
    if condition { Ok(()) } else { Err(message.into().into()) }
}
