//! Inspects what clients do: their requests, findings about them, and the ledger of accepted emails.

mod bounded_log;
mod exchange;
pub(crate) mod findings;
pub(crate) mod ledger;
pub(crate) mod requests;

pub(crate) use exchange::{Exchange, Trace};
