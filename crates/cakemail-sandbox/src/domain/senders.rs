//! Senders, and the emails that ask to confirm them.

use serde::{Deserialize, Serialize};

use super::Time;

#[derive(Serialize, Deserialize)]
pub(crate) struct Sender {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) language: String,
    pub(crate) confirmed: Option<Time>,
    pub(crate) confirmation_sent: Option<Time>,
    /// The confirmations that were sent, and the time until which each one is valid.
    pub(crate) confirmations: Vec<(String, Time)>,
}

/// An email that asks a sender to confirm.
#[derive(Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// How long it is valid.
    pub(crate) hours: u64,
}
