//! Builds the client: with credentials from the environment, or for a temporary sandbox.

use std::io::{IsTerminal, Write, stderr, stdin};
use std::time::Duration;

use cakemail::sandbox::{Clock, Sandbox, SandboxClient};
use cakemail::senders::NewSender;
use cakemail::transport::Settings;
use cakemail::{
    Client, ClientBuilder, Content, Credentials, EmailId, FieldError, HyperTransport, ListId, MfaPrompt, NewEmail,
    Secret, SenderId,
};
use serde_json::json;

use crate::args::Global;
use crate::error::{CliError, chain};

/// The client of a command, and the temporary sandbox if there is one.
pub struct Connection {
    pub client: Client,
    pub sandbox: Option<SampleSandbox>,
}

/// A temporary sandbox that holds samples to try commands on.
pub struct SampleSandbox {
    /// It stops when it is dropped.
    _sandbox: Sandbox,
    /// A confirmed sender.
    pub sender: SenderId,
    /// The ID that confirms another sender.
    pub confirmation_id: String,
    pub list: ListId,
    /// An email that was clicked.
    pub email: EmailId,
}

impl Connection {
    /// The argument that the user gave, or a sample of the temporary sandbox. The error names `argument` and adds `fix`.
    pub fn or_sample<T>(
        &self,
        given: Option<T>,
        sample: impl FnOnce(&SampleSandbox) -> T,
        argument: &str,
        fix: &str,
    ) -> Result<T, FieldError> {
        or_sample(self.sandbox.as_ref(), given, sample, argument, fix)
    }
}

/// As [`Connection::or_sample`], where there may be no connection.
pub fn or_sample<T>(
    sandbox: Option<&SampleSandbox>,
    given: Option<T>,
    sample: impl FnOnce(&SampleSandbox) -> T,
    argument: &str,
    fix: &str,
) -> Result<T, FieldError> {
    let missing = || FieldError::new(argument, format!("is missing: {fix}"));
    given.or_else(|| sandbox.map(sample)).ok_or_else(missing)
}

/// Builds the client of an outbox's worker, over the transport that writes nothing after the end of a claim.
pub fn connect_worker(global: &Global, in_flight: usize) -> Result<Client, CliError> {
    let is_loopback = |url: &str| ["//127.", "//localhost", "//[::1]"].iter().any(|host| url.contains(host));
    let url = global.api_base.clone().or_else(|| std::env::var("CAKEMAIL_API_BASE").ok()).unwrap_or_default();
    let mut settings = Settings::new().max_connections(in_flight).max_idle_connections(in_flight);
    if is_loopback(&url) {
        settings = settings.no_proxy(); // a proxy cannot reach this machine
    }
    let transport = HyperTransport::with_settings(settings);
    let transport =
        transport.map_err(|error| CliError::Other(format!("cannot create the transport: {}", chain(&error))))?;
    let client = builder(global)?.transport(transport).build()?;
    Ok(for_account(client, global))
}

/// Builds the client from the global arguments and the environment. Sends nothing, except to a temporary sandbox.
pub async fn connect(global: &Global) -> Result<Connection, CliError> {
    if global.sandbox && global.api_base.is_some() {
        return Err(CliError::usage("--sandbox and --api-base exclude each other: give one of them"));
    }
    let (client, sandbox) = match global.sandbox {
        true => offline(global.json).await.map(|(client, sandbox)| (client, Some(sandbox)))?,
        false => (builder(global)?.build()?, None),
    };
    Ok(Connection { client: for_account(client, global), sandbox })
}

fn for_account(client: Client, global: &Global) -> Client {
    match &global.account {
        Some(account) => client.for_account(account.as_str()),
        None => client,
    }
}

fn builder(global: &Global) -> Result<ClientBuilder, CliError> {
    // The first sentence says what is missing. The rest is advice for Rust programs.
    let missing = |error: cakemail::Error| {
        CliError::Credentials(error.to_string().split(". ").next().unwrap_or_default().to_owned())
    };
    Credentials::from_env().map_err(missing)?;
    let mut builder = ClientBuilder::from_env()?;
    if let Some(url) = &global.api_base {
        builder = builder.base_url(url);
    }
    if stdin().is_terminal() {
        builder = builder.mfa_prompt(MfaPrompt::new(prompt_for_code));
    }
    Ok(builder)
}

/// Reads the code of the second factor from the terminal.
async fn prompt_for_code() -> std::io::Result<Secret> {
    let read = || {
        write!(stderr(), "Two-factor code: ")?;
        let mut code = String::new();
        stdin().read_line(&mut code)?;
        Ok(Secret::new(code.trim()))
    };
    tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
}

/// Starts a temporary sandbox whose clock runs 60 times as fast, and prints a note.
async fn offline(json: bool) -> Result<(Client, SampleSandbox), CliError> {
    let started = Sandbox::builder().clock(Clock::scaled(60.0)).start().await;
    let sandbox = started.map_err(|error| CliError::Other(format!("cannot start the sandbox: {error}")))?;
    let client = sandbox.client()?;
    let sandbox = add_samples(&client, sandbox).await?;
    const NOTE: &str = "temporary and local: nothing leaves this machine, and the data is deleted after this command";
    // A failed write has nowhere to be reported.
    let _ = match json {
        true => writeln!(stderr(), "{}", json!({"sandbox": true, "note": NOTE})),
        false => writeln!(stderr(), "sandbox: {NOTE}"),
    };
    Ok((client, sandbox))
}

async fn add_samples(client: &Client, sandbox: Sandbox) -> Result<SampleSandbox, CliError> {
    const UNCONFIRMED: &str = "news@example.com";
    let sender = client.senders().create(&NewSender::new("Sandbox", sandbox.email())).await?.id;
    client.senders().create(&NewSender::new("News", UNCONFIRMED)).await?;
    let confirmation_id = sandbox.mailbox(UNCONFIRMED).pop().map(|mail| mail.confirmation_id).unwrap_or_default();
    let listed = client.lists().list(Default::default()).next().await;
    let list = listed.ok_or_else(|| CliError::Other("the sandbox has no list".into()))??.id;

    // At example.org, because addresses that bounced or complained are suppressed, and users try those at example.com.
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
    sandbox.clock().advance(Duration::from_secs(10)); // the emails take three seconds
    Ok(SampleSandbox { _sandbox: sandbox, sender, confirmation_id, list, email: clicked })
}
