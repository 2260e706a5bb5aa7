//! The contacts of one list.

use serde::{Deserialize, Serialize};

use super::index::{AnyCase, Key, Numbers, Row, Table, Words};
use super::time::Time;

#[derive(Default)]
pub(crate) struct Contacts {
    table: Table<Contact>,
    /// The words of the addresses in lower case, those of earlier addresses too.
    words: Words,
}

/// The term of an address without regard to case.
const ADDRESS: &str = "address";

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

impl ContactStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotActive => "not_active",
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Spam => "spam",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bounce {
    None,
    Soft,
    Hard,
}

impl Bounce {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
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

impl Row for Contact {
    const TERMS: &'static [&'static str] =
        &["id", "email", "status", "subscribed_on", "last_bounce_type", "bounces_count", "tags", "interests", ADDRESS];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "id" => Key::Number(self.id),
            "email" => Key::Text(&self.email),
            "status" => Key::Text(self.status.as_str()),
            "subscribed_on" => Key::Number(self.subscribed.seconds()),
            "last_bounce_type" => Key::Text(self.last_bounce.as_str()),
            "bounces_count" => Key::Number(self.bounces),
            ADDRESS => Key::AnyCase(AnyCase(&self.email)),
            _ => Key::None,
        }
    }

    fn values(&self, term: &str) -> Vec<&str> {
        let values = match term {
            "tags" => &self.tags,
            "interests" => &self.interests,
            _ => return Vec::new(),
        };
        values.iter().map(String::as_str).collect()
    }
}

impl Contacts {
    pub(crate) fn get(&self, id: i64) -> Option<&Contact> {
        self.table.row("id", Key::Number(id))
    }

    /// The contact with an address, without regard to case.
    pub(crate) fn by_email(&self, email: &str) -> Option<&Contact> {
        self.table.row(ADDRESS, Key::AnyCase(AnyCase(email)))
    }

    pub(crate) fn insert(&mut self, contact: Contact) {
        let address = contact.email.to_lowercase();
        let number = self.table.push(contact);
        self.words.add(number, &address);
    }

    /// Changes a contact, and returns it.
    pub(crate) fn change(&mut self, id: i64, change: impl FnOnce(&mut Contact)) -> Option<&Contact> {
        let number = self.table.find("id", Key::Number(id))?;
        let before = self.table.change(number, |contact| {
            let before = contact.email.clone();
            change(contact);
            before
        });
        let contact = self.table.get(number)?;
        if before.is_some_and(|before| before != contact.email) {
            self.words.add(number, &contact.email.to_lowercase());
        }
        Some(contact)
    }

    pub(crate) fn remove(&mut self, id: i64) {
        if self.table.remove_row("id", Key::Number(id)).is_some() {
            self.words.remove(self.table.numbers());
        }
    }

    /// The contacts whose addresses contain a text, without regard to case.
    pub(crate) fn containing(&self, text: &str) -> Numbers {
        let text = text.to_lowercase();
        let is_contained = |email: &str| email.contains(&text) || email.to_lowercase().contains(&text);
        let candidates = self.words.candidates(&text) & self.table.numbers();
        let matching = |number: &u32| self.table.get(*number).is_some_and(|contact| is_contained(&contact.email));
        candidates.into_iter().filter(matching).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    pub(crate) fn table(&self) -> &Table<Contact> {
        &self.table
    }
}
