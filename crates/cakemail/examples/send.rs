//! An application: sends an email and waits until it is delivered.
//!
//! With `CAKEMAIL_EMAIL` and `CAKEMAIL_PASSWORD` set, `cargo run --example send -- you@example.com` sends a real email;
//! without them it sends to a sandbox.

use std::time::Duration;

use cakemail::sandbox::{Sandbox, SandboxClient};
use cakemail::senders::NewSender;
use cakemail::{Client, Content, Credentials, Email, Milestone, NewEmail};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    let email = match Credentials::from_env() {
        Ok(_) => {
            let recipient = std::env::args().nth(1).ok_or("give a recipient: send -- you@example.com")?;
            greet(&Client::from_env()?, &recipient).await?
        }
        Err(_) => offline().await?,
    };
    println!("{} is {}", email.email_id, email.status);
    Ok(())
}

/// Sends from the first confirmed sender and list, and waits until the email is delivered.
pub async fn greet(client: &Client, recipient: &str) -> Result<Email> {
    let mut senders = client.senders().list(Default::default());
    let sender = loop {
        let sender = senders.next().await.ok_or("the account has no confirmed sender: create one first")??;
        if sender.confirmed {
            break sender;
        }
    };
    let list = client.lists().list(Default::default()).next().await.ok_or("the account has no list")??;

    let content = Content::text("Hello", "Hello from Rust.");
    let email = NewEmail::transactional(sender.id, list.id, recipient, content).tag("hello");
    let submission = client.emails().send(&email).await?;
    Ok(client.emails().wait_for(&submission.id, Milestone::Delivered, Duration::from_secs(60)).await?)
}

/// Does the same against a sandbox.
pub async fn offline() -> Result<Email> {
    let sandbox = Sandbox::start().await?;
    let client = sandbox.client()?;
    client.senders().create(&NewSender::new("Sandbox", sandbox.email())).await?;
    greet(&client, "ada@example.com").await
}
