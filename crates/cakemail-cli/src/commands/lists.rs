//! `cakemail lists`: lists, shows and creates contact lists.

use cakemail::lists::{DefaultSender, List, NewList};

use super::time;
use crate::args::Lists;
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::Output;

pub async fn run(action: Option<Lists>, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let lists = connection.client.lists();
    match action.unwrap_or(Lists::List) {
        Lists::List => list(connection, out).await,
        Lists::Create { name, sender } => {
            let fix = "give the ID of its default sender, from `cakemail senders`";
            let sender = connection.or_sample(sender, |sandbox| sandbox.sender.clone(), "--sender", fix)?;
            show(&lists.create(&NewList::new(name, DefaultSender::new(sender))).await?, out)
        }
        Lists::Show { id } => {
            let fix = "give the ID of a list, from `cakemail lists`";
            let id = connection.or_sample(id, |sandbox| sandbox.list, "the list ID", fix)?;
            show(&lists.get(id).await?, out)
        }
    }
}

async fn list(connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let lists = connection.client.lists().list(Default::default()).all().await?;
    if out.is_json() {
        return Ok(lists.iter().try_for_each(|list| out.json(list))?);
    }
    let rows: Vec<_> =
        lists.into_iter().map(|list| [list.id.to_string(), list.name, list.status, time(list.created_on)]).collect();
    Ok(out.table(["ID", "NAME", "STATUS", "CREATED"], &rows)?)
}

fn show(list: &List, out: &mut Output) -> Result<(), CliError> {
    if out.is_json() {
        return Ok(out.json(list)?);
    }
    Ok(out.fields(&[
        ("id", list.id.to_string()),
        ("name", list.name.clone()),
        ("status", list.status.clone()),
        ("created", time(list.created_on)),
        ("default sender", list.default_sender.email.clone().unwrap_or_else(|| "-".into())),
    ])?)
}
