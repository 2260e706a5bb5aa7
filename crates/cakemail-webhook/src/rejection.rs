//! Why a delivery is not taken.

/// Why a delivery is not taken. It holds nothing of the body, the signature or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// There is no header of [`SIGNATURE_HEADERS`](crate::SIGNATURE_HEADERS).
    #[error("the signature is missing")]
    MissingSignature,
    /// The signature is no signature of this body by any key, or no base64.
    #[error("the signature is wrong")]
    WrongSignature,
    /// The body is signed, but no JSON object with an `event`.
    #[error("the body is not an event")]
    NotAnEvent,
    /// The event is dated earlier than the replay guard's window reaches.
    #[error("the event is too old")]
    TooOld,
    /// The body is larger than the receiver's limit.
    #[error("the body is too large")]
    TooLarge,
    /// The connection broke before the body was there.
    #[error("the body did not arrive whole")]
    Interrupted,
}

impl Rejection {
    /// The HTTP status to answer with: 400, 401 or 413.
    pub const fn status(self) -> u16 {
        match self {
            Self::MissingSignature | Self::WrongSignature => 401,
            Self::NotAnEvent | Self::TooOld | Self::Interrupted => 400,
            Self::TooLarge => 413,
        }
    }
}
