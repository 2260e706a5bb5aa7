//! The reasons to reject a delivery.

/// The reason that a delivery is rejected. It contains nothing of the body, the signature or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No [`SignatureHeader`](crate::SignatureHeader) is present.
    #[error("the signature is missing")]
    MissingSignature,
    /// The signature is not base64, or does not match the body under any key.
    #[error("the signature is invalid")]
    InvalidSignature,
    /// The signature is valid, but the body is not a JSON object with an `event`.
    #[error("the body is not an event")]
    InvalidEvent,
    /// The event is older than the replay guard's window.
    #[error("the event is too old")]
    TooOld,
    /// The body is larger than the receiver's limit.
    #[error("the body is too large")]
    TooLarge,
    /// The connection was lost before the body was complete.
    #[error("the body is incomplete")]
    IncompleteBody,
}

impl Rejection {
    /// The HTTP status to respond with: 400, 401 or 413.
    pub const fn status(self) -> u16 {
        match self {
            Self::MissingSignature | Self::InvalidSignature => 401,
            Self::InvalidEvent | Self::TooOld | Self::IncompleteBody => 400,
            Self::TooLarge => 413,
        }
    }
}
