//! The prerequisites of sending: an access token, a confirmed sender, a list.

use cakemail::sandbox::Sandbox;
use cakemail::senders::NewSender;
use cakemail::{Client, Credentials, ListId, SenderId};

use super::runner::{Runner, run};
use crate::error::CliError;

/// A client of the sandbox.
pub fn client(sandbox: &Sandbox, credentials: Credentials) -> Result<Client, cakemail::Error> {
    Client::builder().base_url(sandbox.url()).credentials(credentials).build()
}

pub async fn authenticate(runner: &mut Runner<'_>) -> Result<Client, CliError> {
    runner.section("Authentication")?;
    let sandbox = runner.sandbox;
    let client = client(sandbox, Credentials::password(sandbox.email(), sandbox.password()))?;
    runner
        .step("Obtain an access token", async |step| {
            run!(step, client.authenticate().await?);
            step.result("account", sandbox.email());
            step.result("token", "stored in the client, which renews it when it expires");
            let requests = sandbox.requests();
            let granted = requests.iter().any(|request| request.path == "/token" && request.status == 200);
            step.check("POST /token returns a token", granted)
        })
        .await?;
    Ok(client)
}

pub async fn prerequisites(runner: &mut Runner<'_>, client: &Client) -> Result<(SenderId, ListId), CliError> {
    runner.section("Prerequisites")?;
    let sender = sender_with_own_address(runner, client).await?;
    sender_with_other_address(runner, client).await?;
    let list = runner
        .step("Find your list ID", async |step| {
            let lists = run!(step, client.lists().list(Default::default()).all().await?);
            step.check("GET /lists returns a list", !lists.is_empty())?;
            step.result("list", lists[0].id.get());
            step.result("name", lists[0].name.as_str());
            Ok(lists[0].id)
        })
        .await?;
    Ok((sender, list))
}

async fn sender_with_own_address(runner: &mut Runner<'_>, client: &Client) -> Result<SenderId, CliError> {
    let sandbox = runner.sandbox;
    runner
        .step("Create a sender with the account's own address", async |step| {
            let sender = run!(step, client.senders().create(&NewSender::new("Ada", sandbox.email())).await?);
            step.result("sender", sender.id.as_str());
            step.result("email", sender.email.as_str());
            step.result("confirmed", sender.confirmed);
            step.check("a sender with the account's own address is confirmed at once", sender.confirmed)?;
            step.check("no confirmation email is sent", sandbox.mailbox(sandbox.email()).is_empty())?;
            Ok(sender.id)
        })
        .await
}

async fn sender_with_other_address(runner: &mut Runner<'_>, client: &Client) -> Result<(), CliError> {
    let sandbox = runner.sandbox;
    let (sender, mail) = runner
        .step("Create a sender with another address", async |step| {
            let other = "grace@example.com";
            let sender = run!(step, client.senders().create(&NewSender::new("Grace", other)).await?);
            step.result("sender", sender.id.as_str());
            step.result("email", sender.email.as_str());
            step.result("confirmed", sender.confirmed);
            step.check("a sender with another address is not confirmed", !sender.confirmed)?;
            let mail = sandbox.mailbox(other).pop();
            step.result("confirmation email", mail.as_ref().map(|mail| mail.text.trim_end()));
            step.check("a confirmation email is sent", mail.is_some())?;
            Ok((sender.id, mail.map(|mail| mail.text).unwrap_or_default()))
        })
        .await?;
    runner
        .step("Confirm the sender with the ID from the email", async |step| {
            let confirmation_id = confirmation_id(&mail);
            step.check("the email has a confirmation link", confirmation_id.is_some())?;
            let confirmation_id = confirmation_id.unwrap_or_default();
            let confirmed = run!(step, client.senders().confirm(confirmation_id).await?);
            step.result("sender", confirmed.id.as_str());
            step.result("confirmed", confirmed.confirmed);
            step.check("the ID confirms the sender", confirmed.id == sender && confirmed.confirmed)
        })
        .await
}

/// The ID in the link of a confirmation email.
fn confirmation_id(mail: &str) -> Option<&str> {
    mail.split_whitespace().find_map(|word| word.split_once("id=")).map(|(_, id)| id)
}
