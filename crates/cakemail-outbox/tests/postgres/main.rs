//! What only the ledger in PostgreSQL does. The tests of all ledgers are in `tests/ledger`.
#![cfg(feature = "postgres")]
#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, too

mod broken;
mod enqueue;
mod support;
mod tick;
mod tls;
