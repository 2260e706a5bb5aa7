//! The ledger in a SQLite file.

use std::sync::Arc;

use cakemail_outbox::Ledger;
use cakemail_outbox::sqlite::SqliteLedger;
use tempfile::TempDir;

use crate::Database;
use crate::suite::suite;

/// A file in a folder of its own.
struct Sqlite(TempDir);

impl Sqlite {
    async fn new() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }
}

#[async_trait::async_trait]
impl Database for Sqlite {
    async fn open(&self) -> Arc<dyn Ledger> {
        let ledger = SqliteLedger::open(self.0.path().join("outbox.db")).await.unwrap();
        ledger.migrate().await.unwrap();
        Arc::new(ledger)
    }
}

suite!(Sqlite::new());
