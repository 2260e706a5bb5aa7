//! The reasons not to process a delivery.

use std::time::Duration;

use crate::BoxError;

/// When the sender should try again, where the reason may pass.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The reason that a delivery is not processed, and the [`status`](Self::status) to respond with.
///
/// Its text contains nothing of the body, the signature or the key, and can be the body of the response. The sources of
/// `Store` and `Failed` are for your logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The delivery was processed before. There is nothing to do.
    #[error("the delivery was processed before")]
    Duplicate,
    /// The same delivery is being processed. If that fails, the sender's next attempt is handed over.
    #[error("the delivery is being processed")]
    InProgress,
    /// No [`SignatureHeader`](crate::SignatureHeader) is present.
    #[error("the signature is missing")]
    MissingSignature,
    /// No signature is base64 and matches the body under one of the keys.
    #[error("the signature is invalid")]
    InvalidSignature,
    /// The signature is valid, but the body is not a JSON object with an `event`.
    #[error("the body is not an event")]
    InvalidEvent,
    /// The event's date is further in the past than the receiver's window.
    #[error("the event is too old: its date was {} s ago", .age.as_secs())]
    TooOld {
        /// How long ago its date was.
        age: Duration,
    },
    /// The event's date is further in the future than the receiver's window: a clock is wrong.
    #[error("the event is from the future: its date is in {} s", .ahead.as_secs())]
    FromTheFuture {
        /// How far ahead its date is.
        ahead: Duration,
    },
    /// The body is larger than the receiver's limit.
    #[error("the body is too large")]
    TooLarge,
    /// The connection was lost before the body was complete.
    #[error("the body is incomplete")]
    IncompleteBody,
    /// The store failed, so that nobody knows whether the delivery is new.
    #[error("the store of deliveries failed")]
    Store(#[source] BoxError),
    /// The application could not process the event: see [`failed`](Self::failed).
    #[error("the event could not be processed")]
    Failed(#[source] BoxError),
}

impl Rejection {
    /// The application's own error, as the reason that it could not process an event.
    pub fn failed(error: impl Into<BoxError>) -> Self {
        Self::Failed(error.into())
    }

    /// The HTTP status to respond with.
    ///
    /// It is 200 for a duplicate, so that the sender stops. It is 503 where the reason may pass: the delivery is in
    /// progress, the store failed, or a clock is wrong; add a `Retry-After` of [`retry_after`](Self::retry_after). It is 500
    /// if the application failed, and 400, 401 or 413 if the delivery is invalid.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Duplicate => 200,
            Self::InvalidEvent | Self::TooOld { .. } | Self::IncompleteBody => 400,
            Self::MissingSignature | Self::InvalidSignature => 401,
            Self::TooLarge => 413,
            Self::Failed(_) => 500,
            Self::InProgress | Self::FromTheFuture { .. } | Self::Store(_) => 503,
        }
    }

    /// When the sender should try again, for a 503.
    pub const fn retry_after(&self) -> Option<Duration> {
        if self.status() == 503 { Some(RETRY_AFTER) } else { None }
    }
}
