//! Injected faults of requests, a rate limit, and a lag of the logs.

mod effect;
mod fault;
mod injection;
mod limit;
mod matching;
mod preset;
mod script;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::api::request::RoutedRequest;
use crate::api::response::ApiResponse;
use crate::domain::Time;

pub use effect::{Effect, RetryAfter};
pub use fault::{Fault, Phase};
pub(crate) use injection::{Injected, Injection};
pub use limit::Limit;
use limit::{Bucket, Refused};
pub use matching::Match;
pub use preset::{Preset, UnknownPreset};
pub(crate) use script::Script;

/// The faults, the limit and the lag that are set. Without any, a request only reads the flag `any`.
#[derive(Default)]
pub(crate) struct Faults {
    any: AtomicBool,
    set: Mutex<Set>,
    /// In milliseconds.
    lag: AtomicU64,
    /// How often everything was cleared.
    generation: AtomicU64,
    cleared: Notify,
}

#[derive(Default)]
struct Set {
    next: u64,
    faults: Vec<Arc<Active>>,
    limit: Option<Bucket>,
}

/// A fault that is set, with its counts.
#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    seen: AtomicU64,
    hits: AtomicU64,
}

impl Active {
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }

    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::SeqCst)
    }
}

impl Faults {
    /// Whether a fault or a limit is set.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(crate) fn add(&self, fault: Fault) -> Arc<Active> {
        let mut set = self.set();
        set.next += 1;
        let active = Arc::new(Active { id: set.next, fault, seen: AtomicU64::new(0), hits: AtomicU64::new(0) });
        set.faults.push(Arc::clone(&active));
        self.any.store(true, Ordering::Release);
        active
    }

    /// Removes a fault. Returns whether there was one with this id.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut set = self.set();
        let before = set.faults.len();
        set.faults.retain(|it| it.id != id);
        self.any.store(!set.faults.is_empty() || set.limit.is_some(), Ordering::Release);
        set.faults.len() < before
    }

    /// Removes everything, and ends scripts that are playing.
    pub(crate) fn clear(&self) {
        let mut set = self.set();
        set.faults.clear();
        set.limit = None;
        self.any.store(false, Ordering::Release);
        self.lag.store(0, Ordering::Release);
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.cleared.notify_waiters();
    }

    /// Waits until everything was cleared after `generation`.
    pub(crate) async fn cleared(&self, generation: u64) {
        let mut cleared = std::pin::pin!(self.cleared.notified());
        cleared.as_mut().enable();
        if self.generation.load(Ordering::SeqCst) == generation {
            cleared.await;
        }
    }

    pub(crate) fn set_limit(&self, limit: Limit, now: Time) {
        self.set().limit = Some(Bucket::new(limit, now));
        self.any.store(true, Ordering::Release);
    }

    pub(crate) fn set_lag(&self, lag: Duration) {
        self.lag.store(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    pub(crate) fn lag(&self) -> Duration {
        Duration::from_millis(self.lag.load(Ordering::Acquire))
    }

    pub(crate) fn limit(&self) -> Option<Limit> {
        self.set().limit.as_ref().map(|bucket| bucket.limit)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Active>> {
        self.set().faults.clone()
    }

    /// The 429 response to a request that exceeds the limit.
    pub(crate) fn over_limit(&self, now: Time) -> Option<ApiResponse> {
        let Refused(seconds) = self.set().limit.as_mut()?.take(now).err()?;
        Some(ApiResponse::too_many_requests(seconds.map(|seconds| seconds.to_string())))
    }

    /// Whether any fault is set for this phase.
    pub(crate) fn at(&self, phase: Phase) -> bool {
        self.set().faults.iter().any(|it| it.fault.phase() == phase)
    }

    /// The first fault of a phase that strikes a request of this account, if it is known. All faults that match count the request.
    pub(crate) fn strike(&self, phase: Phase, routed: &RoutedRequest<'_>, account: Option<i64>) -> Option<Injection> {
        let set = self.set();
        let mut struck = None;
        let matches = |fault: &Fault| fault.phase() == phase && fault.matching().matches(routed, account);
        for active in set.faults.iter().filter(|it| matches(&it.fault)) {
            let n = active.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if struck.is_none() && active.fault.matching().picks(n, active.hits()) {
                active.hits.fetch_add(1, Ordering::SeqCst);
                struck = Some(active.fault.clone());
            }
        }
        let fault = struck?;
        Some(Injection {
            effect: fault.kind().clone(),
            fault: fault.to_string(),
            phase,
            generation: self.generation.load(Ordering::SeqCst),
        })
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
