//! From credentials in the environment, or a sandbox of the command's own, to a client.

use std::io::{IsTerminal, Write, stderr, stdin};
use std::time::Duration;

use cakemail::sandbox::{Clock, Sandbox, SandboxClient};
use cakemail::senders::NewSender;
use cakemail::{
    Client, ClientBuilder, Content, Credentials, EmailId, FieldError, ListId, MfaPrompt, NewEmail, Secret, SenderId,
};
use serde_json::json;

use crate::args::Global;
use crate::error::CliError;

/// A client, and the sandbox that it is for, when it is one.
pub struct Connection {
    pub client: Client,
    seed: Option<Seed>,
}

/// A sandbox with something in it to try commands on.
pub struct Seed {
    /// It stops when it is dropped.
    _sandbox: Sandbox,
    /// A confirmed one.
    pub sender: SenderId,
    /// The confirmation of another one.
    pub confirmation: String,
    pub list: ListId,
    /// One that was clicked.
    pub email: EmailId,
}

impl Connection {
    /// What the user named, or in a sandbox what is there to try. `argument` and `fix` are for the user who must name it.
    pub fn named<T>(
        &self,
        given: Option<T>,
        seeded: impl FnOnce(&Seed) -> T,
        argument: &str,
        fix: &str,
    ) -> Result<T, FieldError> {
        let missing = || FieldError::new(argument, format!("is missing: {fix}"));
        given.or_else(|| self.seed.as_ref().map(seeded)).ok_or_else(missing)
    }
}

/// Makes a client as the global arguments and the environment say. Nothing is sent yet, but to a sandbox.
pub async fn connect(global: &Global) -> Result<Connection, CliError> {
    if global.sandbox && global.api_base.is_some() {
        return Err(CliError::usage("--sandbox and --api-base name two places: give one of them"));
    }
    let (client, seed) = match global.sandbox {
        true => offline(global.json).await.map(|(client, seed)| (client, Some(seed)))?,
        false => (online(global)?, None),
    };
    let client = match &global.account {
        Some(account) => client.for_account(account.as_str()),
        None => client,
    };
    Ok(Connection { client, seed })
}

fn online(global: &Global) -> Result<Client, CliError> {
    // What is missing stands in the first sentence; the rest is for programs.
    let missing = |error: cakemail::Error| {
        CliError::Credentials(error.to_string().split(". ").next().unwrap_or_default().to_owned())
    };
    Credentials::from_env().map_err(missing)?;
    let mut builder = ClientBuilder::from_env()?;
    if let Some(url) = &global.api_base {
        builder = builder.base_url(url);
    }
    if stdin().is_terminal() {
        builder = builder.mfa_prompt(MfaPrompt::new(ask));
    }
    Ok(builder.build()?)
}

/// Asks for the code of a second factor.
async fn ask() -> std::io::Result<Secret> {
    let read = || {
        write!(stderr(), "Code of the second factor: ")?;
        let mut code = String::new();
        stdin().read_line(&mut code)?;
        Ok(Secret::new(code.trim()))
    };
    tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
}

/// Starts a sandbox in which a minute passes each second, and says so.
async fn offline(json: bool) -> Result<(Client, Seed), CliError> {
    let started = Sandbox::builder().clock(Clock::scaled(60.0)).start().await;
    let sandbox = started.map_err(|error| CliError::Other(format!("the sandbox did not start: {error}")))?;
    let client = sandbox.client()?;
    let seed = seed(&client, sandbox).await?;
    const NOTE: &str = "nothing leaves this machine, and nothing is kept after this command";
    // Nobody is left to tell when this cannot be written.
    let _ = match json {
        true => writeln!(stderr(), "{}", json!({"sandbox": true, "note": NOTE})),
        false => writeln!(stderr(), "sandbox: {NOTE}"),
    };
    Ok((client, seed))
}

async fn seed(client: &Client, sandbox: Sandbox) -> Result<Seed, CliError> {
    const WAITING: &str = "news@example.com";
    let sender = client.senders().create(&NewSender::new("Sandbox", sandbox.email())).await?.id;
    client.senders().create(&NewSender::new("News", WAITING)).await?;
    let confirmation = sandbox.mailbox(WAITING).pop().map(|mail| mail.confirmation_id).unwrap_or_default();
    let listed = client.lists().list(Default::default()).next().await;
    let list = listed.ok_or_else(|| CliError::Other("the sandbox has no list".into()))??.id;

    // Not at example.com: an address that has bounced or complained is suppressed, and users will try those.
    let email = |to: &str, subject: &str, tag: &str| {
        let content = Content::html(subject, format!("<p>{subject}</p>"));
        NewEmail::transactional(&sender, list, format!("{to}@example.org"), content).tag(tag)
    };
    for (to, subject, tag) in [
        ("opened", "Welcome", "welcome"),
        ("bounced", "Reset your password", "password-reset"),
        ("complained", "News of the week", "news"),
    ] {
        client.emails().send(&email(to, subject, tag)).await?;
    }
    let clicked = client.emails().send(&email("clicked", "Confirm your order", "order")).await?.id;
    sandbox.clock().advance(Duration::from_secs(10)); // their lives take three
    Ok(Seed { _sandbox: sandbox, sender, confirmation, list, email: clicked })
}
