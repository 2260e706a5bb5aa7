//! The account's log: the events of all emails in the order in which they happened.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::email::Email;
use super::submission::is_key;
use crate::domain::index::{Numbers, Terms};
use crate::domain::lifecycle::EventKind;

/// How many numbers are kept together.
const BLOCK: u32 = 1024;

/// The events by their numbers, which count up in the order of time, and sets of their numbers.
#[derive(Default)]
pub(crate) struct EventLog {
    all: Numbers,
    /// The number of each event's email, in blocks.
    emails: BTreeMap<u32, Box<[u32; BLOCK as usize]>>,
    kinds: [Numbers; EventKind::ALL.len()],
    /// Those whose email had an event of the same kind before.
    repeats: Numbers,
    /// By tag, apart from idempotency keys, which few emails share.
    tags: Terms<Arc<str>>,
    pub(crate) providers: Terms<Arc<str>>,
    /// By their emails' numbers, [`BLOCK`] of them together.
    by_email: Terms<u32>,
    /// The first number in each second that had an event, and perhaps in earlier ones.
    seconds: BTreeMap<i64, u32>,
    next: u32,
}

impl EventLog {
    /// The number that the next event gets.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// Adds the event at `event` of an email's events.
    pub(super) fn add(&mut self, number: u32, email: &Email, provider: Arc<str>, event: usize) {
        let Some(added) = email.events.get(event) else { return };
        let block = self.emails.entry(added.number / BLOCK).or_insert_with(|| Box::new([0; BLOCK as usize]));
        block[(added.number % BLOCK) as usize] = number;
        self.next = self.next.max(added.number.saturating_add(1));
        self.all.insert(added.number);
        self.kinds[added.kind as usize].insert(added.number);
        if email.events[..event].iter().any(|earlier| earlier.kind == added.kind) {
            self.repeats.insert(added.number);
        }
        for tag in email.distinct_tags().filter(|tag| !is_key(tag)) {
            self.tags.add(Arc::clone(tag), added.number);
        }
        self.providers.add(provider, added.number);
        self.by_email.add(number / BLOCK, added.number);
        let first = self.seconds.entry(added.time.seconds()).or_insert(added.number);
        *first = (*first).min(added.number);
    }

    /// Removes the events of an email.
    pub(super) fn remove(&mut self, number: u32, email: &Email) {
        for event in &email.events {
            self.all.remove(event.number);
            let block = event.number / BLOCK;
            if self.all.range_cardinality(block * BLOCK..=block * BLOCK + (BLOCK - 1)) == 0 {
                self.emails.remove(&block);
            }
            self.kinds[event.kind as usize].remove(event.number);
            self.repeats.remove(event.number);
            for tag in email.distinct_tags().filter(|tag| !is_key(tag)) {
                self.tags.remove(&**tag, event.number);
            }
            self.providers.remove(email.provider(), event.number);
            self.by_email.remove(&(number / BLOCK), event.number);
        }
        self.release();
    }

    /// Lets go of the seconds before the oldest event.
    fn release(&mut self) {
        let first = self.all.min().unwrap_or(self.next);
        while self.seconds.values().nth(1).is_some_and(|second| *second <= first) {
            self.seconds.pop_first();
        }
    }

    /// The number of an event's email.
    pub(super) fn email(&self, number: u32) -> Option<u32> {
        let block = self.emails.get(&(number / BLOCK)).filter(|_| self.contains(number))?;
        Some(block[(number % BLOCK) as usize])
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.all.contains(number)
    }

    /// The numbers of all events.
    pub(crate) fn numbers(&self) -> &Numbers {
        &self.all
    }

    /// The events of a kind.
    pub(crate) fn of_kind(&self, kind: EventKind) -> &Numbers {
        &self.kinds[kind as usize]
    }

    /// The events whose email had an event of the same kind before.
    pub(crate) fn repeats(&self) -> &Numbers {
        &self.repeats
    }

    /// The events of emails with this tag; `None` for an idempotency key.
    pub(super) fn with_tag(&self, tag: &str) -> Option<Cow<'_, Numbers>> {
        (!is_key(tag)).then(|| self.tags.with(tag))
    }

    /// The number of the first event at or after the start of a second, in seconds since the epoch.
    pub(crate) fn since(&self, second: i64) -> u32 {
        self.seconds.range(second..).next().map_or(self.next, |(_, number)| *number)
    }

    /// The numbers from the start of a second on, up to the end of another one.
    pub(crate) fn between(&self, start: i64, end: i64) -> Range<u32> {
        let from = self.since(start);
        from..end.checked_add(1).map_or(self.next, |after| self.since(after)).max(from)
    }

    /// `count` events of a selection after the first `skip`, in the order of their emails and then of time. The cost is
    /// that of a block of emails, and a little for each block that is passed over.
    pub(crate) fn page_by_email(&self, selection: &Numbers, skip: usize, count: usize, descends: bool) -> Vec<u32> {
        self.by_email.page_with(selection, skip, count, descends, |block, skip, count| {
            let mut events: Vec<_> = block.iter().filter_map(|number| Some((self.email(number)?, number))).collect();
            events.sort_unstable();
            if descends {
                events.reverse();
            }
            events.into_iter().skip(skip).take(count).map(|(_, number)| number).collect()
        })
    }
}
