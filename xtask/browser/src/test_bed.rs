//! The fixture of a scenario: a sandbox with a frozen clock, a browser that shows its inbox, and a client that sends.

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cakemail::sandbox::{Builder, Clock, Sandbox};
use cakemail::senders::NewSender;
use cakemail::{Client, Content, Credentials, EmailId, ListId, NewEmail, SenderId};
use cakemail_sandbox_proxy::{AUTHORITY, Program, Proxy, Variant};
use serde_json::Value;

use crate::Result;
use crate::driver::Driver;
use crate::page::Page;

pub struct TestBed {
    pub sandbox: Sandbox,
    pub page: Page,
    /// The proxy through which the browser reaches the sandbox.
    proxy: Option<Proxy>,
    /// Console messages that the scenario causes on purpose.
    pub expected: Vec<&'static str>,
    /// The beginnings of the URLs that an email's frame requests on purpose.
    pub allowed: Vec<String>,
    /// The source of axe, which checks accessibility, if it is installed.
    pub axe: Option<Arc<str>>,
    /// Whether to take screenshots.
    pub take_screenshots: bool,
    /// The scenario's own screenshots: names and PNG data.
    pub screenshots: Vec<(String, Vec<u8>)>,
}

impl TestBed {
    /// Starts a new sandbox, and a new browser at its inbox.
    pub async fn start(driver: &Driver, take_screenshots: bool, behind_nginx: bool) -> Result<Self> {
        let mut proxy = behind_nginx.then(Proxy::new).transpose()?;
        let sandbox = builder(proxy.as_ref()).start().await?;
        if let Some(proxy) = &mut proxy {
            proxy.start(Program::Nginx, Variant::Documented, sandbox.addr())?;
        }
        let page = driver.page().await?;
        page.goto(&format!("{}/", sandbox.url())).await?;
        page.wait_for("text('#version')").await?;
        let (expected, allowed, axe, screenshots) = Default::default();
        Ok(Self { sandbox, page, proxy, expected, allowed, axe, take_screenshots, screenshots })
    }

    /// Stops the sandbox. A new one can start at the same address.
    pub async fn stop(&mut self) -> Result<Builder> {
        let builder = builder(self.proxy.as_ref()).listen(self.sandbox.addr());
        self.expected.push(if self.proxy.is_some() { "status of 502" } else { "net::ERR_" });
        mem::replace(&mut self.sandbox, Sandbox::start().await?).close().await;
        Ok(builder)
    }

    /// The variables of the environment with which curl trusts the proxy.
    pub fn trust(&self) -> Option<(&'static str, PathBuf)> {
        self.proxy.as_ref().map(|proxy| ("CURL_CA_BUNDLE", proxy.folder().join(AUTHORITY)))
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
        let url = format!("{}/token", direct(&self.sandbox));
        let response: Value = http()?.post(url).form(&login).send().await?.error_for_status()?.json().await?;
        response["access_token"].as_str().map(str::to_owned).ok_or_else(|| "the response has no token".into())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", direct(&self.sandbox))
    }
}

fn builder(proxy: Option<&Proxy>) -> Builder {
    let builder = Sandbox::builder().clock(frozen());
    proxy.iter().fold(builder, |builder, proxy| builder.public_url(proxy.url_at("127.0.0.1")))
}

/// The URL of the sandbox without a proxy, for what is not the browser's.
pub fn direct(sandbox: &Sandbox) -> String {
    format!("http://{}", sandbox.addr())
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
            Client::builder().base_url(direct(sandbox)).credentials(Credentials::password(email, password)).build()?;
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
