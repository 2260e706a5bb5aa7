//! Tests of the documentation: runs every Rust snippet, and compares the pages with the code.
#![cfg(test)]

use cakemail::sandbox::{DEFAULT_PASSWORD, Sandbox, SandboxClient};
use cakemail::senders::NewSender;
use cakemail::{Client, Content, ListId, NewEmail, SenderId};

mod errors;
mod extending;
mod outbox;
mod pages;
mod readme;
mod reliability;
mod sending;
mod tables;
mod testing;
mod webhooks;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A sandbox of Ada, with a client, a confirmed sender and a list.
struct TestBed {
    sandbox: Sandbox,
    client: Client,
    sender: SenderId,
    list: ListId,
}

impl TestBed {
    async fn new() -> Result<Self> {
        let sandbox = Sandbox::builder().account("ada@example.com", DEFAULT_PASSWORD).start().await?;
        let client = sandbox.client()?;
        let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await?.id;
        let list = client.lists().list(Default::default()).next().await.ok_or("there is no list")??.id;
        Ok(Self { sandbox, client, sender, list })
    }

    fn email(&self, recipient: &str) -> NewEmail {
        NewEmail::transactional(&self.sender, self.list, recipient, Content::text("Welcome", "Hello."))
    }
}
