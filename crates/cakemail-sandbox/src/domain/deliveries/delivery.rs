//! A delivery of an event to a webhook, and how it ends.

use std::borrow::Cow;
use std::time::Duration;

use cakemail_webhook::SignatureHeader;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Turn;
use crate::domain::index::{Key, Row};
use crate::domain::time::Time;
use crate::domain::webhook_payload as payload;

/// The delays in seconds before each retry. A delivery fails after the last one.
pub(super) const BACKOFF: [u64; 5] = [10, 60, 300, 1800, 7200];

/// About how much memory a delivery takes besides its body, in bytes.
const OVERHEAD: usize = 768;

/// An event for a webhook.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    pub(crate) email_id: Uuid,
    pub(crate) url: String,
    pub(crate) planned: Time,
    pub(crate) state: DeliveryState,
    /// When the next attempt is due, or when the last one ended.
    pub(crate) due: Time,
    pub(super) order: i64,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) tampered: bool,
    pub(super) header: SignatureHeader,
    pub(super) signature: String,
    /// The body that was signed.
    pub(super) body: String,
}

/// The state of a delivery to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// An attempt is due, or a retry.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// The last attempt failed.
    Failed,
    /// The sandbox refuses to call this URL.
    Refused,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) time: Time,
    /// The status of the response, if there was one.
    pub(crate) status: Option<u16>,
    /// Why there was no response.
    pub(crate) error: Option<String>,
    pub(crate) millis: f64,
}

/// Why an attempt has no response.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryError {
    /// The sandbox refuses to call this URL. There is no retry.
    Refused(String),
    /// The receiver did not respond.
    NoResponse(String),
}

/// A delivery that is to be sent now.
pub(crate) struct OutgoingDelivery {
    pub(crate) account_id: i64,
    pub(crate) id: Uuid,
    /// When the receiver times out, by the sandbox's clock.
    pub(crate) deadline: Time,
    pub(crate) url: String,
    pub(crate) archived: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Row for Delivery {
    const TERMS: &'static [&'static str] = &["id", "webhook_id", "email_id"];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "id" => Key::Id(self.id),
            "webhook_id" => Key::Text(&self.webhook_id),
            "email_id" => Key::Id(self.email_id),
            _ => Key::None,
        }
    }
}

impl Delivery {
    pub(super) fn turn(&self) -> Turn {
        (self.due, self.order)
    }

    pub(super) fn cost(&self) -> usize {
        self.body.len() + OVERHEAD
    }

    /// The headers that it is sent with, apart from those that HTTP itself needs.
    pub(crate) fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("content-type", "application/json".into()),
            ("user-agent", concat!("cakemail-sandbox/", env!("CARGO_PKG_VERSION")).into()),
            (self.header.name(), self.signature.clone()),
        ]
    }

    /// The body that is sent.
    pub(crate) fn body(&self) -> Cow<'_, str> {
        if self.tampered { payload::tampered(&self.body).into() } else { self.body.as_str().into() }
    }

    pub(super) fn record_attempt(&mut self, result: Result<u16, DeliveryError>, now: Time, millis: f64) {
        self.due = now;
        self.state = match &result {
            Ok(200..300) => DeliveryState::Delivered,
            Err(DeliveryError::Refused(_)) => DeliveryState::Refused,
            _ => match BACKOFF.get(self.attempts.len()) {
                Some(delay) => {
                    self.due = now.plus(Duration::from_secs(*delay));
                    DeliveryState::Pending
                }
                None => DeliveryState::Failed,
            },
        };
        let (status, error) = match result {
            Ok(status) => (Some(status), None),
            Err(DeliveryError::Refused(error) | DeliveryError::NoResponse(error)) => (None, Some(error)),
        };
        self.attempts.push(Attempt { time: now, status, error, millis });
    }
}
