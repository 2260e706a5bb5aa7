//! The emails of an account. Each has one list of what happened to it; status, flags, logs, summary and reports are all
//! computed from that.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::Time;
use crate::lifecycle::{Kind, Step};

#[derive(Default)]
pub(crate) struct Emails {
    all: Vec<Email>,
    index: HashMap<Uuid, usize>,
    /// What will happen, by its time and then in the order in which it was planned.
    due: BTreeMap<(Time, u64), Due>,
    planned: u64,
}

struct Due {
    /// The email's place among all.
    place: usize,
    kind: Kind,
    metadata: Map<String, Value>,
}

pub(crate) struct Email {
    pub(crate) id: Uuid,
    pub(crate) submitted: Time,
    pub(crate) recipient: String,
    pub(crate) list_id: Option<i64>,
    pub(crate) sender_id: String,
    pub(crate) sender_name: String,
    pub(crate) sender_email: String,
    /// As it was submitted.
    pub(crate) request: Map<String, Value>,
    /// What happened so far, oldest first; never empty.
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Event {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) time: Time,
    pub(crate) metadata: Map<String, Value>,
}

impl Emails {
    /// Takes an email in and plans its life. `metadata` goes with its last step.
    pub(crate) fn submit(&mut self, email: Email, steps: &[Step], metadata: &Map<String, Value>) {
        let (at, place) = (email.submitted, self.all.len());
        self.index.insert(email.id, place);
        self.all.push(email);
        for (position, (after, kind)) in steps.iter().enumerate() {
            let last = position + 1 == steps.len();
            let metadata = if last { metadata.clone() } else { Map::new() };
            self.planned += 1;
            self.due.insert((at.plus(Duration::from_secs(*after)), self.planned), Due { place, kind: *kind, metadata });
        }
    }

    /// Lets the next due thing happen, and says what it was.
    pub(crate) fn happen(&mut self, now: Time) -> Option<(&Email, Kind)> {
        let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
        let ((time, _), Due { place, kind, metadata }) = next.remove_entry();
        let email = self.all.get_mut(place)?;
        email.events.push(Event { id: Uuid::new_v4(), kind, time, metadata });
        Some((email, kind))
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Email> {
        self.all.get(*self.index.get(&id)?)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Email> {
        self.all.iter()
    }
}

impl Email {
    /// The furthest that it came.
    pub(crate) fn status(&self) -> Kind {
        self.events.iter().map(|event| event.kind).max().unwrap_or(Kind::Submitted)
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.first(kind).is_some()
    }

    /// When something first happened.
    pub(crate) fn first(&self, kind: Kind) -> Option<Time> {
        self.events.iter().find(|event| event.kind == kind).map(|event| event.time)
    }

    pub(crate) fn content(&self, field: &str) -> Option<&Value> {
        self.request.get("content")?.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn subject(&self) -> &str {
        self.content("subject").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.request.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Who receives mail for the recipient: the name before the first dot of the domain (an assumption).
    pub(crate) fn provider(&self) -> &str {
        let domain = self.recipient.rsplit('@').next().unwrap_or_default();
        domain.split('.').next().unwrap_or_default()
    }
}
