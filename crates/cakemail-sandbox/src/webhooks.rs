//! Sends events to the webhooks that want them.

pub(crate) mod attempt;
mod delivery;
pub(crate) mod dispatcher;

pub use delivery::{DeliveryAttempt, WebhookDelivery};
