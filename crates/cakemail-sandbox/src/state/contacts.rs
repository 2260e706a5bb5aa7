//! The contacts of one list.

use std::collections::{BTreeMap, HashMap};

use crate::clock::Time;

#[derive(Default)]
pub(crate) struct Contacts {
    by_id: BTreeMap<i64, Contact>,
    ids: HashMap<String, i64>,
}

#[derive(Clone)]
pub(crate) struct Contact {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) status: &'static str,
    pub(crate) subscribed: Time,
    pub(crate) last_bounce: &'static str,
    pub(crate) bounces: i64,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) tags: Vec<String>,
    pub(crate) interests: Vec<String>,
}

impl Contact {
    pub(crate) fn new(id: i64, email: &str, subscribed: Time) -> Self {
        Self {
            id,
            email: email.into(),
            status: "active",
            subscribed,
            last_bounce: "none",
            bounces: 0,
            attributes: Vec::new(),
            tags: Vec::new(),
            interests: Vec::new(),
        }
    }

    pub(crate) fn bounced(&mut self, how: &'static str) {
        self.last_bounce = how;
        self.bounces += 1;
    }

    pub(crate) fn set_attribute(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(it, _)| it == name) {
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
