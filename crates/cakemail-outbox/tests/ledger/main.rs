//! One suite of behaviors, over every ledger. And what is special to each.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod cases;
mod model;
mod postgres;
mod random;
mod sqlite;
mod suite;

use std::sync::Arc;

use cakemail_outbox::Ledger;

/// A database with the tables of an outbox.
#[async_trait::async_trait]
pub trait Database: Send + Sync {
    /// Another ledger in the same database, as another process would have.
    async fn open(&self) -> Arc<dyn Ledger>;
}
