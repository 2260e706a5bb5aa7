//! The README's snippets.

use std::process::Command;

use cakemail::sandbox::Sandbox;
use cakemail::{Credentials, Key, Outcome, Reconcile};

use crate::pages::shows;
use crate::{House, Result};

mod program {
    //! The program as it stands there.

    use cakemail::{Client, Content, ListId, NewEmail};

    #[tokio::main]
    pub async fn main() -> cakemail::Result<()> {
        let client = Client::from_env()?; // CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD
        let content = Content::html("Welcome", "<p>Hello, Ada.</p>");
        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
        let sent = client.emails().send(&email).await?;
        println!("{} is {}", sent.id, sent.status);
        Ok(())
    }
}
