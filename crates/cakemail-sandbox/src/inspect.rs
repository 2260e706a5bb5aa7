//! What clients did: their requests, findings about them, and the ledger of accepted emails.

pub(crate) mod findings;
pub(crate) mod ledger;
pub(crate) mod requests;
