//! `doctor`: what stands in the way of sending, and how to mend it.

use cakemail::{Check, CheckState, Client, FieldError, ListId, Preflight, SenderId};
use serde_json::json;

use crate::args::Doctor;
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::{DIM, GREEN, Output, RED, RESET, plain};

pub async fn run(args: Doctor, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let client = &connection.client;
    // Credentials that are wrong are the first thing to tell, before any sender or list is looked for.
    let sender = match args.sender {
        None if client.authenticate().await.is_ok() => first_sender(client).await?,
        given => given.unwrap_or_else(|| "-".into()),
    };
    let list = match args.list {
        None if client.authenticate().await.is_ok() => first_list(client).await?,
        given => given.unwrap_or(ListId::new(0)),
    };
    let mut what = Preflight::new(sender, list);
    what.recipient = args.to;
    let findings = client.preflight(&what).await;
    findings.checks.iter().try_for_each(|check| show(check, out))?;
    match findings.checks.iter().filter(|check| check.state == CheckState::Failed).count() {
        0 => Ok(()),
        failed => Err(CliError::Other(format!("{failed} of {} checks failed", findings.checks.len()))),
    }
}

async fn first_sender(client: &Client) -> Result<SenderId, CliError> {
    let senders = client.senders().list(Default::default()).all().await?;
    let sender = senders.iter().find(|sender| sender.confirmed).or(senders.first());
    let mend = "the account has none: create one with `cakemail senders create NAME EMAIL`";
    Ok(sender.map(|sender| sender.id.clone()).ok_or_else(|| FieldError::new("--sender", mend))?)
}

async fn first_list(client: &Client) -> Result<ListId, CliError> {
    let list = client.lists().list(Default::default()).next().await.transpose()?;
    let mend = "the account has none: create one with `cakemail lists create NAME`";
    Ok(list.map(|list| list.id).ok_or_else(|| FieldError::new("--list", mend))?)
}

fn show(check: &Check, out: &mut Output) -> std::io::Result<()> {
    if out.is_json() {
        return out.object(&json!({
            "check": check.name,
            "state": check.state.to_string(),
            "found": check.found,
            "mend": check.fix,
        }));
    }
    let (mark, colour) = match check.state {
        CheckState::Passed => ("✓", GREEN),
        CheckState::Failed => ("✗", RED),
        _ => ("?", DIM),
    };
    out.line(format_args!("{colour}{mark}{RESET} {:12}  {}", check.name, plain(&check.found)))?;
    match check.fix {
        Some(mend) => out.line(format_args!("  {DIM}{:12}  {mend}{RESET}", "")),
        None => Ok(()),
    }
}
