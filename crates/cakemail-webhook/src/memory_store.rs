//! The store of one process.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{BoxError, Claim, DeliveryId, DeliveryState, DeliveryStore};

/// Remembers deliveries in memory, until the process ends.
///
/// It keeps the last `capacity` deliveries that were done, of about 100 bytes each, and every delivery in progress. Only
/// verified deliveries enter it, and duplicates take no space, so an attacker cannot evict others. With a capacity of the
/// webhook's `rate_limit` × [`Receiver::window`](crate::Receiver::window), it keeps every delivery within the window.
///
/// Claims do not expire: they end with the handler, and at the latest with the process.
pub struct MemoryStore {
    capacity: usize,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    /// The tokens of the claims in progress.
    in_progress: HashMap<DeliveryId, i64>,
    done: HashSet<DeliveryId>,
    /// The ids that are done, oldest first.
    order: VecDeque<DeliveryId>,
}

impl MemoryStore {
    /// Keeps the last `capacity` deliveries that were done.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, record: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    /// A store of 65,536 deliveries.
    fn default() -> Self {
        Self::new(65_536)
    }
}

#[async_trait]
impl DeliveryStore for MemoryStore {
    async fn begin(&self, claim: Claim) -> Result<DeliveryState, BoxError> {
        let mut record = self.lock();
        if record.done.contains(&claim.id) {
            return Ok(DeliveryState::Done);
        }
        Ok(match record.in_progress.entry(claim.id) {
            Entry::Occupied(_) => DeliveryState::InProgress,
            Entry::Vacant(entry) => {
                entry.insert(claim.token);
                DeliveryState::New
            }
        })
    }

    async fn complete(&self, claim: Claim) -> Result<(), BoxError> {
        let mut record = self.lock();
        record.in_progress.remove(&claim.id);
        if record.done.insert(claim.id) {
            record.order.push_back(claim.id);
        }
        if record.order.len() > self.capacity
            && let Some(oldest) = record.order.pop_front()
        {
            record.done.remove(&oldest);
        }
        Ok(())
    }

    fn forget(&self, claim: Claim) {
        let mut record = self.lock();
        if record.in_progress.get(&claim.id) == Some(&claim.token) {
            record.in_progress.remove(&claim.id);
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.lock();
        f.debug_struct("MemoryStore")
            .field("capacity", &self.capacity)
            .field("in_progress", &record.in_progress.len())
            .field("done", &record.done.len())
            .finish()
    }
}
