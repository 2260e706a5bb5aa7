//! The sandbox's model: what it remembers, and the rules by which that changes. Nothing here knows HTTP, files or tasks.

mod account;
mod contacts;
mod deliveries;
mod emails;
mod ids;
pub mod lifecycle;
mod lists;
mod pairs;
pub(crate) mod profile;
mod rules;
mod state;
mod suppressions;
pub(crate) mod time;
mod tokens;
mod webhook_faults;
pub(crate) mod webhook_payload;

pub(crate) use account::{Account, Confirmation, DkimKey, Domains, Sender, Webhook};
pub(crate) use contacts::{Bounce, Contact, Contacts, Standing};
#[cfg(test)]
pub(crate) use deliveries::BACKOFF;
pub use deliveries::DeliveryState;
pub(crate) use deliveries::{Again, Attempt, Deliveries, Delivery, Letter};
pub(crate) use emails::{Email, Emails, Event, fingerprint};
pub(crate) use ids::Ids;
pub(crate) use lists::{List, Status};
pub use profile::Profile;
pub(crate) use rules::{Rule, Rules};
pub(crate) use state::{Bounds, State};
pub(crate) use suppressions::{Source, Suppressions};
pub(crate) use time::Time;
pub(crate) use tokens::{Pair, Tokens};
pub use webhook_faults::{Dialect, SignatureHeader, WebhookFaults};
