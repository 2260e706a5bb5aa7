//! Filters the email log by tag, status and date.

use cakemail::logs::{EmailLog, LogQuery, LogType};
use cakemail::{Client, EmailId, Timestamp};

use super::runner::{Runner, Step, StepFailure, run};
use crate::error::CliError;

pub async fn filters(
    runner: &mut Runner<'_>,
    client: &Client,
    welcome: &EmailId,
    reset: &EmailId,
    between: Timestamp,
) -> Result<(), CliError> {
    runner.section("Activity logs and tags")?;
    let logs = client.logs();
    runner
        .step("Filter by tag", async |step| {
            let entries = run!(step, logs.list(LogQuery::new().tags("password-reset")).all().await?);
            check_entries(step, &entries, reset, &["bounced", "queued", "submitted"])
        })
        .await?;
    runner
        .step("Filter by status", async |step| {
            let entries = run!(step, logs.list(LogQuery::new().log_type(LogType::Click)).all().await?);
            check_entries(step, &entries, welcome, &["clicked"])
        })
        .await?;
    runner
        .step("Filter by date: until an hour ago", async |step| {
            let hour_ago = between;
            let entries = run!(step, logs.list(LogQuery::new().end_time(hour_ago)).all().await?);
            check_entries(step, &entries, welcome, &["clicked", "delivered", "opened", "queued", "submitted"])
        })
        .await?;
    runner
        .step("Filter by date: since an hour ago", async |step| {
            let hour_ago = between;
            let entries = run!(step, logs.list(LogQuery::new().start_time(hour_ago)).all().await?);
            check_entries(step, &entries, reset, &["bounced", "queued", "submitted"])
        })
        .await
}

/// Shows the entries, and checks that they are these events of this email, newest first.
fn check_entries(step: &mut Step, entries: &[EmailLog], email: &EmailId, events: &[&str]) -> Result<(), StepFailure> {
    let mut actual: Vec<_> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    step.result("email", email.as_str());
    step.result("events", actual.clone());
    step.check("the filter returns no other email", entries.iter().all(|entry| entry.email_id == *email))?;
    let newest_first = entries.is_sorted_by(|one, next| one.time >= next.time);
    step.check("the newest entries come first", newest_first)?;
    actual.sort_unstable();
    step.check(format_args!("the events are {}", events.join(", ")), actual == events)
}
