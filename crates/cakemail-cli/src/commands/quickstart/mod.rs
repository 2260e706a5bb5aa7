//! `cakemail quickstart`: runs the steps of the guide over real HTTP, from the access token to troubleshooting, and checks
//! each result.

mod emails;
mod logs;
mod runner;
mod setup;
mod troubleshooting;

use std::time::SystemTime;

use cakemail::sandbox::{Clock, Sandbox};

use crate::error::CliError;
use crate::output::Output;
use runner::Runner;

pub async fn run(out: &mut Output) -> Result<(), CliError> {
    // The clock moves only when a step advances it, so no step waits.
    let started = Sandbox::builder().clock(Clock::frozen(SystemTime::now())).start().await;
    let sandbox = started.map_err(|error| CliError::Other(format!("cannot start the sandbox: {error}")))?;
    run_all(&mut Runner::start(&sandbox, out)?).await
}

/// Runs all steps, until one fails.
async fn run_all(runner: &mut Runner<'_>) -> Result<(), CliError> {
    let result = steps(runner).await;
    runner.finish(result.is_ok())?;
    result
}

async fn steps(runner: &mut Runner<'_>) -> Result<(), CliError> {
    let client = setup::authenticate(runner).await?;
    let (sender, list) = setup::prerequisites(runner, &client).await?;
    let welcome = emails::clicked_email(runner, &client, &sender, list).await?;
    let (reset, between) = emails::bounced_email(runner, &client, &sender, list).await?;
    logs::filters(runner, &client, &welcome, &reset, between).await?;
    troubleshooting::authentication(runner, &client, list).await?;
    troubleshooting::senders(runner, &client, &sender, list).await?;
    troubleshooting::lists(runner, &client, &sender, list).await?;
    troubleshooting::recipients(runner, &client, &sender, list, &reset).await
}

#[cfg(test)]
mod tests;
