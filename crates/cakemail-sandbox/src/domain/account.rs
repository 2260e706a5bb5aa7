//! An account, and the side effects that events of its emails have on it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::bounds::Bounds;
use super::collections::Collections;
use super::contacts::{Bounce, ContactStatus, Contacts};
use super::deliveries::Deliveries;
use super::dkim::DkimKey;
use super::domains::Domains;
use super::emails::{Email, Emails};
use super::ids::Ids;
use super::index::{Key, Table};
use super::lifecycle::EventKind;
use super::lists::{List, ListStatus};
use super::senders::{Confirmation, Sender};
use super::suppressions::{Source, Suppressions};
use super::time::Time;
use super::webhooks::Webhook;

/// The soft bounces after which a contact's status is `bounced`.
const MAX_SOFT_BOUNCES: i64 = 4;

/// How one account signs in.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) mfa_code: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("email", &self.email).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) mfa_code: Option<String>,
    pub(crate) created: Time,
    pub(crate) senders: Table<Sender>,
    pub(crate) lists: Table<List>,
    /// The contacts of each list.
    #[serde(skip)]
    contacts: BTreeMap<i64, Contacts>,
    pub(crate) suppressions: Suppressions,
    pub(crate) webhooks: Table<Webhook>,
    pub(crate) dkim_keys: Table<DkimKey>,
    pub(crate) domains: Domains,
    pub(crate) collections: Collections,
    pub(crate) emails: Emails,
    pub(crate) deliveries: Deliveries,
    #[serde(skip)]
    pub(crate) bounds: Bounds,
    /// The emails that ask to confirm a sender, oldest first.
    pub(crate) mailbox: Vec<Confirmation>,
    /// Whether it starts with a confirmed sender.
    pub(crate) starts_with_sender: bool,
    /// How many of its requests to submit an email were read, accepted or not.
    #[serde(default)]
    pub(crate) submissions: u64,
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
            mfa_code: login.mfa_code.clone(),
            created,
            senders: Table::default(),
            lists: Table::default(),
            contacts: BTreeMap::new(),
            suppressions: Suppressions::default(),
            webhooks: Table::default(),
            dkim_keys: Table::default(),
            collections: Collections::default(),
            emails: Emails::with_limit(bounds.max_emails),
            deliveries: Deliveries::default(),
            bounds,
            mailbox: Vec::new(),
            starts_with_sender: false,
            submissions: 0,
        };
        let list = List::new(ids.next(), "Contacts", created, ("Sandbox", &account.email));
        account.lists.push(list);
        account
    }

    /// The id of a confirmed sender. Adds one with the account's own address when there is none.
    pub(crate) fn confirmed_sender(&mut self, ids: &Ids, now: Time) -> String {
        if let Some(sender) = self.first_confirmed_sender() {
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

    /// Empties the account, so that it is as it was when it was created.
    pub(crate) fn reset(&mut self, now: Time, ids: &Ids) {
        let login = Login {
            email: std::mem::take(&mut self.email),
            password: std::mem::take(&mut self.password),
            mfa_code: self.mfa_code.take(),
        };
        let starts_with_sender = self.starts_with_sender;
        let empty = Self::new(&login, now, ids, self.bounds);
        *self = Self { id: self.id, user_id: self.user_id, starts_with_sender, ..empty };
        if starts_with_sender {
            self.confirmed_sender(ids, now);
        }
    }

    pub(crate) fn sender(&self, id: &str) -> Option<&Sender> {
        self.senders.row("id", Key::Text(id))
    }

    pub(crate) fn first_confirmed_sender(&self) -> Option<&Sender> {
        self.senders.row("confirmed", Key::Flag(true))
    }

    /// A list that was not deleted.
    pub(crate) fn list(&self, id: i64) -> Option<&List> {
        let list = self.lists.row("id", Key::Number(id))?;
        (list.status != ListStatus::Deleted).then_some(list)
    }

    /// The contacts of a list.
    pub(crate) fn contacts(&mut self, list: i64) -> &mut Contacts {
        self.contacts.entry(list).or_default()
    }

    /// The list of a contact, and its address.
    pub(crate) fn contact(&self, id: i64) -> Option<(i64, &str)> {
        self.contacts.iter().find_map(|(list, contacts)| Some((*list, contacts.get(id)?.email.as_str())))
    }

    /// The secrets in it that were issued.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.webhooks.iter().map(|webhook| webhook.key.as_str());
        let confirmations = self.senders.iter().flat_map(|sender| &sender.confirmations);
        keys.chain(confirmations.map(|(id, _)| id.as_str()))
    }

    /// Rebuilds what is not stored, after the account was read from a snapshot.
    pub(super) fn rebuild(&mut self) {
        self.deliveries.rebuild();
    }

    pub(super) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.emails.set_limit(bounds.max_emails);
    }

    /// The lists that have contacts, and these.
    pub(super) fn contacts_of_lists(&self) -> impl Iterator<Item = (i64, &Contacts)> {
        self.contacts.iter().map(|(list, contacts)| (*list, contacts))
    }

    pub(crate) fn email(&self, id: &str) -> Option<&Email> {
        self.emails.find(Uuid::try_parse(id).ok()?)
    }

    /// Records every planned event that is due, with its side effects, in the order of their times. Returns whether
    /// there was any.
    pub(crate) fn advance_to(&mut self, now: Time) -> bool {
        let mut any = false;
        while let Some(number) = self.emails.record_next_due(now) {
            self.apply_side_effects(number);
            any = true;
        }
        any
    }

    /// Records an event of an email, with its side effects. `None` when the account has no such email; an error says why
    /// the event cannot happen to it.
    pub(crate) fn record_event(
        &mut self,
        id: Uuid,
        kind: EventKind,
        now: Time,
        metadata: Map<String, Value>,
    ) -> Option<Result<(), &'static str>> {
        let number = self.emails.number(id)?;
        let recorded = self.emails.record_event(number, kind, now, metadata);
        Some(recorded.map(|()| self.apply_side_effects(number)))
    }

    /// Applies the side effects of an email's last event: webhook deliveries, suppressions, the contact's status.
    fn apply_side_effects(&mut self, email: u32) {
        let Some(email) = self.emails.get(email) else { return };
        self.deliveries.plan(self.id, &self.webhooks, email);
        let (kind, recipient, list_id) = (email.last_event(), Arc::clone(&email.recipient), email.list_id);
        match kind {
            EventKind::HardBounce => self.suppressions.add(&recipient, Source::System),
            EventKind::Spam => self.suppressions.add(&recipient, Source::Complaint),
            _ => {}
        }
        self.update_contact(kind, &recipient, list_id);
    }

    fn update_contact(&mut self, kind: EventKind, recipient: &str, list_id: Option<i64>) {
        let Some(list) = list_id.filter(|id| self.list(*id).is_some()) else { return };
        let contacts = self.contacts(list);
        let Some(contact) = contacts.by_email(recipient) else { return };
        let id = contact.id;
        contacts.change(id, |contact| match kind {
            EventKind::HardBounce => {
                contact.add_bounce(Bounce::Hard);
                contact.status = ContactStatus::Bounced;
            }
            EventKind::SoftBounce => {
                contact.add_bounce(Bounce::Soft);
                if contact.bounces >= MAX_SOFT_BOUNCES {
                    contact.status = ContactStatus::Bounced;
                }
            }
            EventKind::Spam => contact.status = ContactStatus::Spam,
            EventKind::Unsubscribe => contact.status = ContactStatus::Unsubscribed,
            _ => {}
        });
    }

    /// Why an email to `recipient` is suppressed, if it is.
    pub(crate) fn suppression_reason(&self, recipient: &str) -> Option<String> {
        let pattern = self.suppressions.matching(recipient)?;
        Some(format!("The recipient is suppressed by {pattern}"))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}
