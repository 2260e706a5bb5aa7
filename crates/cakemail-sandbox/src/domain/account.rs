//! An account, and its smaller belongings.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Bounce, Bounds, Deliveries, Emails, Ids, List, Standing, Suppressions};
use crate::app::builder::Login;
use crate::domain::Time;
use crate::domain::lifecycle::Kind;
use crate::domain::{Email, Source};
use uuid::Uuid;

/// Soft bounces after which a contact is off the list.
const SOFT_BOUNCES: i64 = 4;

#[derive(Serialize, Deserialize)]
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
    pub(crate) deliveries: Deliveries,
    #[serde(skip, default = "Bounds::none")]
    pub(crate) bounds: Bounds,
    /// The mails that ask to confirm a sender, oldest first.
    pub(crate) mailbox: Vec<Confirmation>,
    /// Whether it begins with a confirmed sender.
    pub(crate) furnished: bool,
}

impl Account {
    /// An account with one list, "Contacts".
    pub(crate) fn new(login: &Login, created: Time, ids: &Ids, bounds: Bounds) -> Self {
        let domain = login.email.rsplit('@').next().unwrap_or_default();
        let mut account = Self {
            id: ids.next(),
            user_id: ids.next(),
            domains: Domains::of(domain),
            email: login.email.clone(),
            password: login.password.clone(),
            second_factor: login.second_factor.clone(),
            created,
            senders: Vec::new(),
            lists: Vec::new(),
            suppressions: Suppressions::default(),
            webhooks: Vec::new(),
            dkim_keys: Vec::new(),
            emails: Emails::keeping(bounds.keep),
            deliveries: Deliveries::default(),
            bounds,
            mailbox: Vec::new(),
            furnished: false,
        };
        let list = List::new(ids.next(), "Contacts", created, ("Sandbox", &account.email));
        account.lists.push(list);
        account
    }

    /// A sender of the account's own address, made if there is none that is confirmed; its id.
    pub(crate) fn confirmed_sender(&mut self, ids: &Ids, now: Time) -> String {
        if let Some(sender) = self.senders.iter().find(|sender| sender.confirmed.is_some()) {
            return sender.id.clone();
        }
        let id = ids.next().to_string();
        self.senders.push(Sender {
            id: id.clone(),
            name: "Sandbox".into(),
            email: self.email.clone(),
            language: "en_US".into(),
            confirmed: Some(now),
            confirmation_sent: None,
            confirmations: Vec::new(),
        });
        id
    }

    /// Back to how it was made.
    pub(crate) fn reset(&mut self, now: Time, ids: &Ids) {
        let login = Login {
            email: std::mem::take(&mut self.email),
            password: std::mem::take(&mut self.password),
            second_factor: self.second_factor.take(),
        };
        let furnished = self.furnished;
        *self = Self { id: self.id, user_id: self.user_id, furnished, ..Self::new(&login, now, ids, self.bounds) };
        if furnished {
            self.confirmed_sender(ids, now);
        }
    }

    pub(crate) fn sender(&self, id: &str) -> Option<&Sender> {
        self.senders.iter().find(|it| it.id == id)
    }

    /// A list that was not deleted.
    pub(crate) fn list(&mut self, id: i64) -> Option<&mut List> {
        self.lists.iter_mut().find(|it| it.id == id && it.status != super::Status::Deleted)
    }

    /// Lets everything happen that is due, and its consequences with it, in the order of their times; tells whether
    /// anything did.
    pub(crate) fn settle(&mut self, now: Time) -> bool {
        let mut any = false;
        while let Some(id) = self.emails.happen(now) {
            self.follow(id);
            any = true;
        }
        any
    }

    /// Lets something happen to an email now, with all that follows; nothing, when there is no such email, and why not,
    /// when it cannot happen.
    pub(crate) fn occur(
        &mut self,
        id: Uuid,
        kind: Kind,
        now: Time,
        metadata: Map<String, Value>,
    ) -> Option<Result<(), &'static str>> {
        let happened = self.emails.occur(id, kind, now, metadata)?;
        Some(happened.map(|()| self.follow(id)))
    }

    /// Lets follow what follows from the last thing that happened to an email.
    fn follow(&mut self, id: Uuid) {
        let Some(email) = self.emails.get(id) else { return };
        self.deliveries.plan(self.id, &self.webhooks, email);
        let (kind, recipient, list_id) = (email.last(), email.recipient.clone(), email.list_id);
        self.consequence(kind, &recipient, list_id);
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
                contact.bounced(Bounce::Hard);
                contact.status = Standing::Bounced;
            }
            Kind::SoftBounce => {
                contact.bounced(Bounce::Soft);
                if contact.bounces >= SOFT_BOUNCES {
                    contact.status = Standing::Bounced;
                }
            }
            Kind::Spam => contact.status = Standing::Spam,
            Kind::Unsubscribe => contact.status = Standing::Unsubscribed,
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
        self.emails.get(Uuid::try_parse(id).ok()?)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
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

/// A mail that asks a sender to confirm.
#[derive(Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// How long it is valid.
    pub(crate) hours: u64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) rate_limit: i64,
    pub(crate) rate_limit_period: String,
    pub(crate) key: String,
    pub(crate) archived: Option<Time>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct DkimKey {
    pub(crate) id: i64,
    pub(crate) selector: String,
    pub(crate) domain: String,
    pub(crate) public_key: String,
}

/// The domains that an account's emails go out under.
#[derive(Serialize, Deserialize)]
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
