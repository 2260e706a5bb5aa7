//! What a scenario plays on: a sandbox whose time stands still, its pages in a browser, and a client that sends.

use std::time::{Duration, SystemTime};

use cakemail::sandbox::{Clock, Sandbox};
use cakemail::senders::NewSender;
use cakemail::{Client, Content, Credentials, EmailId, ListId, NewEmail, SenderId};
use serde_json::Value;

use crate::Result;
use crate::driver::Driver;
use crate::page::Page;

pub struct Stage {
    pub sandbox: Sandbox,
    pub page: Page,
    /// What the console may say, as the scenario makes it happen.
    pub expected: Vec<&'static str>,
    /// Whether pictures are wanted.
    pub picturing: bool,
    /// Those that the scenario took by the way: names and PNG.
    pub pictures: Vec<(String, Vec<u8>)>,
}

impl Stage {
    /// A fresh sandbox, and a fresh browser at its inbox.
    pub async fn set(driver: &Driver, picturing: bool) -> Result<Self> {
        let sandbox = Sandbox::builder().clock(frozen()).start().await?;
        let page = driver.page().await?;
        page.goto(sandbox.url()).await?;
        page.until("text('#version')").await?;
        Ok(Self { sandbox, page, expected: Vec::new(), picturing, pictures: Vec::new() })
    }

    pub async fn desk(&self) -> Result<Desk> {
        Desk::of(&self.sandbox, self.sandbox.email(), self.sandbox.password()).await
    }

    /// Goes to one of the pages.
    pub async fn visit(&self, hash: &str) -> Result {
        self.page.run("location.hash = given[0];", serde_json::json!([hash])).await?;
        let name =
            hash.trim_start_matches("#/").split(['/', '?']).next().unwrap_or_default().replace("messages", "inbox");
        self.page.until(&format!("$('.page[data-page={name}]')")).await?;
        Ok(())
    }

    /// Asks the control API.
    pub async fn control(&self, path: &str) -> Result<Value> {
        Ok(http()?.get(self.place(path)).send().await?.error_for_status()?.json().await?)
    }

    /// Tells the control API.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        Ok(http()?.post(self.place(path)).json(&body).send().await?.error_for_status()?.json().await?)
    }

    /// A token for what the library would not send.
    pub async fn token(&self) -> Result<String> {
        let login =
            [("grant_type", "password"), ("username", self.sandbox.email()), ("password", self.sandbox.password())];
        let url = format!("{}/token", self.sandbox.url());
        let answer: Value = http()?.post(url).form(&login).send().await?.error_for_status()?.json().await?;
        answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| "a token without a token".into())
    }

    fn place(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.sandbox.url())
    }
}

/// For what the library would not send.
pub fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// The time of every scenario.
pub fn frozen() -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
}

/// Somebody who sends, with a confirmed sender and a list.
pub struct Desk {
    pub client: Client,
    pub sender: SenderId,
    pub list: ListId,
}

impl Desk {
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

/// Fails with these words when it is not so.
pub fn must(so: bool, words: impl Into<String>) -> Result {
    if so { Ok(()) } else { Err(words.into().into()) }
}
