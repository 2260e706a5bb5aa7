//! The emails of an account. Each has one list of events; its status, flags, logs, summary and reports all follow from
//! that list. Reads are served from sets of numbers, so that their cost depends on what they return.

mod changed;
mod email;
mod event;
mod index;
mod log;
mod stored;
mod submission;
mod version2;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::Sum;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::index::{Numbers, Rows, Words};
use super::lifecycle::{self, EventKind, Step};
use super::time::Time;
use event::{Metadata, PlannedEvent};

pub(crate) use changed::ChangedEmails;
pub(crate) use email::{Email, EmailSender};
pub(crate) use event::{Event, derived_id};
pub(crate) use index::EmailIndex;
pub(crate) use log::EventLog;
pub(crate) use submission::{Submission, fingerprint};
pub(crate) use version2::read as read_version2;

/// The emails, numbered in the order of their submissions, and their indexes.
#[derive(Default)]
pub(crate) struct Emails {
    rows: Rows<Email>,
    numbers: HashMap<Uuid, u32>,
    index: EmailIndex,
    /// Completed by each search, so that neither a submission nor a start costs what only a search needs.
    words: RefCell<Words>,
    log: EventLog,
    /// The emails of the planned events, by the times of these and then in the order in which they were planned.
    due: BTreeMap<(Time, u64), u32>,
    /// How many events were ever planned.
    planned: u64,
    counts: Counts,
    /// The fingerprints of all emails that were ever submitted.
    fingerprints: BTreeSet<u64>,
    /// How many are stored at most.
    max: Option<usize>,
    /// The memory that they take, in bytes.
    bytes: usize,
    changed: ChangedEmails,
}

/// How many emails were ever submitted, and what became of them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) unanswered: u64,
    pub(crate) duplicates: u64,
    /// How many of them are no longer stored.
    pub(crate) dropped: u64,
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            accepted: a.accepted + b.accepted,
            unanswered: a.unanswered + b.unanswered,
            duplicates: a.duplicates + b.duplicates,
            dropped: a.dropped + b.dropped,
        })
    }
}

impl Emails {
    /// Stores at most `max` emails.
    pub(crate) fn with_limit(max: Option<usize>) -> Self {
        Self { max, ..Self::default() }
    }

    /// Stores at most `max` emails from now on.
    pub(crate) fn set_limit(&mut self, max: Option<usize>) {
        self.max = max;
        self.drop_excess();
    }

    /// Stores an email, plans its events, and returns its number. `reason` is why it is rejected.
    pub(crate) fn submit(&mut self, mut email: Email, steps: &[Step], reason: Option<&str>) -> u32 {
        self.counts.accepted += 1;
        email.duplicate = !self.fingerprints.insert(email.fingerprint);
        self.counts.duplicates += u64::from(email.duplicate);
        email.events = Vec::with_capacity(steps.len());
        for Step { kind, after_ms } in steps {
            let time = email.submitted.plus(Duration::from_millis(*after_ms));
            let metadata = lifecycle::metadata(*kind, reason).into();
            email.planned.push(PlannedEvent { time, order: self.planned, kind: *kind, metadata });
            self.planned += 1;
        }
        let number = self.add(email);
        self.drop_excess();
        number
    }

    fn drop_excess(&mut self) {
        while self.max.is_some_and(|max| self.rows.len() > max.max(1)) {
            self.drop_oldest();
        }
    }

    /// Stores an email with the events that it has and those that are planned.
    fn add(&mut self, mut email: Email) -> u32 {
        let number = self.rows.next();
        if let Some(last) = self.rows.last().filter(|last| last.attributes == email.attributes) {
            email.attributes = Arc::clone(&last.attributes);
        }
        self.index.add(number, &mut email);
        self.changed.add(number);
        self.numbers.insert(email.id, number);
        self.due.extend(email.planned.iter().map(|event| ((event.time, event.order), number)));
        for place in 0..email.events.len() {
            self.log.add(number, &email, self.index.provider(&email), place);
        }
        self.bytes += email.cost();
        self.rows.push(email)
    }

    /// Drops the oldest email and its planned events.
    pub(crate) fn drop_oldest(&mut self) {
        if let Some(oldest) = self.rows.first() {
            self.remove(oldest);
        }
    }

