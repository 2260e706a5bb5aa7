//! An account, and its smaller belongings.

use std::fmt;

use serde_json::{Map, Value};

use super::{Emails, Ids, List, Suppressions};
use crate::clock::Time;
use crate::lifecycle::Kind;
use crate::sandbox::Mail;
use crate::state::{Email, Source};

/// Soft bounces after which a contact is off the list.
const SOFT_BOUNCES: i64 = 4;

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) second_factor: Option<String>,
    pub(crate) created: Time,
    pub(crate) senders: Vec<Sender>,
    pub(crate) lists: Vec<List>,
    pub(crate) suppressions: Suppressions,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) dkim_keys: Vec<DkimKey>,
    pub(crate) domains: Domains,
    pub(crate) emails: Emails,
    /// How many emails are kept, and contacts added that were not on a list.
    pub(crate) keep: Option<usize>,
    pub(crate) mailbox: Vec<Mail>,
}

impl Account {
    /// An account with one list, "Contacts".
    pub(crate) fn new(login: crate::builder::Login, created: Time, ids: &Ids, keep: Option<usize>) -> Self {
        let domain = login.email.rsplit('@').next().unwrap_or_default();
        let mut account = Self {
            id: ids.next(),
            user_id: ids.next(),
            domains: Domains::of(domain),
            email: login.email,
            password: login.password,
            second_factor: login.second_factor,
            created,
            senders: Vec::new(),
            lists: Vec::new(),
            suppressions: Suppressions::default(),
            webhooks: Vec::new(),
            dkim_keys: Vec::new(),
            emails: Emails::keeping(keep),
            keep,
            mailbox: Vec::new(),
        };
        let list = List::new(ids.next(), "Contacts", created, ("Sandbox", &account.email));
        account.lists.push(list);
        account
    }

    pub(crate) fn sender(&self, id: &str) -> Option<&Sender> {
        self.senders.iter().find(|it| it.id == id)
    }

    /// A list that was not deleted.
    pub(crate) fn list(&mut self, id: i64) -> Option<&mut List> {
        self.lists.iter_mut().find(|it| it.id == id && it.status != super::Status::Deleted)
    }

    /// Lets everything happen that is due, and its consequences with it, in the order of their times.
    pub(crate) fn settle(&mut self, now: Time) {
        while let Some((email, kind)) = self.emails.happen(now) {
            let (recipient, list_id) = (email.recipient.clone(), email.list_id);
            self.consequence(kind, &recipient, list_id);
        }
    }

    fn consequence(&mut self, kind: Kind, recipient: &str, list_id: Option<i64>) {
        match kind {
            Kind::HardBounce => self.suppressions.add(recipient, Source::System),
            Kind::Spam => self.suppressions.add(recipient, Source::Complaint),
            _ => {}
        }
        let contact = list_id.and_then(|id| self.list(id)).and_then(|list| list.contacts.by_email(recipient));
        let Some(contact) = contact else { return };
        match kind {
            Kind::HardBounce => {
                contact.bounced("hard");
                contact.status = "bounced";
            }
            Kind::SoftBounce => {
                contact.bounced("soft");
                if contact.bounces >= SOFT_BOUNCES {
                    contact.status = "bounced";
                }
            }
            Kind::Spam => contact.status = "spam",
            Kind::Unsubscribe => contact.status = "unsubscribed",
            _ => {}
        }
    }

    /// Why an email to `recipient` is turned down, when it is.
    pub(crate) fn suppressed(&self, recipient: &str) -> Option<String> {
        let pattern = self.suppressions.matching(recipient)?;
        Some(format!("The recipient is suppressed by {pattern}"))
    }

    /// What tells its emails apart, and from those of others.
    pub(crate) fn fingerprints(&self) -> impl Iterator<Item = (i64, u64)> {
        self.emails.iter().map(|email| (self.id, email.fingerprint()))
    }

    pub(crate) fn email(&self, id: &str) -> Option<&Email> {
        self.emails.get(uuid::Uuid::try_parse(id).ok()?)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(crate) struct Sender {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) language: String,
    pub(crate) confirmed: Option<Time>,
    pub(crate) confirmation_sent: Option<Time>,
    /// The confirmations that were mailed, and until when each one is good.
    pub(crate) confirmations: Vec<(String, Time)>,
}

pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) rate_limit: i64,
    pub(crate) rate_limit_period: String,
    pub(crate) key: String,
    pub(crate) archived: Option<Time>,
}

pub(crate) struct DkimKey {
    pub(crate) id: i64,
    pub(crate) selector: String,
    pub(crate) domain: String,
    pub(crate) public_key: String,
}

/// The domains that an account's emails go out under.
pub(crate) struct Domains {
    pub(crate) auth: String,
    pub(crate) dkim: String,
    /// What `PATCH` can change: bounce, tracking, forward.
    pub(crate) chosen: Map<String, Value>,
    pub(crate) valid: bool,
}

impl Domains {
    fn of(domain: &str) -> Self {
        let chosen = [("bounce", format!("bounce.{domain}")), ("tracking", format!("https://links.{domain}"))];
        Self {
            auth: domain.into(),
            dkim: domain.into(),
            chosen: chosen.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            valid: true,
        }
    }
}
