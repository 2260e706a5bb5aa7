//! Methods that do more than make one call, or are shorter to write than the call's own types.
//!
//! They stand beside those of [`generated`](crate::generated), in the same groups.

mod contacts;
mod emails;
mod logs;
mod senders;
mod suppressions;
mod tokens;
mod webhooks;