    /// Removes an email and its planned events. `false` when it is not stored.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        let Some(email) = self.rows.remove(number) else { return false };
        self.counts.dropped += 1;
        self.bytes -= email.cost();
        self.numbers.remove(&email.id);
        self.index.remove(number, &email);
        self.words.get_mut().remove(self.rows.numbers());
        self.changed.add(number);
        self.log.remove(number, &email);
        for event in &email.planned {
            self.due.remove(&(event.time, event.order));
        }
        true
    }

    /// Marks an email as read or unread. `false` when it is not stored.
    pub(crate) fn set_read(&mut self, number: u32, read: bool) -> bool {
        let Some(email) = self.rows.get_mut(number) else { return false };
        email.read = read;
        self.index.set_read(number, read);
        self.changed.add(number);
        true
    }

    /// Gives emails without a text the one that searches look at: older versions stored none.
    pub(crate) fn complete(&mut self, text: impl Fn(&Email) -> Box<str>) {
        let without: Vec<u32> = self.rows.iter().filter(|(_, email)| email.text.is_empty()).map(|(n, _)| n).collect();
        for number in without {
            let Some(email) = self.rows.get_mut(number) else { continue };
            self.bytes -= email.cost();
            email.text = text(email);
            self.bytes += email.cost();
            let words = self.words.get_mut();
            if number < words.next() {
                words.add(number, &email.text);
            }
        }
    }

    /// Records whether the whole response that accepted an email was sent.
    pub(crate) fn record_response(&mut self, id: Uuid, complete: bool) {
        let Some(number) = self.number(id) else { return };
        let Some(email) = self.rows.get_mut(number) else { return };
        if email.answered != complete {
            self.changed.add(number);
        }
        match (email.answered, complete) {
            (true, false) => self.counts.unanswered += 1,
            (false, true) => self.counts.unanswered -= 1,
            _ => {}
        }
        email.answered = complete;
    }

    /// Records the next planned event that is due and can still happen, and returns the email's number.
    pub(crate) fn record_next_due(&mut self, now: Time) -> Option<u32> {
        loop {
            let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
            let ((time, order), number) = next.remove_entry();
            let email = self.rows.get_mut(number)?;
            let place = email.planned.iter().position(|event| event.order == order)?;
            let PlannedEvent { kind, metadata, .. } = email.planned.remove(place);
            if email.planned.is_empty() {
                email.planned = Vec::new();
            }
            if self.record(number, kind, time, metadata).is_ok() {
                return Some(number);
            }
        }
    }

    /// Records an event that was not planned. The error says why it cannot happen.
    pub(crate) fn record_event(
        &mut self,
        number: u32,
        kind: EventKind,
        now: Time,
        metadata: Map<String, Value>,
    ) -> Result<(), &'static str> {
        self.record(number, kind, now, metadata.into())
    }

    fn record(&mut self, number: u32, kind: EventKind, time: Time, metadata: Metadata) -> Result<(), &'static str> {
        let email = self.rows.get_mut(number).ok_or("The email does not exist")?;
        if let Some(objection) = email.objection(kind) {
            return Err(objection);
        }
        self.bytes -= email.cost();
        email.events.push(Event::new(self.log.next(), kind, time, metadata));
        self.bytes += email.cost();
        self.index.add_event(number, kind);
        self.changed.add(number);
        self.log.add(number, email, self.index.provider(email), email.events.len() - 1);
        Ok(())
    }

    /// The number of the email with this id.
    pub(crate) fn number(&self, id: Uuid) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Email> {
        self.rows.get(number).map(|email| &**email)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Email> {
        self.get(self.number(id)?)
    }

    /// The numbers of all emails.
    pub(crate) fn numbers(&self) -> &Numbers {
        self.rows.numbers()
    }

    pub(crate) fn index(&self) -> &EmailIndex {
        &self.index
    }

    /// The emails whose texts may contain `word`, among others.
    pub(crate) fn candidates(&self, word: &str) -> Numbers {
        let mut words = self.words.borrow_mut();
        for number in self.rows.numbers().range(words.next()..) {
            if let Some(email) = self.rows.get(number) {
                words.add(number, &email.text);
            }
        }
        words.candidates(word)
    }

    pub(crate) fn log(&self) -> &EventLog {
        &self.log
    }

    /// The emails, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Email> {
        self.rows.iter().map(|(_, email)| &**email)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The emails as they are now.
    pub(crate) fn view(&self) -> Rows<Email> {
        self.rows.clone()
    }

    /// The memory that they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// What changed since this was last asked, if anything did.
    pub(crate) fn take_changed(&mut self) -> Option<ChangedEmails> {
        self.changed.take()
    }

    /// When the next planned event is due.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.due.first_key_value().map(|((time, _), _)| *time)
    }

    /// The number of the first email that was submitted at this time or later.
    pub(crate) fn since(&self, time: Time) -> u32 {
        let submitted = |number| self.get(number).is_some_and(|email| email.submitted >= time);
        first_of(self.numbers(), 0..self.rows.next(), submitted)
    }

    /// An event of the log and its email.
    pub(crate) fn event(&self, number: u32) -> Option<(&Email, &Event)> {
        let email = self.get(self.log.email(number)?)?;
        let place = email.events.binary_search_by_key(&number, |event| event.number).ok()?;
        Some((email, &email.events[place]))
    }

    /// The number of the event of the same kind before this one, of the same email.
    pub(crate) fn previous(&self, event: u32) -> Option<u32> {
        let (email, event) = self.event(event)?;
        let earlier = email.events.iter().filter(|it| it.kind == event.kind && it.number < event.number);
        earlier.map(|it| it.number).max()
    }

    /// The number of the first event after this time.
    pub(crate) fn events_after(&self, time: Time) -> u32 {
        let after = |number| self.event(number).is_some_and(|(_, event)| event.time > time);
        first_of(self.log.numbers(), self.log.between(time.seconds(), time.seconds()), after)
    }

    /// The events of some emails. The cost grows with the emails.
    pub(crate) fn events_of(&self, emails: &Numbers) -> Numbers {
        let emails = emails.iter().filter_map(|number| self.get(number));
        emails.flat_map(|email| &email.events).map(|event| event.number).collect()
    }

    /// The events of emails with this tag.
    pub(crate) fn events_with_tag(&self, tag: &str) -> Cow<'_, Numbers> {
        let of_key = || Cow::Owned(self.events_of(&self.index.tags.with(tag)));
        self.log.with_tag(tag).unwrap_or_else(of_key)
    }
}

/// The first number of a range that is in the set and passes a test, which all later ones pass too; or else the end of
/// the range.
fn first_of(numbers: &Numbers, range: Range<u32>, passes: impl Fn(u32) -> bool) -> u32 {
    let before = |number: u32| u32::try_from(numbers.range_cardinality(..number)).unwrap_or(u32::MAX);
    let (mut low, mut high) = (before(range.start), before(range.end));
    while low < high {
        let middle = low.midpoint(high);
        match numbers.select(middle).is_some_and(&passes) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    numbers.select(low).filter(|number| *number < range.end).unwrap_or(range.end)
}
