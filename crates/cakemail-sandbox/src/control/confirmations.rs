//! The mails that Cakemail itself sends, to confirm a sender, and where their links lead.

use serde_json::json;

use super::{Handler, Table};
use crate::answer::{Answer, Outcome};
use crate::api::{Fields, senders};
use crate::core::Core;
use crate::validate::Checked;

pub(super) const OPERATIONS: Table = &[("mailbox", Handler::Now(mailbox)), ("confirm", Handler::Now(confirm))];

fn mailbox(core: &Core, given: &Checked) -> Outcome {
    let mails = core.state().mails(given.query.text("address").unwrap_or_default());
    let data: Vec<_> = mails
        .into_iter()
        .map(|mail| {
            json!({
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
                "link": mail.link,
                "confirmation_id": mail.confirmation_id,
            })
        })
        .collect();
    Ok(Answer::ok(json!({"data": data})))
}

fn confirm(core: &Core, given: &Checked) -> Outcome {
    senders::confirmed(&mut core.state(), given.query.text("id").unwrap_or_default())?;
    Ok(Answer::html("<!doctype html><title>Confirmed</title><p>The sender is confirmed.</p>".into()))
}
