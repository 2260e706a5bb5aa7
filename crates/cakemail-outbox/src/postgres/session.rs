//! The connection whose end is the end of this process's locks. Ticks run on it: one that commits had its lock.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;
use super::database;
use super::floors::Floors;
use crate::{Owner, OwnerLock, Result};

/// Takes the lock of a number that nobody had. A number wraps after 2^31 locks; one that is still in use is skipped.
const LOCK: &str =
    "select owner, pg_try_advisory_lock($1, (owner & 2147483647)::int) from nextval('outbox_owner') owner";
const UNLOCK: &str = "select pg_advisory_unlock($1, ($2::bigint & 2147483647)::int)";
/// The tables of another schema in the same database have other locks.
const CLASS: &str = "select 'outbox_email'::regclass::oid";

pub(super) struct Session {
    pub(super) connection: Connection,
    /// The first part of the owners' locks.
    pub(super) class: i32,
    /// Held from the beginning of a transaction to its end.
    busy: tokio::sync::Mutex<()>,
    owners: Mutex<HashSet<i64>>,
    floors: Mutex<Floors>,
}

impl Session {
    pub(super) async fn new(connection: Connection) -> Result<Self> {
        let class: u32 = connection.query_one(CLASS, &[]).await?.try_get(0).map_err(database)?;
        let class = class.cast_signed();
        Ok(Self { connection, class, busy: Default::default(), owners: Default::default(), floors: Default::default() })
    }

    /// Waits until no other transaction runs on the connection.
    pub(super) async fn exclusive(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.busy.lock().await
    }

    pub(super) fn is_open(&self) -> bool {
        !self.connection.client.is_closed()
    }

    pub(super) fn holds(&self, owner: Owner) -> bool {
        self.is_open() && self.owners().contains(&owner.0)
    }

    /// The owners whose locks this session holds.
    pub(super) fn live(&self) -> Vec<i64> {
        self.owners().iter().copied().collect()
    }

    pub(super) async fn lock(self: &Arc<Self>) -> Result<OwnerLock> {
        let _busy = self.exclusive().await;
        loop {
            let row = self.connection.query_one(LOCK, &[&self.class]).await?;
            let (owner, is_locked): (i64, bool) =
                (row.try_get(0).map_err(database)?, row.try_get(1).map_err(database)?);
            if is_locked {
                self.owners().insert(owner);
                return Ok(OwnerLock::new(Owner(owner), Held { session: self.clone(), owner }));
            }
        }
    }

    async fn unlock(&self, owner: i64) -> Result<()> {
        let _busy = self.exclusive().await;
        self.connection.query(UNLOCK, &[&self.class, &owner]).await?;
        Ok(())
    }

    pub(super) fn floors(&self) -> MutexGuard<'_, Floors> {
        self.floors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owners(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the lock when it is dropped.
struct Held {
    session: Arc<Session>,
    owner: i64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.session.owners().remove(&self.owner);
        // Without a runtime the connection is ending, and its locks with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (session, owner) = (self.session.clone(), self.owner);
        runtime.spawn(async move { session.unlock(owner).await });
    }
}
