//! Reads the emails of version 2 of the format of snapshots.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::{Event, PlannedEvent};
use super::stored::Counters;
use super::{Counts, Email, EmailSender};
use crate::domain::lifecycle::EventKind;
use crate::domain::time::Time;

#[derive(Deserialize)]
struct Emails {
    all: Vec<OldEmail>,
    dropped: u64,
    due: Vec<((Time, u64), OldPlannedEvent)>,
    planned: u64,
    counts: OldCounts,
    fingerprints: BTreeSet<u64>,
}

#[derive(Deserialize)]
struct OldCounts {
    accepted: u64,
    unanswered: u64,
    duplicates: u64,
}

#[derive(Deserialize)]
struct OldEmail {
    id: Uuid,
    submitted: Time,
    recipient: String,
    list_id: Option<i64>,
    sender_id: String,
    sender_name: String,
    sender_email: String,
    request: Map<String, Value>,
    attributes: Vec<(String, String)>,
    size: usize,
    events: Vec<OldEvent>,
    answered: bool,
}

#[derive(Deserialize)]
struct OldEvent {
    kind: EventKind,
    time: Time,
    metadata: Map<String, Value>,
}

#[derive(Deserialize)]
struct OldPlannedEvent {
    /// The email's number: how many were submitted before it.
    email: u64,
    kind: EventKind,
    metadata: Map<String, Value>,
}

/// The emails of an account: its counters, to serialize, and the rows.
pub(crate) fn read(emails: Value) -> Option<(impl Serialize, Vec<Email>)> {
    let old: Emails = serde_json::from_value(emails).ok()?;
    let numbers = event_numbers(&old.all)?;
    let mut planned: BTreeMap<u64, Vec<PlannedEvent>> = BTreeMap::new();
    for ((time, order), OldPlannedEvent { email, kind, metadata }) in old.due {
        planned.entry(email).or_default().push(PlannedEvent { time, order, kind, metadata: metadata.into() });
    }
    let mut seen = BTreeSet::new();
    let rows = old.all.into_iter().zip(old.dropped..).zip(numbers).map(|((old, place), numbers)| {
        let mut email = old.converted(numbers);
        email.duplicate = !seen.insert(email.fingerprint);
        email.planned = planned.remove(&place).unwrap_or_default();
        email
    });
    let OldCounts { accepted, unanswered, duplicates } = old.counts;
    let counts = Counts { accepted, unanswered, duplicates, dropped: old.dropped };
    Some((Counters { counts, planned: old.planned, fingerprints: old.fingerprints }, rows.collect()))
}

/// The numbers of the events of each email, in the order of time.
fn event_numbers(emails: &[OldEmail]) -> Option<Vec<Vec<u32>>> {
    let mut numbers: Vec<Vec<u32>> = emails.iter().map(|email| vec![0; email.events.len()]).collect();
    let places = |(email, old): (usize, &OldEmail)| {
        old.events.iter().enumerate().map(move |(event, old)| (old.time, email, event)).collect::<Vec<_>>()
    };
    let mut order: Vec<_> = emails.iter().enumerate().flat_map(places).collect();
    order.sort_unstable();
    for (number, (_, email, event)) in order.into_iter().enumerate() {
        numbers[email][event] = u32::try_from(number).ok()?;
    }
    Some(numbers)
}

impl OldEmail {
    fn converted(self, numbers: Vec<u32>) -> Email {
        let sender = EmailSender { id: self.sender_id, name: self.sender_name, email: self.sender_email };
        let mut email = Email::new(self.id, self.submitted, &self.recipient, sender, &self.request);
        email.list_id = self.list_id;
        email.attributes = self.attributes.into();
        email.size = self.size;
        email.answered = self.answered;
        let events = self.events.into_iter().zip(numbers);
        email.events = events.map(|(it, number)| Event::new(number, it.kind, it.time, it.metadata)).collect();
        email
    }
}
