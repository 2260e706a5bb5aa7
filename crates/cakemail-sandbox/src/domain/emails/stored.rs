//! Emails in a snapshot: the counters of an account, and a row for each email.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Counts, Email, Emails};

/// What a snapshot holds besides the rows.
#[derive(Serialize, Deserialize)]
pub(super) struct Counters {
    pub(super) counts: Counts,
    pub(super) planned: u64,
    pub(super) fingerprints: BTreeSet<u64>,
}

impl Emails {
    /// Adds an email of a snapshot, in their order. The error says what is there twice.
    pub(in crate::domain) fn restore(&mut self, email: Email) -> Result<(), String> {
        let id = email.id;
        if self.number(id).is_some() {
            return Err(format!("the email {id} appears twice"));
        }
        let (mut numbers, mut orders) = (BTreeSet::new(), BTreeSet::new());
        let mut is_new = |number| !self.log.contains(number) && numbers.insert(number);
        if let Some(event) = email.events.iter().find(|event| !is_new(event.number)) {
            return Err(format!("the event {} of the email {id} appears twice", event.number));
        }
        let mut is_new = |time, order| !self.due.contains_key(&(time, order)) && orders.insert(order);
        if let Some(event) = email.planned.iter().find(|event| !is_new(event.time, event.order)) {
            return Err(format!("the planned event {} of the email {id} appears twice", event.order));
        }
        self.add(email);
        Ok(())
    }
}

/// The counters: rows are written by themselves.
impl Serialize for Emails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { counts, planned, fingerprints, .. } = self;
        let counters = Counters { counts: *counts, planned: *planned, fingerprints: fingerprints.clone() };
        counters.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Emails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Counters { counts, planned, fingerprints } = Counters::deserialize(deserializer)?;
        Ok(Self { counts, planned, fingerprints, ..Self::default() })
    }
}
