//! A function of an application, and its test with the sandbox: over real HTTP, up to the opened email.
//!
//! `cargo test --example sandbox_test` runs the test.

use cakemail::{Client, Content, EmailId, ListId, NewEmail, SenderId};

/// Sends an email with a link that resets the password.
pub async fn send_reset(
    client: &Client,
    (sender, list): (&SenderId, ListId),
    recipient: &str,
    link: &str,
) -> cakemail::Result<EmailId> {
    let content = Content::text("Reset your password", format!("Follow this link: {link}"));
    let email = NewEmail::transactional(sender, list, recipient, content).tag("password-reset");
    Ok(client.emails().send(&email).await?.id)
}

fn main() {
    println!("cargo test --example sandbox_test");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail::sandbox::{Sandbox, SandboxClient};
    use cakemail::senders::NewSender;
    use cakemail::{EmailStatus, logs::LogQuery};

    #[tokio::test]
    async fn the_reset_is_opened() {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client().unwrap();
        let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await.unwrap();
        let list = client.lists().list(Default::default()).next().await.unwrap().unwrap();

        // The recipient's address decides what happens to the email: this one is opened.
        let id = super::send_reset(&client, (&sender.id, list.id), "opened@example.com", "https://example.com/reset")
            .await
            .unwrap();
        assert!(
            sandbox.emails()[0].submission["content"]["text"].as_str().unwrap().contains("https://example.com/reset")
        );

        sandbox.clock().advance(Duration::from_secs(2));
        assert_eq!(client.emails().get(&id).await.unwrap().status, EmailStatus::Opened);
        let logs = client.logs().list(LogQuery::new().tags("password-reset")).all().await.unwrap();
        assert_eq!(logs.len(), 4); // submitted, queued, delivered, opened
    }
}
