//! What goes wrong on purpose: faults, a rate limit, logs that lag.

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

use http::header::CONTENT_TYPE;
use tokio::sync::Notify;

use crate::api::document::Operation;
use crate::api::response::Answer;
use crate::api::validation::form;
use crate::app::context::Incoming;
use crate::domain::Time;

pub use effect::{Effect, RetryAfter};
pub use fault::{Fault, Phase};
pub(crate) use injection::Wrong;
pub use limit::Limit;
use limit::{Bucket, Refused};
pub use matching::Match;
pub use preset::{Preset, UnknownPreset};
pub(crate) use script::Script;

/// All that is set. Without any of it a request costs the look at `any`.
#[derive(Default)]
pub(crate) struct Faults {
    any: AtomicBool,
    set: Mutex<Set>,
    /// In milliseconds.
    lag: AtomicU64,
    /// How often everything was cleared.
    era: AtomicU64,
    cleared: Notify,
}

#[derive(Default)]
struct Set {
    next: u64,
    faults: Vec<Arc<Active>>,
    limit: Option<Bucket>,
}

/// A fault, and how it fared.
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

/// A request that faults look at.
pub(crate) struct Subject<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) request: &'a Incoming<'a>,
}

impl Subject<'_> {
    fn is_to(&self, recipient: &str) -> bool {
        let body = serde_json::from_slice::<serde_json::Value>(self.request.body).unwrap_or_default();
        body["email"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(recipient))
    }

    fn renews(&self) -> bool {
        match self.operation.id.as_str() {
            "refreshToken" => true,
            "createToken" => form::fields(self.request.header(CONTENT_TYPE).unwrap_or_default(), self.request.body)
                .is_some_and(|fields| fields.iter().any(|(name, it)| name == "grant_type" && it == "refresh_token")),
            _ => false,
        }
    }
}

impl Faults {
    /// Whether anything at all is set.
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

    /// Whether there was one with this id.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut set = self.set();
        let before = set.faults.len();
        set.faults.retain(|it| it.id != id);
        self.any.store(!set.faults.is_empty() || set.limit.is_some(), Ordering::Release);
        set.faults.len() < before
    }

    /// Ends everything, connections that are held or dripped to included.
    pub(crate) fn clear(&self) {
        let mut set = self.set();
        set.faults.clear();
        set.limit = None;
        self.any.store(false, Ordering::Release);
        self.lag.store(0, Ordering::Release);
        self.era.fetch_add(1, Ordering::SeqCst);
        self.cleared.notify_waiters();
    }

    /// Returns when everything was cleared since `era`.
    pub(crate) async fn cleared(&self, era: u64) {
        let mut cleared = std::pin::pin!(self.cleared.notified());
        cleared.as_mut().enable();
        if self.era.load(Ordering::SeqCst) == era {
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

    /// The 429 of a request that is over the limit.
    pub(crate) fn over_limit(&self, now: Time) -> Option<Answer> {
        let Refused(seconds) = self.set().limit.as_mut()?.take(now).err()?;
        Some(Answer::too_many_requests(seconds.map(|seconds| seconds.to_string())))
    }

    /// Whether any fault is for this phase.
    pub(crate) fn at(&self, phase: Phase) -> bool {
        self.set().faults.iter().any(|it| it.fault.phase() == phase)
    }

    /// What goes wrong with a request in a phase: the first fault that picks it. All faults that fit count it.
    pub(crate) fn hit(&self, phase: Phase, subject: &Subject<'_>) -> Option<Wrong> {
        let set = self.set();
        let mut found = None;
        for active in set.faults.iter().filter(|it| it.fault.phase() == phase && it.fault.matching().fits(subject)) {
            let n = active.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if found.is_none() && active.fault.matching().picks(n, active.hits()) {
                active.hits.fetch_add(1, Ordering::SeqCst);
                found = Some(active.fault.clone());
            }
        }
        let fault = found?;
        Some(Wrong {
            effect: fault.what().clone(),
            fault: fault.to_string(),
            phase,
            era: self.era.load(Ordering::SeqCst),
        })
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
