//! Where the ledger is.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cakemail_outbox::postgres::PostgresLedger;
use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::{Ledger, Time};

use crate::Result;

/// The file of an SQLite ledger, or the URL of a PostgreSQL one.
#[derive(Debug, Clone)]
pub struct Place(pub String);

impl Place {
    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres")
    }

    /// Opens the ledger. PostgreSQL knows its sessions by this name.
    pub async fn open(&self, name: &str) -> Result<Arc<dyn Ledger>> {
        if self.is_postgres() {
            let url = format!("{}?application_name={name}", self.0);
            return Ok(Arc::new(PostgresLedger::connect(&url).await?));
        }
        let clock = format!("{}.clock", self.0);
        Ok(Arc::new(SqliteLedger::open(&self.0).await?.clock(move || stepped(Path::new(&clock)))))
    }

    /// The size in bytes of the larger one of the files of an SQLite ledger.
    pub fn largest_file(&self) -> Result<u64> {
        let sizes = ["", "-wal"].map(|end| std::fs::metadata(format!("{}{end}", self.0)).map(|file| file.len()));
        Ok(sizes.into_iter().flatten().max().unwrap_or_default())
    }

    /// Steps the clock of an SQLite ledger to this many milliseconds from the true time, in all processes.
    pub fn set_clock(&self, offset: i64) -> Result {
        let (clock, new) = (format!("{}.clock", self.0), format!("{}.clock.new", self.0));
        std::fs::write(&new, offset.to_string())?;
        Ok(std::fs::rename(new, clock)?)
    }
}

fn stepped(file: &Path) -> Time {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let offset: i64 = text.parse().unwrap_or_default();
    let now = Time::from(SystemTime::now());
    let step = Duration::from_millis(offset.unsigned_abs());
    if offset < 0 { now.before(step) } else { now.after(step) }
}
