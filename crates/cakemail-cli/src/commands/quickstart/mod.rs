//! `quickstart`: the guide's steps, from a token to the usual troubleshooting, over real HTTP and each checked against what the
//! guide says.

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
    // Its time stands still unless the runner moves it, so that nothing is ever waited for.
    let started = Sandbox::builder().clock(Clock::frozen(SystemTime::now())).start().await;
    let sandbox = started.map_err(|error| CliError::Other(format!("the sandbox did not start: {error}")))?;
    walk(&mut Runner::begin(&sandbox, out)?).await
}

/// Walks through everything, up to the first step that does not do what the guide says.
async fn walk(runner: &mut Runner<'_>) -> Result<(), CliError> {
    let walked = steps(runner).await;
    runner.end(walked.is_ok())?;
    walked
}

async fn steps(runner: &mut Runner<'_>) -> Result<(), CliError> {
    let client = setup::authentication(runner).await?;
    let (sender, list) = setup::prerequisites(runner, &client).await?;
    let welcome = emails::one_that_is_clicked(runner, &client, &sender, list).await?;
    let (reset, between) = emails::one_that_bounces(runner, &client, &sender, list).await?;
    logs::filtered(runner, &client, &welcome, &reset, between).await?;
    troubleshooting::authentication(runner, &client, list).await?;
    troubleshooting::senders(runner, &client, &sender, list).await?;
    troubleshooting::lists(runner, &client, &sender, list).await?;
    troubleshooting::recipients(runner, &client, &sender, list, &reset).await
}

#[cfg(test)]
mod tests;
