//! `quickstart`: the guide's steps, from a token to the usual mistakes, over real HTTP and each checked against what the
//! guide says.

mod emails;
mod logs;
mod mistakes;
mod setup;
mod tour;

use std::time::SystemTime;

use cakemail::sandbox::{Clock, Sandbox};

use crate::failure::Failure;
use crate::print::Out;
use tour::Tour;

pub async fn run(out: &mut Out) -> Result<(), Failure> {
    // Its time stands still unless the tour moves it, so that nothing is ever waited for.
    let started = Sandbox::builder().clock(Clock::frozen(SystemTime::now())).start().await;
    let sandbox = started.map_err(|error| Failure::Other(format!("the sandbox did not start: {error}")))?;
    walk(&mut Tour::begin(&sandbox, out)?).await
}

/// Walks through everything, up to the first step that does not do what the guide says.
async fn walk(tour: &mut Tour<'_>) -> Result<(), Failure> {
    let walked = steps(tour).await;
    tour.end(walked.is_ok())?;
    walked
}

async fn steps(tour: &mut Tour<'_>) -> Result<(), Failure> {
    let client = setup::authentication(tour).await?;
    let (sender, list) = setup::prerequisites(tour, &client).await?;
    let welcome = emails::one_that_is_clicked(tour, &client, &sender, list).await?;
    let (reset, between) = emails::one_that_bounces(tour, &client, &sender, list).await?;
    logs::filtered(tour, &client, &welcome, &reset, between).await?;
    mistakes::authentication(tour, &client, list).await?;
    mistakes::senders(tour, &client, &sender, list).await?;
    mistakes::lists(tour, &client, &sender, list).await?;
    mistakes::recipients(tour, &client, &sender, list, &reset).await
}

#[cfg(test)]
mod tests;
