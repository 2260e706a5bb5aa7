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

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Notify;

use crate::api::request::RoutedRequest;
use crate::api::response::ApiResponse;
use crate::domain::Time;
use crate::engine::{Command, CommandError, Engine};

pub use effect::{Effect, RetryAfter};
pub use fault::{Fault, Phase};
pub(crate) use injection::{Injected, Injection};
pub use limit::Limit;
use limit::{Bucket, Refused};
pub use matching::Match;
pub use preset::{Preset, UnknownPreset};
pub(crate) use script::Script;

/// The faults, the limit and the lag that are set. They are part of the state, which has them as JSON. Without any, a
/// request only reads the flag `any`. Lock order: `set`, then those of the engine.
pub(crate) struct Faults {
    engine: Arc<Engine>,
    any: AtomicBool,
    set: Mutex<FaultSet>,
    /// In milliseconds.
    lag: AtomicU64,
    /// How many requests and connections were struck, also by faults that were removed.
    hits: AtomicU64,
    /// How often everything was cleared.
    generation: AtomicU64,
    cleared: Notify,
}

/// Everything that is set.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FaultSet {
    next: u64,
    faults: Vec<Arc<Active>>,
    limit: Option<Bucket>,
    lag_ms: u64,
    /// Until when connections are refused.
    refuse_until: Option<Time>,
}

/// A fault that is set, with its counts.
#[derive(Debug, Serialize, Deserialize)]
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
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            any: AtomicBool::new(false),
            set: Mutex::default(),
            lag: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            cleared: Notify::new(),
        }
    }

    /// Takes over the faults of a state that has replaced the previous one, and ends scripts that are playing. Returns
    /// until when connections are refused.
    pub(crate) fn restore(&self) -> Option<Time> {
        let mut set = self.set();
        *set = FaultSet::deserialize(&self.engine.state().faults).unwrap_or_default();
        self.publish(&set);
        self.end_scripts();
        set.refuse_until
    }

    /// Whether a fault or a limit is set.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Changes what is set, when that can be recorded.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut FaultSet) -> R) -> Result<R, CommandError> {
        let mut set = self.set();
        let mut changed = set.clone();
        let result = change(&mut changed);
        self.engine.begin().apply(command(&changed))?;
        self.publish(&changed);
        *set = changed;
        Ok(result)
    }

    /// Changes what is set even when that cannot be recorded.
    pub(crate) fn change_always<R>(&self, change: impl FnOnce(&mut FaultSet) -> R) -> R {
        let mut set = self.set();
        let result = change(&mut set);
        self.publish(&set);
        self.engine.begin().apply_always(command(&set));
        result
    }

    fn publish(&self, set: &FaultSet) {
        self.lag.store(set.lag_ms, Ordering::Release);
        self.any.store(!set.faults.is_empty() || set.limit.is_some(), Ordering::Release);
    }

    /// Ends scripts that are playing.
    pub(crate) fn end_scripts(&self) {
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
        let (mut struck, mut seen) = (None, false);
        let matches = |fault: &Fault| fault.phase() == phase && fault.matching().matches(routed, account);
        for active in set.faults.iter().filter(|it| matches(&it.fault)) {
            seen = true;
            let n = active.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if struck.is_none() && active.fault.matching().picks(n, active.hits()) {
                active.hits.fetch_add(1, Ordering::SeqCst);
                struck = Some(active.fault.clone());
            }
        }
        if seen {
            // The counts are absolute: when these cannot be recorded, the next ones make up for it.
            let _ = self.engine.begin().apply(command(&set));
        }
        let fault = struck?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(Injection {
            effect: fault.kind().clone(),
            fault: fault.to_string(),
            phase,
            generation: self.generation.load(Ordering::SeqCst),
        })
    }

    /// How many requests and connections were struck so far.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    fn set(&self) -> MutexGuard<'_, FaultSet> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn command(set: &FaultSet) -> Command {
    Command::SetFaults { faults: json!(set) }
}

impl FaultSet {
    pub(crate) fn add(&mut self, fault: Fault) -> Arc<Active> {
        self.next += 1;
        let active = Arc::new(Active { id: self.next, fault, seen: AtomicU64::new(0), hits: AtomicU64::new(0) });
        self.faults.push(Arc::clone(&active));
        active
    }

    /// Removes a fault. Returns whether there was one with this id.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.faults.len();
        self.faults.retain(|it| it.id != id);
        self.faults.len() < before
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        *self = FaultSet { next: self.next, ..FaultSet::default() };
    }

    /// Replaces the limit. Its bucket is full.
    pub(crate) fn set_limit(&mut self, limit: Limit, now: Time) {
        self.limit = Some(Bucket::new(limit, now));
    }

    pub(crate) fn set_lag(&mut self, lag: Duration) {
        self.lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
    }

    pub(crate) fn refuse_until(&mut self, until: Option<Time>) {
        self.refuse_until = until;
    }

    /// Adds the faults of a preset, and sets its limit.
    pub(crate) fn set_preset(&mut self, preset: Preset, seed: u64, now: Time) {
        if let Some(limit) = preset.limit() {
            self.set_limit(limit, now);
        }
        for fault in preset.faults(seed) {
            self.add(fault);
        }
    }
}
