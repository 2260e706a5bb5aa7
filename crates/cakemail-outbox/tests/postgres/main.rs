//! What only the ledger in PostgreSQL does. The tests of all ledgers are in `tests/ledger`.
#![cfg(feature = "postgres")]

mod enqueue;
mod support;
mod tick;
