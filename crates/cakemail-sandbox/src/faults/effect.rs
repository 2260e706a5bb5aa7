//! What a fault does.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a fault does. How each looks from outside:
///
/// | effect | the client sees |
/// | --- | --- |
/// | `Reset` | the connection reset |
/// | `Close` | the connection closed, without an answer |
/// | `Stall` | nothing, until it gives up |
/// | `Truncate` | the answer's head and half of its body, then the connection closed |
/// | `Drip` | the whole answer a byte at a time, then the connection closed |
/// | `Garbage` | bytes that are not HTTP, then the connection closed |
/// | `EndlessHeaders` | a status line, and headers until it gives up |
/// | `NotJson` | the right status and content type, and a body that is not JSON |
/// | `BadGateway` | 502 with an HTML page, as a proxy words it |
/// | `Status` | this status with a JSON error: 500, 503, 408, … |
/// | `Unauthorized` | 401 |
/// | `TooManyRequests` | 429 |
/// | `ExpireToken` | the request's access token ends there and then; a request that is in time succeeds |
/// | `SpendRefreshTokens` | all refresh tokens end, as if another process had used and rotated them |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// Resets the connection (RST).
    Reset,
    /// Closes the connection (FIN) without an answer.
    Close,
    /// Says nothing more, and keeps the connection until the client ends it.
    Stall,
    /// Closes the connection in the midst of the answer's body. Always [`Phase::Answering`](super::Phase::Answering).
    Truncate,
    /// Writes the answer one byte at a time, with this much of the sandbox's time between two. Always
    /// [`Phase::Answering`](super::Phase::Answering).
    #[serde(rename = "drip_ms", with = "millis")]
    Drip(Duration),
    /// Writes what is not HTTP.
    Garbage,
    /// Writes headers for ever.
    EndlessHeaders,
    /// Answers with a body that is not JSON.
    NotJson,
    /// Answers 502 with an HTML page.
    BadGateway,
    /// Answers this status with a JSON error.
    Status(u16),
    /// Answers 401.
    Unauthorized,
    /// Answers 429, with or without `Retry-After`.
    TooManyRequests(RetryAfter),
    /// Ends the request's access token, and lets the request go on: before the handler, to a 401; afterwards, to its answer.
    ExpireToken,
    /// Ends all refresh tokens, and lets the request go on.
    SpendRefreshTokens,
}

/// The header `Retry-After` of a 429.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// There is none.
    Absent,
    /// So many seconds.
    Seconds(u64),
    /// The date that is so many seconds from now, by the sandbox's clock.
    Date(u64),
    /// These words, however absurd.
    Text(String),
}

impl Effect {
    /// Whether the request goes on as if nothing had happened.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::ExpireToken | Self::SpendRefreshTokens)
    }

    /// Whether it is about an answer that is there.
    pub(super) fn needs_answer(&self) -> bool {
        matches!(self, Self::Truncate | Self::Drip(_))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Stall => "stall",
            Self::Truncate => "truncate",
            Self::Drip(every) => return write!(f, "drip every {every:?}"),
            Self::Garbage => "garbage",
            Self::EndlessHeaders => "endless headers",
            Self::NotJson => "not JSON",
            Self::BadGateway => "502 in HTML",
            Self::Status(status) => return write!(f, "{status}"),
            Self::Unauthorized => "401",
            Self::TooManyRequests(RetryAfter::Absent) => "429",
            Self::TooManyRequests(RetryAfter::Seconds(seconds)) => return write!(f, "429, Retry-After {seconds}"),
            Self::TooManyRequests(RetryAfter::Date(seconds)) => {
                return write!(f, "429, Retry-After a date in {seconds} s");
            }
            Self::TooManyRequests(RetryAfter::Text(text)) => return write!(f, "429, Retry-After {text:?}"),
            Self::ExpireToken => "the access token expires",
            Self::SpendRefreshTokens => "all refresh tokens are spent",
        })
    }
}

/// Durations as whole milliseconds.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        u64::try_from(value.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
