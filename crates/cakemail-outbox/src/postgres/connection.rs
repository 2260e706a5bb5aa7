//! A connection with its prepared statements, and transactions on it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::database;
use crate::{Error, Result, Time};

/// The ledger's clock, in microseconds since 1970.
pub(super) const NOW: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// A connection. Its statements are prepared once.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: Mutex::default() }
    }

    /// The prepared statement. Only a prepared statement can be pipelined: preparing takes a round trip of its own, during
    /// which the statements after it would overtake it.
    pub(super) async fn prepare(&self, sql: &'static str) -> Result<Statement> {
        let statements = || self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = statements().get(sql).cloned() {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await.map_err(database)?;
        statements().insert(sql, statement.clone());
        Ok(statement)
    }

    pub(super) async fn query(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let statement = self.prepare(sql).await?;
        self.client.query(&statement, values).await.map_err(database)
    }

    pub(super) async fn query_opt(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    pub(super) async fn query_one(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Row> {
        let rows = self.query(sql, values).await?;
        rows.into_iter().next().ok_or_else(missing)
    }

    pub(super) async fn execute(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.prepare(sql).await?;
        self.client.execute(&statement, values).await.map_err(database)
    }

    /// The ledger's time.
    pub(super) async fn now(&self) -> Result<Time> {
        Ok(Time::from_micros(self.query_one(NOW, &[]).await?.try_get(0).map_err(database)?))
    }

    /// A transaction that begins with [`Transaction::begin`].
    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction { connection: self, is_open: true }
    }
}

/// The only row.
pub(super) fn first(rows: &[Row]) -> Result<&Row> {
    rows.first().ok_or_else(missing)
}

fn missing() -> Error {
    Error::Database("a row of the outbox is missing".into())
}

/// A transaction. It is rolled back when it is dropped, also when the future that it belongs to is.
pub(super) struct Transaction<'a> {
    connection: &'a Connection,
    is_open: bool,
}

impl Transaction<'_> {
    pub(super) async fn begin(&self) -> Result<()> {
        self.connection.client.batch_execute("begin isolation level read committed").await.map_err(database)
    }

    /// Commits. After an error nobody knows whether it did.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.connection.client.batch_execute("commit").await.map_err(database)?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            // The first poll queues the statement in front of all later ones; nobody waits for its response.
            let _ = self.connection.client.batch_execute("rollback").now_or_never();
        }
    }
}
