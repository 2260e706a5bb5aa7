//! Sends two emails: one that is clicked, one that bounces.

use std::time::Duration;

use cakemail::{Client, Content, EmailId, EmailStatus, ListId, Milestone, NewEmail, SenderId, Timestamp};

use super::runner::{Runner, run};
use crate::error::CliError;

/// A short timeout, because the sandbox's clock does not move while a step waits.
pub const TIMEOUT: Duration = Duration::from_secs(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

pub async fn clicked_email(
    runner: &mut Runner<'_>,
    client: &Client,
    sender: &SenderId,
    list: ListId,
) -> Result<EmailId, CliError> {
    runner.section("Send an email")?;
    let id = runner
        .step("Send an email to a recipient who clicks a link", async |step| {
            let to = "clicked@example.com";
            let content = Content::html("Hello, world!", r#"<p>Hello, <a href="https://example.com">world</a>!</p>"#);
            run!(step, let email = NewEmail::marketing(sender, list, to, content).tag("welcome"));
            let sent = run!(step, client.emails().send(&email).await?);
            step.result("email", sent.id.as_str());
            step.result("recipient", to);
            step.result("status", sent.status.as_str());
            step.check("the status in the response is queued", sent.status == EmailStatus::Queued)?;
            Ok(sent.id)
        })
        .await?;

    runner.section("Check email status")?;
    wait_for(runner, client, &id, "Wait until the email is delivered", Milestone::Delivered, EmailStatus::Delivered)
        .await?;
    wait_for(runner, client, &id, "Wait until the email is opened", Milestone::Opened, EmailStatus::Opened).await?;
    wait_for(runner, client, &id, "Wait until a link is clicked", Milestone::Clicked, EmailStatus::Clicked).await?;
    Ok(id)
}

/// Advances the clock by a second, after which the email must have this status.
async fn wait_for(
    runner: &mut Runner<'_>,
    client: &Client,
    id: &EmailId,
    title: &'static str,
    milestone: Milestone,
    status: EmailStatus,
) -> Result<(), CliError> {
    runner.sandbox.clock().advance(SECOND);
    runner
        .step(title, async |step| {
            step.code(format!("client.emails().wait_for(&id, Milestone::{milestone:?}, timeout).await?"));
            let email = client.emails().wait_for(id, milestone, TIMEOUT).await?;
            step.result("status", email.status.as_str());
            step.result("opens", email.opens);
            step.result("clicks", email.clicks);
            step.check(format_args!("the status is now {status}, not {}", email.status), email.status == status)
        })
        .await
}

/// Returns the email, and a time between the previous email and this one.
pub async fn bounced_email(
    runner: &mut Runner<'_>,
    client: &Client,
    sender: &SenderId,
    list: ListId,
) -> Result<(EmailId, Timestamp), CliError> {
    let clock = runner.sandbox.clock();
    clock.advance(HOUR);
    let between = Timestamp::from(clock.now());
    clock.advance(HOUR);
    let id = runner
        .step("Send an email to an address that does not exist", async |step| {
            let to = "bounced@example.com";
            let content = Content::html("Password Reset", "<p>Click to reset.</p>");
            run!(step, let email = NewEmail::transactional(sender, list, to, content));
            run!(step, let email = email.tag("password-reset").tag("auth"));
            let sent = run!(step, client.emails().send(&email).await?);
            step.result("email", sent.id.as_str());
            step.result("recipient", to);
            step.result("tags", "password-reset, auth");
            step.result("status", sent.status.as_str());
            step.check("the status in the response is queued", sent.status == EmailStatus::Queued)?;
            Ok(sent.id)
        })
        .await?;
    clock.advance(SECOND);
    runner
        .step("Read the status of the bounced email", async |step| {
            let email = run!(step, client.emails().get(&id).await?);
            step.result("status", email.status.as_str());
            step.result("hard bounce", email.hard_bounced);
            step.check("the email has bounced", email.status == EmailStatus::Bounced && email.hard_bounced)
        })
        .await?;
    Ok((id, between))
}
