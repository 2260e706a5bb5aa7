//! `cakemail doctor`: checks whether an email can be sent, and says how to fix what prevents it.

use cakemail::{Check, CheckState, Client, Error, ErrorKind, FieldError, ListId, Preflight, SenderId};
use serde_json::json;

use crate::args::Doctor;
use crate::connection::Connection;
use crate::error::{CliError, in_command_words};
use crate::output::{DIM, GREEN, Output, RED, RESET, sanitize};

pub async fn run(args: Doctor, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let client = &connection.client;
    // With wrong credentials the default sender and list cannot be found; preflight then reports the credentials.
    let sender = match args.sender {
        None if client.authenticate().await.is_ok() => first_sender(client).await?,
        given => given.unwrap_or_else(|| "-".into()),
    };
    let list = match args.list {
        None if client.authenticate().await.is_ok() => first_list(client).await?,
        given => given.unwrap_or(ListId::new(0)),
    };
    let mut preflight = Preflight::new(sender, list);
    preflight.recipient = args.to;
    let report = client.preflight(&preflight).await;
    report.checks.iter().try_for_each(|check| show(check, out))?;
    let (failed, not_checked) = (report.failed().count(), report.not_checked().count());
    let of = report.checks.len();
    match (failed, not_checked) {
        _ if report.passed() => Ok(()),
        (0, _) => Err(CliError::NotChecked(format!("{not_checked} of {of} checks could not be made"))),
        _ => Err(CliError::Other(format!("{failed} of {of} checks failed"))),
    }
}

async fn first_sender(client: &Client) -> Result<SenderId, CliError> {
    let senders = client.senders().list(Default::default()).all().await.map_err(not_made)?;
    let sender = senders.iter().find(|sender| sender.confirmed).or(senders.first());
    let fix = "the account has no sender: create one with `cakemail senders create NAME EMAIL`";
    Ok(sender.map(|sender| sender.id.clone()).ok_or_else(|| FieldError::new("--sender", fix))?)
}

async fn first_list(client: &Client) -> Result<ListId, CliError> {
    let list = client.lists().list(Default::default()).next().await.transpose().map_err(not_made)?;
    let fix = "the account has no list: create one with `cakemail lists create NAME`";
    Ok(list.map(|list| list.id).ok_or_else(|| FieldError::new("--list", fix))?)
}

/// The error of a call whose failure says nothing about the account.
fn not_made(error: Error) -> CliError {
    match error.kind() {
        ErrorKind::Connect
        | ErrorKind::ConnectionLost
        | ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Timeout
        | ErrorKind::UnexpectedResponse => CliError::NotChecked(format!("no check could be made: {error}")),
        _ => error.into(),
    }
}

fn show(check: &Check, out: &mut Output) -> std::io::Result<()> {
    let fix = check.fix.map(in_command_words);
    if out.is_json() {
        return out.json(&json!({
            "check": check.name,
            "state": check.state.to_string(),
            "found": check.found,
            "fix": fix,
        }));
    }
    let (mark, color) = match check.state {
        CheckState::Passed => ("✓", GREEN),
        CheckState::Failed => ("✗", RED),
        CheckState::NotNeeded => ("-", DIM),
        _ => ("?", DIM),
    };
    out.line(format_args!("{color}{mark}{RESET} {}: {}", check.name, sanitize(&check.found)))?;
    match fix {
        Some(fix) => out.line(format_args!("  Fix: {fix}.")),
        None => Ok(()),
    }
}
