//! Replays: the same delivery a second time, by an honest sender or by somebody else.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cakemail_model::Timestamp;
use sha2::{Digest, Sha256};

use crate::Rejection;

/// Names a delivery: the SHA-256 of its raw body, as no id of an event is documented. Displays as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    /// The name of the delivery with this body.
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

/// Whether a delivery has come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// It is new: process it.
    First,
    /// It has come before: answer 200, so that an honest sender stops, and do nothing.
    Before,
}

/// Remembers which deliveries have come.
///
/// A signature says neither when a body was sent nor that it is sent for the first time. So whoever gets hold of one (from
/// a log, a proxy, a backup) can post it again, and it verifies; and an honest sender that missed our answer posts it
/// again, too. The two look alike and want the same: acknowledge it, and do nothing. Hence [`Seen::Before`] is no error.
///
/// - **Memory** is bounded: of more than `capacity` deliveries the oldest are forgotten. Only what has verified gets in, and
///   a repetition takes no room, so neither a stranger nor a replayer can make it forget. It is this process's own: where
///   there are several, or restarts matter, give [`DeliveryId`] a unique column in your database.
/// - **Age** covers what was forgotten: an event that is not remembered and is dated (`created_on`, `timestamp`) more than
///   `window` ago is [`Rejection::TooOld`]. One without a date is guarded by memory alone.
///
/// The default remembers 65,536 deliveries, at some 100 bytes each, and looks 24 hours back. A few minutes, as others
/// have it, would be wrong here: a retry may come late (when Cakemail retries is not documented), and a webhook's
/// `rate_limit`, 50 a second unless changed, holds the events of a large campaign back for hours. To lose a bounce or a
/// complaint is worse than to hear an old one again, which was true when it was signed. With a capacity of `rate_limit` ×
/// `window` nothing within the window is ever forgotten.
///
/// Two events that are alike to the byte are one. A retry that is dated anew is another body, and so another delivery.
#[derive(Debug)]
pub struct ReplayGuard {
    capacity: usize,
    window: Duration,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    known: HashSet<DeliveryId>,
    /// The same, oldest first.
    order: VecDeque<DeliveryId>,
}

impl ReplayGuard {
    /// Remembers `capacity` deliveries, and refuses events that are older than `window`, to the second;
    /// [`Duration::MAX`] refuses none.
    pub fn new(capacity: usize, window: Duration) -> Self {
        Self { capacity, window, memory: Mutex::default() }
    }

    /// Notes a delivery that has verified, with the date of its event.
    ///
    /// # Errors
    /// [`Rejection::TooOld`].
    pub fn see(&self, id: DeliveryId, dated: Option<Timestamp>, now: Timestamp) -> Result<Seen, Rejection> {
        let mut memory = self.memory();
        if memory.known.contains(&id) {
            return Ok(Seen::Before);
        }
        if dated.is_some_and(|dated| dated < now.saturating_sub(self.window)) {
            return Err(Rejection::TooOld);
        }
        memory.note(id, self.capacity);
        Ok(Seen::First)
    }

    /// Forgets a delivery that could not be processed, so that its retry counts as new.
    pub fn forget(&self, id: DeliveryId) {
        self.memory().forget(id);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ReplayGuard {
    fn default() -> Self {
        Self::new(65_536, Duration::from_secs(24 * 60 * 60))
    }
}

impl Memory {
    fn note(&mut self, id: DeliveryId, capacity: usize) {
        self.known.insert(id);
        self.order.push_back(id);
        if self.order.len() > capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn forget(&mut self, id: DeliveryId) {
        if self.known.remove(&id)
            && let Some(place) = self.order.iter().rposition(|other| *other == id)
        {
            self.order.remove(place);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} deliveries)", self.order.len())
    }
}
