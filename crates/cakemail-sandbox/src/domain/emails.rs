//! The emails of an account. Each has one list of what happened to it; status, flags, logs, summary and reports are all
//! computed from that.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::pairs;
use crate::domain::Time;
use crate::domain::lifecycle::{self, Kind, Step};

/// What an email costs in memory besides its submission, in bytes, about.
const OVERHEAD: usize = 1024;

/// What an event costs in memory, in bytes, about.
const EVENT: usize = 256;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Emails {
    /// Oldest first.
    all: VecDeque<Email>,
    /// How many were dropped from the front.
    dropped: u64,
    /// How many are kept at most.
    #[serde(skip)]
    keep: Option<usize>,
    /// Each one's place among all that ever were.
    #[serde(skip)]
    index: HashMap<Uuid, u64>,
    /// What they cost in memory, in bytes.
    #[serde(skip)]
    bytes: usize,
    /// What will happen, by its time and then in the order in which it was planned.
    #[serde(with = "pairs")]
    due: BTreeMap<(Time, u64), Due>,
    planned: u64,
    counts: Counts,
    /// What tells two emails apart: eight bytes for each.
    fingerprints: BTreeSet<u64>,
}

/// How many emails there ever were.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) unanswered: u64,
    pub(crate) duplicates: u64,
}

#[derive(Serialize, Deserialize)]
struct Due {
    /// The email's place among all that ever were.
    place: u64,
    kind: Kind,
    metadata: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
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
    /// What was known of the contact: values for merge tags.
    pub(crate) attributes: Vec<(String, String)>,
    /// Bytes of the submission.
    pub(crate) size: usize,
    /// What happened so far, oldest first; never empty.
    pub(crate) events: Vec<Event>,
    /// Whether the whole answer was given to the connection.
    pub(crate) answered: bool,
    /// What was planned for it.
    pub(crate) plan: Vec<(Time, u64)>,
}

#[derive(Serialize, Deserialize)]
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

    /// Makes what is not stored, after it was read.
    pub(crate) fn restore(&mut self, keep: Option<usize>) {
        self.keep = keep;
        self.index = self.all.iter().map(|email| email.id).zip(self.dropped..).collect();
        self.bytes = self.all.iter().map(Email::cost).sum();
    }

    /// Takes an email in and plans its life; `reason` is why it is turned down.
    pub(crate) fn submit(&mut self, mut email: Email, steps: &[Step], reason: Option<&str>) {
        let (at, place) = (email.submitted, self.dropped + self.all.len() as u64);
        self.counts.accepted += 1;
        if !self.fingerprints.insert(email.fingerprint()) {
            self.counts.duplicates += 1;
        }
        for Step { kind, after_ms } in steps {
            let key = (at.plus(Duration::from_millis(*after_ms)), self.planned);
            self.due.insert(key, Due { place, kind: *kind, metadata: lifecycle::metadata(*kind, reason) });
            email.plan.push(key);
            self.planned += 1;
        }
        self.index.insert(email.id, place);
        self.bytes += email.cost();
        self.all.push_back(email);
        if self.keep.is_some_and(|most| self.all.len() > most.max(1)) {
            self.drop_oldest();
        }
    }

    /// Forgets an email, and what would have become of it.
    pub(crate) fn drop_oldest(&mut self) {
        let Some(email) = self.all.pop_front() else { return };
        self.dropped += 1;
        self.bytes -= email.cost();
        self.index.remove(&email.id);
        for key in &email.plan {
            self.due.remove(key);
        }
    }

    /// What they cost in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// When something will happen next.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.due.first_key_value().map(|((time, _), _)| *time)
    }

    /// What will happen to an email.
    pub(crate) fn planned(&self, email: &Email) -> Vec<(Time, Kind)> {
        email.plan.iter().filter_map(|key| Some((key.0, self.due.get(key)?.kind))).collect()
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

    /// Lets the next due thing happen that still can, and says to which email.
    pub(crate) fn happen(&mut self, now: Time) -> Option<Uuid> {
        loop {
            let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
            let ((time, _), Due { place, kind, metadata }) = next.remove_entry();
            let place = usize::try_from(place - self.dropped).ok()?;
            let email = self.all.get_mut(place)?;
            if email.happen(kind, time, metadata).is_ok() {
                self.bytes += EVENT;
                return Some(email.id);
            }
        }
    }

    /// Lets something happen that was not planned.
    pub(crate) fn occur(
        &mut self,
        id: Uuid,
        kind: Kind,
        now: Time,
        metadata: Map<String, Value>,
    ) -> Option<Result<(), &'static str>> {
        let place = usize::try_from(self.index.get(&id)? - self.dropped).ok()?;
        let happened = self.all.get_mut(place)?.happen(kind, now, metadata);
        self.bytes += happened.map_or(0, |()| EVENT);
        Some(happened)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Email> {
        self.all.get(usize::try_from(self.index.get(&id)? - self.dropped).ok()?)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Email> {
        self.all.iter()
    }
}

impl Email {
    /// Remembers what happened, or says why it cannot.
    fn happen(&mut self, kind: Kind, time: Time, metadata: Map<String, Value>) -> Result<(), &'static str> {
        let past: Vec<_> = self.events.iter().map(|event| event.kind).collect();
        if let Some(objection) = lifecycle::objection(&past, kind) {
            return Err(objection);
        }
        let id = event_id(self.id, self.events.len());
        self.events.push(Event { id, kind, time, metadata });
        Ok(())
    }

    /// What it costs in memory, in bytes, about.
    fn cost(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| name.len() + value.len());
        self.size + attributes.sum::<usize>() + self.events.len() * EVENT + OVERHEAD
    }

    /// The furthest that it came.
    pub(crate) fn status(&self) -> Kind {
        self.events.iter().map(|event| event.kind).max().unwrap_or(Kind::Submitted)
    }

    /// What happened last.
    pub(crate) fn last(&self) -> Kind {
        self.events.last().map_or(Kind::Submitted, |event| event.kind)
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

    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint(&self.recipient, &self.request)
    }

    /// Who receives mail for the recipient: the name before the first dot of the domain (an assumption).
    pub(crate) fn provider(&self) -> &str {
        let domain = self.recipient.rsplit('@').next().unwrap_or_default();
        domain.split('.').next().unwrap_or_default()
    }
}

/// The same for two submissions to the same recipient that have the same key (the tag by which a client tells its emails
/// apart), or neither has one and they are equal.
pub(crate) fn fingerprint(recipient: &str, request: &Map<String, Value>) -> u64 {
    let tags = request.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut hasher = DefaultHasher::new();
    recipient.to_lowercase().hash(&mut hasher);
    match tags.into_iter().find(|tag| tag.starts_with("key-")) {
        Some(key) => key.hash(&mut hasher),
        None => request.hash(&mut hasher),
    }
    hasher.finish()
}

/// The id of an email's n-th event: the same whenever it is made.
pub(super) fn event_id(email: Uuid, n: usize) -> Uuid {
    let half = |which: u8| {
        let mut hasher = DefaultHasher::new();
        (email.as_u128(), n, which).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    uuid::Builder::from_random_bytes((half(0) << 64 | half(1)).to_be_bytes()).into_uuid()
}
