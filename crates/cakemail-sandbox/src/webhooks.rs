//! Delivers events to webhooks.

mod attempt;
mod delivery;
pub(crate) mod dispatcher;

pub use delivery::{DeliveryAttempt, WebhookDelivery};
