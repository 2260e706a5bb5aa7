//! The contacts of one list.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::time::Time;

#[derive(Default, Deserialize)]
#[serde(from = "Vec<Contact>")]
pub(crate) struct Contacts {
    by_id: BTreeMap<i64, Contact>,
    ids: HashMap<String, i64>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) status: ContactStatus,
    pub(crate) subscribed: Time,
    pub(crate) last_bounce: Bounce,
    pub(crate) bounces: i64,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) tags: Vec<String>,
    pub(crate) interests: Vec<String>,
}

/// The status of a contact on its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContactStatus {
    Active,
    NotActive,
    Unsubscribed,
    Bounced,
    Spam,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bounce {
    None,
    Soft,
    Hard,
}

impl From<Vec<Contact>> for Contacts {
    fn from(contacts: Vec<Contact>) -> Self {
        let mut all = Self::default();
        contacts.into_iter().for_each(|contact| all.insert(contact));
        all
    }
}

impl Serialize for Contacts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.by_id.values())
    }
}

impl Contact {
    pub(crate) fn new(id: i64, email: &str, subscribed: Time) -> Self {
        Self {
            id,
            email: email.into(),
            status: ContactStatus::Active,
            subscribed,
            last_bounce: Bounce::None,
            bounces: 0,
            attributes: Vec::new(),
            tags: Vec::new(),
            interests: Vec::new(),
        }
    }

    pub(crate) fn add_bounce(&mut self, bounce: Bounce) {
        self.last_bounce = bounce;
        self.bounces += 1;
    }

    pub(crate) fn set_attribute(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(existing, _)| existing == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.attributes.push((name.into(), value.into())),
        }
    }
}

impl Contacts {
    pub(crate) fn get(&mut self, id: i64) -> Option<&mut Contact> {
        self.by_id.get_mut(&id)
    }

    pub(crate) fn by_email(&mut self, email: &str) -> Option<&mut Contact> {
        self.by_id.get_mut(self.ids.get(&email.to_lowercase())?)
    }

    pub(crate) fn insert(&mut self, contact: Contact) {
        self.ids.insert(contact.email.to_lowercase(), contact.id);
        self.by_id.insert(contact.id, contact);
    }

    pub(crate) fn remove(&mut self, id: i64) -> Option<Contact> {
        let contact = self.by_id.remove(&id)?;
        self.ids.remove(&contact.email.to_lowercase());
        Some(contact)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Contact> {
        self.by_id.values()
    }
}
