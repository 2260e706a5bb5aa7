//! A few connections for everything that is not a tick: an application enqueues from many tasks at once.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connect::Connector;
use super::connection::Connection;
use crate::{Error, Result};

/// With more, the server's commits are grouped no better.
const MOST: usize = 8;

pub(super) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

/// A connection that goes back to the pool when it is dropped.
pub(super) struct Pooled<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, idle: Mutex::default(), permits: Semaphore::new(MOST) }
    }

    pub(super) async fn get(&self) -> Result<Pooled<'_>> {
        let permit = self.permits.acquire().await.map_err(|error| Error::Database(error.into()))?;
        let idle = self.take_idle();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connector.connect().await?,
        };
        Ok(Pooled { pool: self, connection: Some(connection), _permit: permit })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.client.is_closed());
        idle.pop()
    }
}

impl Deref for Pooled<'_> {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "it is taken only when this is dropped")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection is here until this is dropped")
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.connection.take());
    }
}
