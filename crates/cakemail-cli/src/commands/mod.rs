//! The commands, one file each.

mod doctor;
mod lists;
mod logs;
mod outbox;
mod quickstart;
mod sandbox;
mod send;
mod senders;
mod status;

use crate::args::{Args, Command};
use crate::connection::connect;
use crate::error::CliError;
use crate::output::Output;

/// Runs the command.
pub fn run(args: Args) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Other(format!("cannot start the async runtime: {error}")))?;
    runtime.block_on(dispatch(args))
}

async fn dispatch(Args { global, command }: Args) -> Result<(), CliError> {
    let mut out = Output::stdout(global.json);
    match command {
        Command::Quickstart => quickstart::run(&mut out).await,
        Command::Sandbox(args) => sandbox::run(*args, &mut out).await,
        Command::Send(args) => send::run(*args, &global, &mut out).await,
        Command::Outbox(args) => outbox::run(args, &global, &mut out).await,
        Command::Status { email_id } => status::run(email_id, &connect(&global).await?, &mut out).await,
        Command::Doctor(args) => doctor::run(args, &connect(&global).await?, &mut out).await,
        Command::Logs(args) => logs::run(args, &connect(&global).await?, &mut out).await,
        Command::Senders { action } => senders::run(action, &connect(&global).await?, &mut out).await,
        Command::Lists { action } => lists::run(action, &connect(&global).await?, &mut out).await,
    }
}

/// A timestamp in ISO 8601, or `-`.
fn time(time: Option<cakemail::Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.to_string())
}

/// `yes` or `no`.
fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
