//! The ledger in PostgreSQL.

use std::sync::Arc;

use cakemail_outbox::Ledger;
use cakemail_outbox::postgres::PostgresLedger;
use cakemail_postgres::Server;

use crate::Database;
use crate::suite::suite;

/// The URL of an empty database.
struct Postgres(String);

impl Postgres {
    /// `None` without PostgreSQL.
    async fn new() -> Option<Self> {
        Some(Self(Server::shared()?.database().await.unwrap()))
    }
}

#[async_trait::async_trait]
impl Database for Postgres {
    async fn open(&self) -> Arc<dyn Ledger> {
        Arc::new(PostgresLedger::connect(&self.0).await.unwrap())
    }
}

suite!(Postgres::new());
