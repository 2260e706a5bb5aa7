//! The Cakemail client: authentication, retries, paging, and one method for each call.
//!
//! Applications use it through the `cakemail` crate, which chooses a transport for them.
//!
//! # One road
//! Every call is an [`Operation`](cakemail_model::Operation), taken by [`Client::execute`] through the same steps: a
//! total deadline, retries, a pace, an access token, a span, a time limit for the attempt, the transport, the status, the
//! answer. The groups ([`Client::emails`] and so on) only name the operations.
//!
//! # What is retried
//! Decided by what a second call would do and by whether the first was delivered, never by the status alone:
//!
//! | failure | reads, idempotent calls | sending an email |
//! | --- | --- | --- |
//! | not sent | again | again |
//! | 429 | again, when the server says so | again, when the server says so |
//! | 401 | once, with a new token | once, with a new token |
//! | 408, 5xx, time ran out, connection broke | again | never: [`Outcome::Unknown`] |
//! | a file that is attached cannot be read | | never: it was not sent whole |
//!
//! # What is never shown
//! Errors, `Debug` and spans hold no token, password, body, recipient or query.

mod attachments;
mod builder;
mod bulk;
mod call;
mod client;
mod credentials;
mod error;
mod generated;
mod handwritten;
mod idempotent;
mod listing;
mod pipeline;
mod preflight;
mod send;
mod tokens;
mod wait;

pub use builder::ClientBuilder;
pub use bulk::{BulkOptions, BulkResults, Progress};
pub use client::Client;
pub use credentials::{Credentials, MfaPrompt};
pub use error::{Error, ErrorKind, Outcome};
pub use generated::*;
pub use idempotent::{IdempotencyKey, OnMissing, ReconcilePolicy};
pub use listing::Listing;
pub use pipeline::{RateLimit, RetryPolicy};
pub use preflight::{Check, CheckState, Preflight, PreflightReport};
pub use send::{ConfirmedBy, Sent};
pub use wait::Milestone;

/// What every call returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
