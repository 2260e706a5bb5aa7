//! The sandbox's model: its state, and the rules by which the state changes. It is independent of HTTP, files and
//! tasks.

mod account;
mod accounts;
mod bounds;
mod clock_reading;
mod collections;
mod contacts;
mod deliveries;
mod dkim;
mod domains;
mod emails;
pub(crate) mod fields;
mod ids;
#[allow(dead_code, unused_imports, reason = "the collections move to it one by one")]
pub(crate) mod index;
pub mod lifecycle;
mod lists;
pub(crate) mod profile;
mod rules;
mod senders;
mod snapshot;
mod stable_hash;
mod state;
mod suppressions;
pub(crate) mod time;
mod tokens;
mod webhook_faults;
pub(crate) mod webhook_payload;
mod webhooks;

pub(crate) use account::{Account, Login};
pub(crate) use bounds::Bounds;
pub(crate) use clock_reading::ClockReading;
pub(crate) use collections::Object;
pub(crate) use contacts::{Contact, ContactStatus, Contacts};
pub use deliveries::DeliveryState;
pub(crate) use deliveries::TIMEOUT as DELIVERY_TIMEOUT;
pub(crate) use deliveries::{Attempt, Deliveries, Delivery, DeliveryError, OutgoingDelivery, ReplayOptions};
pub(crate) use dkim::DkimKey;
pub(crate) use domains::Domains;
pub(crate) use emails::{
    ChangedEmails, Counts as EmailCounts, Email, EmailSender, Emails, Event, Submission, fingerprint,
    read_version2 as read_version2_emails,
};
pub(crate) use fields::{Fields, compact};
pub(crate) use ids::Ids;
pub(crate) use lists::{List, ListStatus};
pub use profile::Profile;
pub(crate) use rules::{Rule, Rules};
pub(crate) use senders::{Confirmation, Sender};
pub(crate) use snapshot::{Line, Loading};
pub(crate) use state::State;
pub(crate) use suppressions::{Source, Suppression};
pub(crate) use time::Time;
pub(crate) use tokens::TokenPair;
pub use webhook_faults::WebhookFaults;
pub(crate) use webhooks::Webhook;
