//! The mails that Cakemail itself sends, to confirm a sender, and where their links lead.

use serde_json::json;

use super::{Handler, Table};
use crate::Mail;
use crate::api::Fields;
use crate::api::resources::senders;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::Confirmation;

pub(super) const OPERATIONS: Table =
    &[("getMailbox", Handler::Now(mailbox)), ("openConfirmationLink", Handler::Now(confirm))];

fn mailbox(core: &Core, given: &Checked) -> Outcome {
    let mails = core.mails(given.query.text("address").unwrap_or_default());
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
    let id = given.query.text("id").unwrap_or_default();
    senders::confirmed(&mut core.state(), id).map_err(|msg| Answer::bad_request(&["query", "id"], msg))?;
    Ok(Answer::html("<!doctype html><title>Confirmed</title><p>The sender is confirmed.</p>".into()))
}

impl Core {
    /// The mails to an address, oldest first.
    pub(crate) fn mails(&self, address: &str) -> Vec<Mail> {
        let state = self.state();
        let all = state.accounts.iter().flat_map(|account| &account.mailbox);
        all.filter(|it| it.email.eq_ignore_ascii_case(address)).map(|it| mail(it, &self.base)).collect()
    }
}

fn mail(confirmation: &Confirmation, base: &str) -> Mail {
    let Confirmation { id, name, email, hours } = confirmation;
    let link = format!("{base}/_sandbox/confirm?id={id}");
    Mail {
        to: email.clone(),
        subject: "Confirm your sender address".into(),
        text: format!(
            "Hello {name},\n\nplease confirm that emails may be sent from {email}:\n{link}\n\n\
             The link is valid for {hours} hours.\n"
        ),
        link,
        confirmation_id: id.clone(),
    }
}
