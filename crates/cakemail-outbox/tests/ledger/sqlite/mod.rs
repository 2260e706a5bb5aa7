//! The ledger in a SQLite file.

mod enqueue;
mod files;
mod processes;
mod rate;

use std::path::PathBuf;
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

    fn path(&self) -> PathBuf {
        self.0.path().join("outbox.db")
    }

    /// The names of the files, sorted.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[async_trait::async_trait]
impl Database for Sqlite {
    async fn open(&self) -> Arc<dyn Ledger> {
        let ledger = SqliteLedger::open(self.path()).await.unwrap();
        ledger.migrate().await.unwrap();
        Arc::new(ledger)
    }
}

suite!(Sqlite::new());
