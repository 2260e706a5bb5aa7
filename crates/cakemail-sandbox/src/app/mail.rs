//! The emails that Cakemail itself would send.

use std::fmt;

use super::context::App;
use crate::domain::Confirmation;

/// An email that Cakemail itself would have sent, to confirm a sender. [`Sandbox::mailbox`](crate::Sandbox::mailbox)
/// returns them.
#[derive(Clone)]
#[non_exhaustive]
pub struct Mail {
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The body.
    pub text: String,
    /// The link that confirms the sender when it is opened.
    pub link: String,
    /// The id that `POST /brands/default/senders/confirm-email` takes.
    pub confirmation_id: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// The emails to an address, for the senders of an account or of all, oldest first.
pub(crate) fn to(app: &App, address: &str, account: Option<i64>) -> Vec<Mail> {
    let state = app.state();
    let accounts = state.accounts.iter().filter(|it| account.is_none_or(|id| id == it.id));
    let all = accounts.flat_map(|account| &account.mailbox);
    let matching = all.filter(|confirmation| confirmation.email.eq_ignore_ascii_case(address));
    matching.map(|confirmation| mail(confirmation, &app.base)).collect()
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
