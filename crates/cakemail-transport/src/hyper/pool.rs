//! The idle connections of a transport.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::uri::{Authority, Scheme};
use tokio::runtime;
use tokio::time::Instant;

use super::connection::Connection;
use crate::Settings;

/// The server of a connection, and the runtime that notices its events.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// Another runtime may not be running: a connection of it would never see a response.
    pub(super) runtime: runtime::Id,
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        // Compared by their bytes, which is cheaper: the authority of a client is always written alike.
        self.runtime == other.runtime
            && self.authority.as_str() == other.authority.as_str()
            && self.scheme == other.scheme
    }
}

/// Keeps idle connections, the one that was used last at the end. No timer closes them: their age is checked whenever
/// the pool is used.
pub(super) struct Pool {
    idle: Mutex<VecDeque<Idle>>,
    idle_timeout: Duration,
    max_idle: usize,
}

struct Idle {
    origin: Origin,
    since: Instant,
    connection: Box<Connection>,
}

impl Pool {
    pub(super) fn new(settings: &Settings) -> Self {
        let (idle_timeout, max_idle) = (settings.idle_timeout, settings.max_idle_connections);
        Self { idle: Mutex::default(), idle_timeout, max_idle }
    }

    /// Takes an idle connection to the origin, the one that was used last.
    pub(super) fn take(&self, origin: &Origin) -> Option<Box<Connection>> {
        std::iter::from_fn(|| self.take_unchecked(origin)).find(|connection| connection.reuse())
    }

    fn take_unchecked(&self, origin: &Origin) -> Option<Box<Connection>> {
        let now = Instant::now();
        let mut idle = self.idle();
        let expired = self.expired(&mut idle, now);
        let position = idle.iter().rposition(|idle| idle.origin == *origin);
        let taken = position.and_then(|position| idle.remove(position));
        drop(idle);
        drop(expired); // closes them without the lock
        taken.map(|idle| idle.connection)
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, origin: Origin, connection: Box<Connection>) {
        let since = Instant::now();
        let mut idle = self.idle();
        let mut closed = self.expired(&mut idle, since);
        idle.push_back(Idle { origin, since, connection });
        if idle.len() > self.max_idle {
            closed.extend(excess(&mut idle, self.max_idle));
        }
        drop(idle);
        drop(closed);
    }

    /// Closes the oldest idle connections until at most `max` are left.
    pub(super) fn shrink(&self, max: usize) {
        let mut idle = self.idle();
        let closed = excess(&mut idle, max);
        drop(idle);
        drop(closed);
    }

    fn expired(&self, idle: &mut VecDeque<Idle>, now: Instant) -> Vec<Idle> {
        let is_expired = |idle: &Idle| now.saturating_duration_since(idle.since) >= self.idle_timeout;
        if !idle.front().is_some_and(is_expired) {
            return Vec::new();
        }
        let expired = idle.iter().take_while(|idle| is_expired(idle)).count();
        idle.drain(..expired).collect()
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn excess(idle: &mut VecDeque<Idle>, max: usize) -> Vec<Idle> {
    idle.drain(..idle.len().saturating_sub(max)).collect()
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.idle().len(), self.max_idle)
    }
}
