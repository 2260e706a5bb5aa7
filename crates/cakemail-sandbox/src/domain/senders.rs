//! Senders, and the emails that ask to confirm them.

use serde::{Deserialize, Serialize};

use super::Time;
use super::index::{Key, Row};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sender {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) language: String,
    pub(crate) confirmed: Option<Time>,
    pub(crate) confirmation_sent: Option<Time>,
    /// The confirmations that were sent, and the time until which each one is valid.
    pub(crate) confirmations: Vec<(String, Time)>,
}

impl Row for Sender {
    const TERMS: &'static [&'static str] = &["id", "name", "email", "confirmed", CONFIRMATIONS];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "id" => Key::Text(&self.id),
            "name" => Key::Text(&self.name),
            "email" => Key::Text(&self.email),
            "confirmed" => Key::Flag(self.confirmed.is_some()),
            _ => Key::None,
        }
    }

    fn values(&self, term: &str) -> Vec<&str> {
        match term {
            CONFIRMATIONS => self.confirmations.iter().map(|(id, _)| id.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The term of the confirmations that were sent.
pub(super) const CONFIRMATIONS: &str = "confirmations";

/// An email that asks a sender to confirm.
#[derive(Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// How long it is valid.
    pub(crate) hours: u64,
}
