//! The emails of an account. Each has one list of events; its status, flags, logs, summary and reports are all computed
//! from that list.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::lifecycle::{self, EventKind, Step};
use super::pairs;
use super::stable_hash::StableHash;
use super::time::Time;

/// About how much memory an email takes besides its submission, in bytes.
const OVERHEAD: usize = 1024;

/// About how much memory an event takes, in bytes.
const EVENT: usize = 256;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Emails {
    /// Oldest first.
    #[serde(skip)]
    all: VecDeque<Email>,
    /// How many were dropped from the front.
    dropped: u64,
    /// How many are stored at most.
    #[serde(skip)]
    max: Option<usize>,
    /// The number of each email: how many were submitted before it.
    #[serde(skip)]
    index: HashMap<Uuid, u64>,
    /// The numbers of the emails with each tag of an idempotency key, oldest first.
    #[serde(skip)]
    keys: HashMap<String, VecDeque<u64>>,
    /// The memory that they take, in bytes.
    #[serde(skip)]
    bytes: usize,
    /// The planned events, by their times and then in the order in which they were planned.
    #[serde(with = "pairs")]
    due: BTreeMap<(Time, u64), PlannedEvent>,
    planned: u64,
    counts: Counts,
    /// The fingerprints of all emails that were ever submitted.
    fingerprints: BTreeSet<u64>,
}

/// How many emails were ever submitted.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) unanswered: u64,
    pub(crate) duplicates: u64,
}

#[derive(Serialize, Deserialize)]
struct PlannedEvent {
    /// The email's number.
    email: u64,
    kind: EventKind,
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
    /// The submission.
    pub(crate) request: Map<String, Value>,
    /// The contact's attributes at the time, which are values for merge tags.
    pub(crate) attributes: Vec<(String, String)>,
    /// The size of the submission in bytes.
    pub(crate) size: usize,
    /// Oldest first. Empty only until it is submitted.
    pub(crate) events: Vec<Event>,
    /// Whether the whole response was written to the connection.
    pub(crate) answered: bool,
    /// The keys of its planned events.
    pub(crate) plan: Vec<(Time, u64)>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: Uuid,
    pub(crate) kind: EventKind,
    pub(crate) time: Time,
    pub(crate) metadata: Map<String, Value>,
}

impl Emails {
    /// Stores at most `max` emails.
    pub(crate) fn with_limit(max: Option<usize>) -> Self {
        Self { max, ..Self::default() }
    }

    /// Adds an email of a snapshot, in their order.
    pub(super) fn restore(&mut self, email: Email) {
        self.all.push_back(email);
    }

    /// Stores at most `max` emails from now on.
    pub(super) fn set_max(&mut self, max: Option<usize>) {
        self.max = max;
        while self.max.is_some_and(|max| self.all.len() > max.max(1)) {
            self.drop_oldest();
        }
    }

    /// Rebuilds what is not stored, after the emails were read from a snapshot.
    pub(crate) fn rebuild(&mut self, max: Option<usize>) {
        self.max = max;
        self.index = self.all.iter().map(|email| email.id).zip(self.dropped..).collect();
        self.keys.clear();
        for (email, number) in self.all.iter().zip(self.dropped..) {
            index_keys(&mut self.keys, email, number);
        }
        self.bytes = self.all.iter().map(Email::cost).sum();
    }

    /// Stores an email and plans its events. `reason` is why it is rejected.
    pub(crate) fn submit(&mut self, mut email: Email, steps: &[Step], reason: Option<&str>) {
        let (at, number) = (email.submitted, self.dropped + self.all.len() as u64);
        self.counts.accepted += 1;
        if !self.fingerprints.insert(email.fingerprint()) {
            self.counts.duplicates += 1;
        }
        for Step { kind, after_ms } in steps {
            let key = (at.plus(Duration::from_millis(*after_ms)), self.planned);
            let metadata = lifecycle::metadata(*kind, reason);
            self.due.insert(key, PlannedEvent { email: number, kind: *kind, metadata });
            email.plan.push(key);
            self.planned += 1;
        }
        self.index.insert(email.id, number);
        index_keys(&mut self.keys, &email, number);
        self.bytes += email.cost();
        self.all.push_back(email);
        if self.max.is_some_and(|max| self.all.len() > max.max(1)) {
            self.drop_oldest();
        }
    }

    /// Drops the oldest email and its planned events.
    pub(crate) fn drop_oldest(&mut self) {
        let Some(email) = self.all.pop_front() else { return };
        self.dropped += 1;
        self.bytes -= email.cost();
        self.index.remove(&email.id);
        for key in email.keys() {
            if let Some(numbers) = self.keys.get_mut(key) {
                numbers.pop_front();
                if numbers.is_empty() {
                    self.keys.remove(key);
                }
            }
        }
        for key in &email.plan {
            self.due.remove(key);
        }
    }

