//! The emails of an account. Each has one list of what happened to it; status, flags, logs, summary and reports are all
//! computed from that.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::Time;
use crate::lifecycle::{Kind, Step};

#[derive(Default)]
pub(crate) struct Emails {
    /// Oldest first.
    all: VecDeque<Email>,
    /// How many were dropped from the front.
    dropped: u64,
    /// How many are kept at most.
    keep: Option<usize>,
    /// Each one's place among all that ever were.
    index: HashMap<Uuid, u64>,
    /// What will happen, by its time and then in the order in which it was planned.
    due: BTreeMap<(Time, u64), Due>,
    planned: u64,
    counts: Counts,
    /// What tells two emails apart: eight bytes for each.
    fingerprints: HashSet<u64>,
}

/// How many emails there ever were.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) unanswered: u64,
    pub(crate) duplicates: u64,
}

struct Due {
    /// The email's place among all that ever were.
    place: u64,
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
    /// Whether the whole answer was given to the connection.
    pub(crate) answered: bool,
    pub(crate) plan: Plan,
}

/// What was planned for an email: its steps, numbered from here.
#[derive(Default)]
pub(crate) struct Plan {
    first: u64,
    steps: &'static [Step],
}

pub(crate) struct Event {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) time: Time,
    pub(crate) metadata: Map<String, Value>,
}

impl Emails {
    pub(crate) fn keeping(keep: Option<usize>) -> Self {
        Self { keep, ..Self::default() }
    }

    /// Takes an email in and plans its life. `metadata` goes with its last step.
    pub(crate) fn submit(&mut self, mut email: Email, steps: &'static [Step], metadata: &Map<String, Value>) {
        let (at, place) = (email.submitted, self.dropped + self.all.len() as u64);
        self.counts.accepted += 1;
        if !self.fingerprints.insert(email.fingerprint()) {
            self.counts.duplicates += 1;
        }
        email.plan = Plan { first: self.planned, steps };
        for (position, (after, kind)) in steps.iter().enumerate() {
            let last = position + 1 == steps.len();
            let metadata = if last { metadata.clone() } else { Map::new() };
            self.due.insert((at.plus(Duration::from_secs(*after)), self.planned), Due { place, kind: *kind, metadata });
            self.planned += 1;
        }
        self.index.insert(email.id, place);
        self.all.push_back(email);
        if self.keep.is_some_and(|most| self.all.len() > most.max(1)) {
            self.drop_oldest();
        }
    }

    /// Forgets an email, and what would have become of it.
    fn drop_oldest(&mut self) {
        let Some(email) = self.all.pop_front() else { return };
        self.dropped += 1;
        self.index.remove(&email.id);
        for (number, (after, _)) in (email.plan.first..).zip(email.plan.steps) {
            self.due.remove(&(email.submitted.plus(Duration::from_secs(*after)), number));
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Remembers whether the answer that accepted an email went out.
    pub(crate) fn answered(&mut self, id: Uuid, answered: bool) {
        let place = self.index.get(&id).and_then(|place| usize::try_from(place - self.dropped).ok());
        let Some(email) = place.and_then(|place| self.all.get_mut(place)) else { return };
        match (email.answered, answered) {
            (true, false) => self.counts.unanswered += 1,
            (false, true) => self.counts.unanswered -= 1,
            _ => {}
        }
        email.answered = answered;
    }

    /// Lets the next due thing happen, and says what it was.
    pub(crate) fn happen(&mut self, now: Time) -> Option<(&Email, Kind)> {
        let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
        let ((time, _), Due { place, kind, metadata }) = next.remove_entry();
        let email = self.all.get_mut(usize::try_from(place - self.dropped).ok()?)?;
        email.events.push(Event { id: Uuid::new_v4(), kind, time, metadata });
        Some((email, kind))
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Email> {
        self.all.get(usize::try_from(self.index.get(&id)? - self.dropped).ok()?)
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

    /// The tags by which a client tells its emails apart.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.tags().filter(|tag| tag.starts_with("key-"))
    }

    /// The same for two emails to the same recipient that have the same key, or neither has one and the submissions are
    /// equal.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.recipient.to_lowercase().hash(&mut hasher);
        match self.keys().next() {
            Some(key) => key.hash(&mut hasher),
            None => self.request.hash(&mut hasher),
        }
        hasher.finish()
    }

    /// Who receives mail for the recipient: the name before the first dot of the domain (an assumption).
    pub(crate) fn provider(&self) -> &str {
        let domain = self.recipient.rsplit('@').next().unwrap_or_default();
        domain.split('.').next().unwrap_or_default()
    }
}
