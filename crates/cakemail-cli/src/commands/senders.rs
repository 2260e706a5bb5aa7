//! `senders`: show, create, confirm, delete.

use cakemail::senders::{NewSender, Sender};
use serde_json::json;

use super::{time, yes};
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
                out.line("\nA mail with a link went to the address. Follow the link, or take the id from it:")?;
                out.line("  cakemail senders confirm CONFIRMATION_ID")?;
            }
            Ok(())
        }
        Senders::Confirm { id } => {
            let fix = "give the id from the link in the confirmation mail";
            let id = connection.named(id, |seed| seed.confirmation.clone(), "the confirmation's id", fix)?;
            show(&senders.confirm(id).await?, out)
        }
        Senders::Delete { id } => {
            let fix = "give a sender's id: `cakemail senders` shows them";
            let id = connection.named(id, |seed| seed.sender.clone(), "the sender's id", fix)?;
            senders.delete(&id).await?;
            match out.is_json() {
                true => out.object(&json!({"id": id, "deleted": true}))?,
                false => out.line(format_args!("Sender {id} is deleted."))?,
            }
            Ok(())
        }
    }
}

async fn list(connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let senders = connection.client.senders().list(Default::default()).all().await?;
    if out.is_json() {
        return Ok(senders.iter().try_for_each(|sender| out.object(sender))?);
    }
    if senders.is_empty() {
        return Ok(out.line("No senders yet: cakemail senders create NAME EMAIL")?);
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
        return Ok(out.object(sender)?);
    }
    Ok(out.pairs(&[
        ("id", sender.id.to_string()),
        ("name", sender.name.clone()),
        ("email", sender.email.clone()),
        ("confirmed", confirmed(sender.confirmed, sender.confirmed_on)),
    ])?)
}

fn confirmed(it: bool, on: Option<cakemail::Timestamp>) -> String {
    if it && on.is_some() { time(on) } else { yes(it) }
}
