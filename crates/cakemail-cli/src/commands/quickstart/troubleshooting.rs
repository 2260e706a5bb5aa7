//! An error of each kind in the guide's Troubleshooting, as a user sees it.

use std::time::Duration;

use cakemail::lists::{DefaultSender, NewList};
use cakemail::logs::{LogQuery, LogType};
use cakemail::senders::NewSender;
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};
use cakemail::{Client, Content, Credentials, EmailId, ErrorKind, ListId, Milestone, NewEmail, Secret, SenderId};

use super::emails::TIMEOUT;
use super::runner::{Runner, run};
use super::setup;
use crate::error::CliError;

/// The shortest lifetime of a token.
const LIFETIME: Duration = Duration::from_secs(600);

pub async fn authentication(runner: &mut Runner<'_>, client: &Client, list: ListId) -> Result<(), CliError> {
    runner.section("Troubleshooting: authentication errors")?;
    let sandbox = runner.sandbox;
    let wrong_password = setup::client(sandbox, Credentials::password(sandbox.email(), "not the password"))?;
    runner
        .step("Sign in with a wrong password", async |step| {
            let result = run!(step, wrong_password.authenticate().await);
            step.expect_error(
                result,
                ErrorKind::Authentication,
                Some(401),
                &["user name and the password", "API access"],
            )
        })
        .await?;

    let token = short_lived_token(runner, client).await?;
    sandbox.clock().advance(LIFETIME);
    let expired_token = setup::client(sandbox, Credentials::access_token(token))?;
    runner
        .step("Use an access token that has expired", async |step| {
            let result = run!(step, expired_token.lists().get(list).await);
            step.expect_error(result, ErrorKind::Authentication, Some(401), &["expired", "obtain a new one"])
        })
        .await?;

    let invalid_token = setup::client(sandbox, Credentials::access_token("not-a-token"))?;
    runner
        .step("Use an access token that was never issued", async |step| {
            let result = run!(step, invalid_token.lists().get(list).await);
            step.expect_error(result, ErrorKind::Authentication, Some(401), &["obtain a new one"])
        })
        .await?;

    runner
        .step("Act on behalf of an account without permission", async |step| {
            let result = run!(step, client.for_account("999999").lists().get(list).await);
            step.expect_error(result, ErrorKind::Forbidden, Some(400), &["API access is enabled"])
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
        _ => Err(CliError::Other("the sandbox issued no token".into())),
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
    let from_unknown = email(&SenderId::from("999999"), list, "bob@example.com");
    runner
        .step("Send from a sender that does not exist", async |step| {
            let result = run!(step, client.emails().send(&from_unknown).await);
            step.expect_error(result, ErrorKind::BadRequest, Some(400), &[WORDS, &["sender.id", "not found"]].concat())
        })
        .await?;

    let unconfirmed = client.senders().create(&NewSender::new("Alan", "alan@example.com")).await?;
    let from_unconfirmed = email(&unconfirmed.id, list, "bob@example.com");
    runner
        .step("Send from a sender that is not confirmed", async |step| {
            let result = run!(step, client.emails().send(&from_unconfirmed).await);
            step.expect_error(
                result,
                ErrorKind::BadRequest,
                Some(400),
                &[WORDS, &["sender.id", "not confirmed"]].concat(),
            )
        })
        .await?;

    let email = email(sender, list, "bob@example.com");
    sandbox.set_domains_valid(false);
    runner
        .step("Send from a domain without SPF and DKIM records", async |step| {
            let result = run!(step, client.emails().send(&email).await);
            step.expect_error(
                result,
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
        .step("Send to a list that does not exist", async |step| {
            let result = run!(step, client.emails().send(&to_unknown).await);
            step.expect_error(result, ErrorKind::BadRequest, Some(400), WORDS)
        })
        .await?;

    let deleted = client.lists().create(&NewList::new("Old", DefaultSender::new(sender))).await?.id;
    client.lists().delete(deleted).await?;
    let to_deleted = email(sender, deleted, "bob@example.com");
    runner
        .step("Send to a list that was deleted", async |step| {
            let result = run!(step, client.emails().send(&to_deleted).await);
            step.expect_error(result, ErrorKind::BadRequest, Some(400), WORDS)
        })
        .await
}

/// `bounced` is an email that has bounced.
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
        .step("Send to an invalid address: the client refuses it", async |step| {
            let before = sandbox.requests().len();
            let result = run!(step, client.emails().send(&misaddressed).await);
            step.expect_error(result, ErrorKind::Invalid, None, &["email", "is not an email address"])?;
            step.check("no request is sent", sandbox.requests().len() == before)
        })
        .await?;

    runner
        .step("Wait for an email that has bounced", async |step| {
            let timeout = TIMEOUT;
            let result = run!(step, client.emails().wait_for(bounced, Milestone::Opened, timeout).await);
            step.expect_error(
                result,
                ErrorKind::Undeliverable,
                None,
                &["bounced", "address is valid", "bounce reports"],
            )
        })
        .await?;

    let again = email(sender, list, "bounced@example.com");
    runner
        .step("Send to a suppressed address, which bounced before", async |step| {
            let result = run!(step, client.emails().send(&again).await);
            let refused = result.as_ref().err().and_then(|error| error.refused_email().cloned());
            step.expect_error(result, ErrorKind::Undeliverable, Some(201), &["rejected", "not suppressed"])?;
            let Some(refused) = refused else { return step.check("the error has the email's id", false) };
            step.result("email", refused.id.as_str());
            step.result("status", refused.status.as_str());
            let query = LogQuery::new().email_id(&refused.id).log_type(LogType::Rejected);
            let entries = run!(step, client.logs().list(query).all().await?);
            let reason = entries.iter().flat_map(|entry| &entry.metadata).find_map(|metadata| metadata.get("reason"));
            step.result("reason", reason.cloned().unwrap_or_default());
            step.check("the log has the reason", reason.is_some())
        })
        .await
}

fn email(sender: &SenderId, list: ListId, to: &str) -> NewEmail {
    NewEmail::transactional(sender, list, to, Content::text("Hello", "Hello, Bob."))
}
