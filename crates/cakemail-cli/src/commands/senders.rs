//! `cakemail senders`: lists, creates, confirms and deletes senders.

use cakemail::senders::{NewSender, Sender};
use serde_json::json;

use super::{time, yes_no};
use crate::args::Senders;
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::Output;

pub async fn run(action: Option<Senders>, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let senders = connection.client.senders();
    match action.unwrap_or(Senders::List) {
        Senders::List => list(connection, out).await,
        Senders::Create { name, email } => {
            let sender = senders.create(&NewSender::new(name, email)).await?;
            show(&sender, out)?;
            if !sender.confirmed && !out.is_json() {
                out.line(
                    "\nA confirmation email was sent to the address. Follow its link, or pass the ID from the link:",
                )?;
                out.line("  cakemail senders confirm CONFIRMATION_ID")?;
            }
            Ok(())
        }
        Senders::Confirm { id } => {
            let fix = "give the ID from the link in the confirmation email";
            let id = connection.or_sample(id, |sandbox| sandbox.confirmation_id.clone(), "the confirmation ID", fix)?;
            show(&senders.confirm(id).await?, out)
        }
        Senders::Delete { id } => {
            let fix = "give the ID of a sender, from `cakemail senders`";
            let id = connection.or_sample(id, |sandbox| sandbox.sender.clone(), "the sender ID", fix)?;
            senders.delete(&id).await?;
            match out.is_json() {
                true => out.json(&json!({"id": id, "deleted": true}))?,
                false => out.line(format_args!("Deleted the sender {id}."))?,
            }
            Ok(())
        }
    }
}

async fn list(connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let senders = connection.client.senders().list(Default::default()).all().await?;
    if out.is_json() {
        return Ok(senders.iter().try_for_each(|sender| out.json(sender))?);
    }
    if senders.is_empty() {
        return Ok(out.line("There are no senders. Create one: cakemail senders create NAME EMAIL")?);
    }
    let rows: Vec<_> = senders
        .into_iter()
        .map(|sender| {
            [sender.id.to_string(), sender.name, sender.email, confirmed(sender.confirmed, sender.confirmed_on)]
        })
        .collect();
    Ok(out.table(["ID", "NAME", "EMAIL", "CONFIRMED"], &rows)?)
}

fn show(sender: &Sender, out: &mut Output) -> Result<(), CliError> {
    if out.is_json() {
        return Ok(out.json(sender)?);
    }
    Ok(out.fields(&[
        ("id", sender.id.to_string()),
        ("name", sender.name.clone()),
        ("email", sender.email.clone()),
        ("confirmed", confirmed(sender.confirmed, sender.confirmed_on)),
    ])?)
}

fn confirmed(confirmed: bool, on: Option<cakemail::Timestamp>) -> String {
    if confirmed && on.is_some() { time(on) } else { yes_no(confirmed) }
}