    /// The memory that they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// When the next planned event is due.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.due.first_key_value().map(|((time, _), _)| *time)
    }

    /// The planned events of an email.
    pub(crate) fn planned(&self, email: &Email) -> Vec<(Time, EventKind)> {
        email.plan.iter().filter_map(|key| Some((key.0, self.due.get(key)?.kind))).collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Records whether the whole response that accepted an email was sent.
    pub(crate) fn record_response(&mut self, id: Uuid, complete: bool) {
        let place = self.index.get(&id).and_then(|number| self.index_of(*number));
        let Some(email) = place.and_then(|place| self.all.get_mut(place)) else { return };
        match (email.answered, complete) {
            (true, false) => self.counts.unanswered += 1,
            (false, true) => self.counts.unanswered -= 1,
            _ => {}
        }
        email.answered = complete;
    }

    /// Records the next planned event that is due and can still happen, and returns the email's id.
    pub(crate) fn record_next_due(&mut self, now: Time) -> Option<Uuid> {
        loop {
            let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
            let ((time, _), PlannedEvent { email, kind, metadata }) = next.remove_entry();
            let place = self.index_of(email)?;
            let email = self.all.get_mut(place)?;
            if email.record_event(kind, time, metadata).is_ok() {
                self.bytes += EVENT;
                return Some(email.id);
            }
        }
    }

    /// Records an event that was not planned. `None` when the email is not stored.
    pub(crate) fn record_event(
        &mut self,
        id: Uuid,
        kind: EventKind,
        now: Time,
        metadata: Map<String, Value>,
    ) -> Option<Result<(), &'static str>> {
        let place = self.index_of(*self.index.get(&id)?)?;
        let recorded = self.all.get_mut(place)?.record_event(kind, now, metadata);
        self.bytes += recorded.map_or(0, |()| EVENT);
        Some(recorded)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Email> {
        self.all.get(self.index_of(*self.index.get(&id)?)?)
    }

    /// The emails with this tag of an idempotency key, oldest first.
    pub(crate) fn with_key(&self, tag: &str) -> impl Iterator<Item = &Email> {
        let numbers = self.keys.get(tag).into_iter().flatten();
        numbers.filter_map(|number| self.all.get(self.index_of(*number)?))
    }

    /// The index of the email with this number.
    fn index_of(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.dropped)?).ok()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Email> {
        self.all.iter()
    }
}

impl Email {
    /// Records an event. The error says why it cannot happen.
    fn record_event(&mut self, kind: EventKind, time: Time, metadata: Map<String, Value>) -> Result<(), &'static str> {
        let past: Vec<_> = self.events.iter().map(|event| event.kind).collect();
        if let Some(objection) = lifecycle::objection(&past, kind) {
            return Err(objection);
        }
        let id = derived_id(self.id, self.events.len() as u64);
        self.events.push(Event { id, kind, time, metadata });
        Ok(())
    }

    /// About how much memory it takes, in bytes.
    fn cost(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| name.len() + value.len());
        self.size + attributes.sum::<usize>() + self.events.len() * EVENT + OVERHEAD
    }

    /// Its status: the last of its events in the order of [`EventKind`].
    pub(crate) fn status(&self) -> EventKind {
        self.events.iter().map(|event| event.kind).max().unwrap_or(EventKind::Submitted)
    }

    /// Its last event.
    pub(crate) fn last_event(&self) -> EventKind {
        self.events.last().map_or(EventKind::Submitted, |event| event.kind)
    }

    pub(crate) fn count(&self, kind: EventKind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    pub(crate) fn has(&self, kind: EventKind) -> bool {
        self.first(kind).is_some()
    }

    /// When an event of this kind first happened.
    pub(crate) fn first(&self, kind: EventKind) -> Option<Time> {
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

    /// The tags of idempotency keys, each once.
    fn keys(&self) -> impl Iterator<Item = &str> {
        self.tags().filter(|tag| is_key(tag)).collect::<BTreeSet<_>>().into_iter()
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint(&self.recipient, &self.request)
    }

    /// The recipient's provider. Assumed: the domain up to its first dot.
    pub(crate) fn provider(&self) -> &str {
        let domain = self.recipient.rsplit('@').next().unwrap_or_default();
        domain.split('.').next().unwrap_or_default()
    }
}

/// Whether a tag is that of an idempotency key.
pub(crate) fn is_key(tag: &str) -> bool {
    tag.starts_with("key-")
}

fn index_keys(keys: &mut HashMap<String, VecDeque<u64>>, email: &Email, number: u64) {
    for key in email.keys() {
        keys.entry(key.to_owned()).or_default().push_back(number);
    }
}

/// Two submissions to one recipient have the same fingerprint when both have the same idempotency key (a tag that
/// starts with `key-`), or neither has one and they are equal. The recipient's case makes no difference.
pub(crate) fn fingerprint(recipient: &str, request: &Map<String, Value>) -> u64 {
    let tags = request.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut hash = StableHash::new(0);
    hash.text(&recipient.to_lowercase());
    match tags.into_iter().find(|tag| is_key(tag)) {
        Some(key) => hash.text(key),
        None => hash.object(request),
    }
    hash.finish()
}

/// A deterministic id for the `n`th event of an email or the `n`th delivery of an event.
pub(crate) fn derived_id(origin: Uuid, n: u64) -> Uuid {
    let half = |seed| {
        let mut hash = StableHash::new(seed);
        hash.bytes(origin.as_bytes());
        hash.bytes(&n.to_le_bytes());
        u128::from(hash.finish())
    };
    uuid::Builder::from_random_bytes((half(1) << 64 | half(2)).to_be_bytes()).into_uuid()
}
