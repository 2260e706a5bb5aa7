//! One mistake of each kind in the guide's Troubleshooting, with the error that a user sees.

use std::time::Duration;

use cakemail::lists::{DefaultSender, NewList};
use cakemail::logs::{LogQuery, LogType};
use cakemail::senders::NewSender;
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};
use cakemail::{
    Client, Content, Credentials, EmailId, EmailStatus, ErrorKind, ListId, Milestone, NewEmail, Secret, SenderId,
};

use super::emails::TIMEOUT;
use super::runner::{Runner, run};
use super::setup;
use crate::error::CliError;

/// As short as a token may live.
const LIFETIME: Duration = Duration::from_secs(600);

pub async fn authentication(runner: &mut Runner<'_>, client: &Client, list: ListId) -> Result<(), CliError> {
    runner.section("Troubleshooting: authentication errors")?;
    let sandbox = runner.sandbox;
    let stranger = setup::client(sandbox, Credentials::password(sandbox.email(), "not the password"))?;
    runner
        .step("A wrong password", async |step| {
            let answer = run!(step, stranger.authenticate().await);
            step.expect_error(
                answer,
                ErrorKind::Authentication,
                Some(401),
                &["user name and the password", "API access"],
            )
        })
        .await?;

    let expired = short_lived_token(runner, client).await?;
    sandbox.clock().advance(LIFETIME);
    let late = setup::client(sandbox, Credentials::access_token(expired))?;
    runner
        .step("A token that has expired", async |step| {
            let answer = run!(step, late.lists().get(list).await);
            step.expect_error(answer, ErrorKind::Authentication, Some(401), &["expired", "obtain a new one"])
        })
        .await?;

    let forger = setup::client(sandbox, Credentials::access_token("not-a-token"))?;
    runner
        .step("A token that was never issued", async |step| {
            let answer = run!(step, forger.lists().get(list).await);
            step.expect_error(answer, ErrorKind::Authentication, Some(401), &["obtain a new one"])
        })
        .await?;

    runner
        .step("An account that this user may not act for", async |step| {
            let answer = run!(step, client.for_account("999999").lists().get(list).await);
            step.expect_error(answer, ErrorKind::Forbidden, Some(400), &["API access is enabled"])
        })
        .await
}

async fn short_lived_token(runner: &Runner<'_>, client: &Client) -> Result<Secret, CliError> {
    let request = TokenRequest::new()
        .grant_type(GrantType::Password)
        .username(runner.sandbox.email())
        .password(runner.sandbox.password())
        .expiration_seconds(LIFETIME.as_secs());
    match client.tokens().create(&request).await? {
        CreateTokenResponse::Token(token) => Ok(token.access_token),
        _ => Err(CliError::Other("the sandbox granted no token".into())),
    }
}

pub async fn senders(
    runner: &mut Runner<'_>,
    client: &Client,
    sender: &SenderId,
    list: ListId,
) -> Result<(), CliError> {
    const WORDS: &[&str] = &["senders().list()", "confirmed", "SPF and DKIM"];
    runner.section("Troubleshooting: invalid sender")?;
    let sandbox = runner.sandbox;
    let from_nobody = email(&SenderId::from("999999"), list, "bob@example.com");
    runner
        .step("A sender that does not exist", async |step| {
            let answer = run!(step, client.emails().send(&from_nobody).await);
            step.expect_error(answer, ErrorKind::BadRequest, Some(400), &[WORDS, &["sender.id", "not found"]].concat())
        })
        .await?;

    let unconfirmed = client.senders().create(&NewSender::new("Alan", "alan@example.com")).await?;
    let from_unconfirmed = email(&unconfirmed.id, list, "bob@example.com");
    runner
        .step("A sender that is not confirmed", async |step| {
            let answer = run!(step, client.emails().send(&from_unconfirmed).await);
            step.expect_error(
                answer,
                ErrorKind::BadRequest,
                Some(400),
                &[WORDS, &["sender.id", "not confirmed"]].concat(),
            )
        })
        .await?;

    let email = email(sender, list, "bob@example.com");
    sandbox.set_domains_valid(false);
    runner
        .step("A domain without SPF and DKIM records", async |step| {
            let answer = run!(step, client.emails().send(&email).await);
            step.expect_error(
                answer,
                ErrorKind::BadRequest,
                Some(400),
                &[WORDS, &["sender.id", "must be authenticated"]].concat(),
            )
        })
        .await?;
    sandbox.set_domains_valid(true);
    Ok(())
}

pub async fn lists(runner: &mut Runner<'_>, client: &Client, sender: &SenderId, list: ListId) -> Result<(), CliError> {
    const WORDS: &[&str] = &["list_id", "not found", "lists().list()", "deleted"];
    runner.section("Troubleshooting: list ID not found")?;
    let to_unknown = email(sender, ListId::new(list.get() + 999_999), "bob@example.com");
    runner
        .step("A list that does not exist", async |step| {
            let answer = run!(step, client.emails().send(&to_unknown).await);
            step.expect_error(answer, ErrorKind::BadRequest, Some(400), WORDS)
        })
        .await?;

    let deleted = client.lists().create(&NewList::new("Old", DefaultSender::new(sender))).await?.id;
    client.lists().delete(deleted).await?;
    let to_deleted = email(sender, deleted, "bob@example.com");
    runner
        .step("A list that was deleted", async |step| {
            let answer = run!(step, client.emails().send(&to_deleted).await);
            step.expect_error(answer, ErrorKind::BadRequest, Some(400), WORDS)
        })
        .await
}

/// `bounced` has bounced before.
pub async fn recipients(
    runner: &mut Runner<'_>,
    client: &Client,
    sender: &SenderId,
    list: ListId,
    bounced: &EmailId,
) -> Result<(), CliError> {
    runner.section("Troubleshooting: email not received")?;
    let sandbox = runner.sandbox;
    let misaddressed = email(sender, list, "bob@example");
    runner
        .step("An address that is not valid: found before it is sent", async |step| {
            let before = sandbox.requests().len();
            let answer = run!(step, client.emails().send(&misaddressed).await);
            step.expect_error(answer, ErrorKind::Invalid, None, &["email", "is not an email address"])?;
            step.check("nothing is sent", sandbox.requests().len() == before)
        })
        .await?;

    runner
        .step("Waiting for an email that has bounced", async |step| {
            let timeout = TIMEOUT;
            let answer = run!(step, client.emails().wait_for(bounced, Milestone::Opened, timeout).await);
            step.expect_error(
                answer,
                ErrorKind::Undeliverable,
                None,
                &["bounced", "address is valid", "bounce reports"],
            )
        })
        .await?;

    let again = email(sender, list, "bounced@example.com");
    runner
        .step("An address that has bounced before: it is suppressed", async |step| {
            let sent = run!(step, client.emails().send(&again).await?);
            step.result("email", sent.id.as_str());
            step.result("status", sent.status.as_str());
            step.check("it is not sent again", sent.status == EmailStatus::Rejected)?;
            let why = LogQuery::new().email_id(&sent.id).log_type(LogType::Rejected);
            let entries = run!(step, client.logs().list(why).all().await?);
            let reason = entries.iter().flat_map(|entry| &entry.metadata).find_map(|it| it.get("reason"));
            step.result("reason", reason.cloned().unwrap_or_default());
            step.check("the logs say why", reason.is_some())
        })
        .await
}

fn email(sender: &SenderId, list: ListId, to: &str) -> NewEmail {
    NewEmail::transactional(sender, list, to, Content::text("Hello", "Hello, Bob."))
}
