//! Delivers events to webhooks.

mod attempt;
mod delivery;
pub(crate) mod dispatcher;

pub(crate) use attempt::Receivers;
pub use delivery::{DeliveryAttempt, WebhookDelivery};
