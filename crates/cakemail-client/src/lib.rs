//! The Cakemail client: authentication, retries, paging, and one method for each operation.
//!
//! Applications use it through the `cakemail` crate, which also selects a transport.
//!
//! # The pipeline
//! Every call executes an [`Operation`](cakemail_model::Operation) with [`Client::execute`], through the same steps: the
//! request is validated and written once; under the call's deadline, each attempt takes an access token and a permit of
//! the rate limiter, and sends the request; the response is classified and decoded. The groups, such as
//! [`Client::emails`], give each operation a name.
//!
//! # What is retried
//! This depends on the operation's idempotency and on whether the request may have been sent, never on the status alone:
//!
//! | failure | safe and idempotent operations | sending an email |
//! | --- | --- | --- |
//! | not sent | retried | retried |
//! | 429 | retried after `Retry-After` | retried after `Retry-After` |
//! | 401 | once, with a new token | once, with a new token |
//! | 408, 5xx, timeout, connection lost | retried | never: [`Outcome::Unknown`] |
//! | an attachment cannot be read | | never: it was not sent completely |
//!
//! # What is never shown
//! Errors, `Debug`, spans and observers show no token, password, body, recipient or query.

mod attachments;
mod builder;
mod bulk;
mod client;
mod credential_provider;
mod credentials;
mod env;
mod error;
mod generated;
mod handwritten;
mod idempotent;
mod key_uses;
mod listing;
mod log_search;
mod metadata;
mod observer;
mod pipeline;
mod preflight;
mod send;
mod time;
mod tokens;
mod wait;

/// For implementations of [`CredentialProvider`].
pub use async_trait::async_trait;
pub use builder::ClientBuilder;
pub use bulk::{BulkOptions, BulkResults, Progress};
pub use client::Client;
pub use credential_provider::{AccessToken, CredentialProvider};
pub use credentials::{Credentials, MfaPrompt};
pub use error::{BoxError, Error, ErrorKind, KeyConflict, KeyDifference, Outcome, RefusedEmail, Result};
pub use generated::*;
pub use idempotent::{IdempotencyKey, OnMissing, ReconcilePolicy};
pub use listing::Listing;
pub use log_search::LoggedEmail;
pub use metadata::ResponseMetadata;
pub use observer::{
    AttemptFinished, AttemptFuture, AttemptStarted, CallFinished, CallStarted, Completion, Observer, RetryScheduled,
    TracingObserver,
};
pub use pipeline::{RateLimit, RetryPolicy};
pub use preflight::{Check, CheckState, Preflight, PreflightReport};
pub use send::{ConfirmedBy, Sent};
pub use wait::Milestone;
