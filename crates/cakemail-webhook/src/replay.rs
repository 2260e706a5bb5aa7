//! Detects a delivery that was received before, from Cakemail's retries or from an attacker.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cakemail_model::Timestamp;
use sha2::{Digest, Sha256};

use crate::Rejection;

/// Identifies a delivery by the SHA-256 of its raw body, since the API documents no event id. Displays as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    /// The id of the delivery with this raw body.
    pub fn of(raw_body: &[u8]) -> Self {
        Self(Sha256::digest(raw_body).into())
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({self})")
    }
}

/// Whether a delivery was received before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occurrence {
    /// It is new. Process it.
    First,
    /// It was received before. Respond with 200, so that Cakemail stops its retries, and do nothing.
    Duplicate,
}

/// Records the deliveries of this process and detects duplicates.
///
/// A signature proves neither when a body was sent nor that it was sent once. An attacker who obtains a signed body (from
/// a log, a proxy or a backup) can post it again, and Cakemail posts it again when it missed the response. Both look the
/// same, and the right reaction is the same: respond with 200 and do nothing. So [`Occurrence::Duplicate`] is not an error.
///
/// - **The record** keeps the last `capacity` deliveries. Only verified deliveries enter it, and duplicates take no space,
///   so an attacker cannot evict others. It is not shared between processes and does not survive a restart: for that, store
///   [`DeliveryId`] in a unique column of your database.
/// - **The window** covers deliveries that the record no longer has: an event that is not in the record and is older than
///   `window` (by `created_on` or `timestamp`) is [`Rejection::TooOld`]. An event without a date is never too old.
///
/// The default keeps 65,536 deliveries of about 100 bytes each, with a window of 24 hours. A window of minutes would lose
/// events: the API does not document when it retries, and a webhook's `rate_limit` (50 a second by default) delays the
/// events of a large campaign by hours. Losing a bounce or a complaint is worse than processing an old one twice. With a
/// capacity of `rate_limit` × `window`, the record keeps every delivery within the window.
///
/// Two events with identical bytes are one delivery. A retry with a new date has another body, so it is another delivery.
#[derive(Debug)]
pub struct ReplayGuard {
    capacity: usize,
    window: Duration,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    ids: HashSet<DeliveryId>,
    /// The same ids, oldest first.
    order: VecDeque<DeliveryId>,
}

impl ReplayGuard {
    /// Keeps the last `capacity` deliveries and rejects events older than `window`, to the second. [`Duration::MAX`]
    /// rejects none.
    pub fn new(capacity: usize, window: Duration) -> Self {
        Self { capacity, window, record: Mutex::default() }
    }

    /// Records a verified delivery, with the date of its event.
    ///
    /// # Errors
    /// [`Rejection::TooOld`].
    pub fn record(&self, id: DeliveryId, date: Option<Timestamp>, now: Timestamp) -> Result<Occurrence, Rejection> {
        let mut record = self.lock();
        if record.ids.contains(&id) {
            return Ok(Occurrence::Duplicate);
        }
        if date.is_some_and(|date| date < now.saturating_sub(self.window)) {
            return Err(Rejection::TooOld);
        }
        record.insert(id, self.capacity);
        Ok(Occurrence::First)
    }

    /// Forgets a delivery that could not be processed, so that its retry counts as new.
    pub fn forget(&self, id: DeliveryId) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ReplayGuard {
    fn default() -> Self {
        Self::new(65_536, Duration::from_secs(24 * 60 * 60))
    }
}

impl Record {
    fn insert(&mut self, id: DeliveryId, capacity: usize) {
        self.ids.insert(id);
        self.order.push_back(id);
        if self.order.len() > capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    fn remove(&mut self, id: DeliveryId) {
        if self.ids.remove(&id)
            && let Some(index) = self.order.iter().rposition(|other| *other == id)
        {
            self.order.remove(index);
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} deliveries)", self.order.len())
    }
}
