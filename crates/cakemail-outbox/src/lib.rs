//! Durable sending: an email is enqueued in the application's own database transaction, and workers send it once, through
//! crashes, freezes, restarts and redeliveries.
//!
//! The row in the database is the truth. The [`state`] machine decides what may happen to it and does no I/O; a
//! [`Ledger`] stores it; a worker sends what is due.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod columns;
mod email;
mod error;
mod file;
mod insert;
mod ledger;
mod outbox;
pub mod payload;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub mod postgres;
mod rate;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[doc(hidden)]
pub mod sqlx;
pub mod state;
mod time;
#[cfg(feature = "webhook")]
mod webhook;
mod worker;

pub use email::OutboxEmail;
pub use error::{Error, Result};
pub use file::AttachedFile;
pub use insert::Insert;
pub use ledger::{Claimed, Completion, Counts, Enqueued, Filter, Ledger, OwnerLock, Rate, Tick, Ticked};
pub use outbox::Outbox;
pub use rate::SharedRate;
pub use state::{Delivery, Lane, OnMissing, Owner, Record};
pub use time::Time;
#[cfg(feature = "webhook")]
pub use webhook::WebhookStore;
pub use worker::{Worker, WorkerStats};
