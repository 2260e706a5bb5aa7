//! The snippets of `README.md`.

use std::process::Command;

use cakemail::sandbox::Sandbox;
use cakemail::{Client, Credentials, IdempotencyKey, Outcome, ReconcilePolicy};

use crate::pages::shows;
use crate::{Result, TestBed};

mod program {
    //! The program of the README.

    use cakemail::{Client, Content, ListId, NewEmail};

    #[tokio::main]
    async fn main() -> cakemail::Result<()> {
        let client = Client::from_env()?; // CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD
        let content = Content::html("Welcome", "<p>Hello, Ada.</p>");
        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
        let sent = client.emails().send(&email).await?;
        println!("{} is {}", sent.id, sent.status);
        Ok(())
    }

    pub fn run() -> cakemail::Result<()> {
        main()
    }
}

/// The program reads credentials from the environment, so it runs in a child process, against a sandbox. The sandbox has
/// no list 42, which is the error that the README shows.
#[test]
fn the_program_prints_the_error_that_the_readme_shows() {
    const CHILD: &str = "CAKEMAIL_README";
    if std::env::var_os(CHILD).is_some() {
        return println!("{}", program::run().unwrap_err());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "readme::the_program_prints_the_error_that_the_readme_shows", "--nocapture"])
        .env(CHILD, "1")
        .env("CAKEMAIL_API_BASE", sandbox.url())
        .env("CAKEMAIL_EMAIL", sandbox.email())
        .env("CAKEMAIL_PASSWORD", sandbox.password())
        .env_remove("CAKEMAIL_ACCESS_TOKEN")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let error = stdout.lines().find(|line| line.starts_with("submitEmail: ")).unwrap_or_else(|| panic!("{stdout}"));
    shows("README.md", error);
}

/// A test with the mock.
mod mock {
    use cakemail::transport::Response;
    use cakemail::{Client, Content, Credentials, ListId, MockTransport, NewEmail};

    #[tokio::test]
    async fn the_welcome_is_sent_once() {
        let mut transport = MockTransport::new();
        transport
            .expect_send()
            .withf(|request| request.uri().path() == "/v2/emails")
            .times(1)
            .returning(|_| Ok(Response::new(r#"{"data": {"id": "e1", "status": "queued"}}"#.into())));
        let credentials = Credentials::access_token("any");
        let client = Client::builder().credentials(credentials).transport(transport).build().unwrap();

        let content = Content::text("Welcome", "Hello, Ada."); // or call your own function with the client
        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
        assert_eq!(client.emails().send(&email).await.unwrap().id.as_str(), "e1");
    }
}

/// A test with the sandbox.
mod sandbox {
    use std::time::Duration;

    use cakemail::sandbox::{Sandbox, SandboxClient};
    use cakemail::senders::NewSender;
    use cakemail::{Content, EmailStatus, NewEmail};

    #[tokio::test]
    async fn the_welcome_bounces() -> Result<(), Box<dyn std::error::Error>> {
        let sandbox = Sandbox::start().await?;
        let client = sandbox.client()?;
        let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await?;
        let list = client.lists().list(Default::default()).all().await?.remove(0);

        let content = Content::text("Welcome", "Hello, Bob.");
        let email = NewEmail::transactional(sender.id, list.id, "bounced@example.com", content);
        let sent = client.emails().send(&email).await?;
        sandbox.clock().advance(Duration::from_secs(1));
        assert_eq!(client.emails().get(&sent.id).await?.status, EmailStatus::Bounced);
        Ok(())
    }
}

#[tokio::test]
async fn the_outcomes_of_an_error() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("ada@example.com"));
    match client.emails().send(&email).await {
        Ok(sent) => println!("{} is {}", sent.id, sent.status),
        Err(error) => match error.outcome() {
            Outcome::NotDone => println!("nothing was sent: {error}"),
            Outcome::Done => println!("it was sent, but its id is lost: {error}"),
            Outcome::Unknown => println!("it may have been sent: {error}"),
        },
    }
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_names_an_email() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("ada@example.com"));
    let key = IdempotencyKey::new("order-1042-receipt")?;
    let sent = client.emails().send_idempotent(&email, &key, &ReconcilePolicy::new()).await?;
    println!("{} is {} ({:?})", sent.id, sent.status, sent.confirmed_by);

    let again = client.emails().send_idempotent(&email, &key, &ReconcilePolicy::new()).await?;
    assert_eq!((again.id, again.attempts), (sent.id, 0));
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[test]
fn credentials_are_given_to_the_builder() -> Result {
    let password = "secret";
    let credentials = Credentials::password("ada@example.com", password); // or access_token, or refresh_token
    let client = Client::builder().credentials(credentials).build()?;
    assert!(!format!("{client:?}").contains(password));
    Ok(())
}
