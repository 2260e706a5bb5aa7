//! Deliveries in the public API.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::domain::{Attempt, Delivery, DeliveryState};

/// The delivery of an event to a webhook, as [`Sandbox::deliveries`](crate::Sandbox::deliveries) returns it.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Its id.
    pub id: String,
    /// The webhook's id.
    pub webhook_id: String,
    /// The event, such as `Email.Delivered`.
    pub event: String,
    /// The id of the event's email.
    pub email_id: String,
    /// The URL that is called.
    pub url: String,
    /// Its state.
    pub state: DeliveryState,
    /// When the next attempt is due, or when the last one ended.
    pub due: SystemTime,
    /// The attempts, oldest first. A refused delivery has the reason here.
    pub attempts: Vec<DeliveryAttempt>,
    /// Whether its body was changed after it was signed.
    pub tampered: bool,
    /// The headers that it is sent with.
    pub headers: Vec<(String, String)>,
    /// The body that it is sent with.
    pub body: String,
}

/// An attempt to deliver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// When it ended, by the sandbox's clock.
    pub time: SystemTime,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
    /// How long it took, in real time.
    pub took: Duration,
}

impl From<&Delivery> for WebhookDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            webhook_id: delivery.webhook_id.clone(),
            event: delivery.event.clone(),
            email_id: delivery.email_id.to_string(),
            url: delivery.url.clone(),
            state: delivery.state,
            due: delivery.due.system(),
            attempts: delivery.attempts.iter().map(DeliveryAttempt::from).collect(),
            tampered: delivery.tampered,
            headers: delivery.headers().into_iter().map(|(name, value)| (name.into(), value)).collect(),
            body: delivery.body().into_owned(),
        }
    }
}

impl From<&Attempt> for DeliveryAttempt {
    fn from(attempt: &Attempt) -> Self {
        Self {
            time: attempt.time.system(),
            status: attempt.status,
            error: attempt.error.clone(),
            took: Duration::try_from_secs_f64(attempt.millis / 1000.0).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookDelivery")
            .field("event", &self.event)
            .field("state", &self.state)
            .field("attempts", &self.attempts.len())
            .finish_non_exhaustive()
    }
}
