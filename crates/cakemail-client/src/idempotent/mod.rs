//! Sends an email under an idempotency key: looks it up in the logs, so that it is not sent twice.

mod key;
mod policy;
mod send;

pub use key::IdempotencyKey;
pub use policy::{OnMissing, ReconcilePolicy};
pub(crate) use send::send_idempotent;
