//! The effects of faults.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The effect of a fault on the client:
///
/// | effect | the client sees |
/// | --- | --- |
/// | `Reset` | the connection reset |
/// | `Close` | the connection closed, without a response |
/// | `Stall` | nothing, until it times out |
/// | `Truncate` | the head and half of the body of the response, then the connection closed |
/// | `Drip` | the whole response a byte at a time, then the connection closed |
/// | `Garbage` | bytes that are not HTTP, then the connection closed |
/// | `EndlessHeaders` | a status line and endless headers |
/// | `NotJson` | the correct status and content type, and a body that is not JSON |
/// | `BadGateway` | 502 with an HTML page, like that of a proxy |
/// | `Status` | this status with a JSON error: 500, 503, 408, … |
/// | `Unauthorized` | 401 |
/// | `TooManyRequests` | 429 |
/// | `ExpireToken` | the request's access token is revoked; a request that was authenticated before succeeds |
/// | `SpendRefreshTokens` | all refresh tokens of the request's account are revoked, as if another process had used and rotated them |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// Resets the connection (RST).
    Reset,
    /// Closes the connection (FIN) without a response.
    Close,
    /// Sends nothing more, and keeps the connection until the client closes it.
    Stall,
    /// Closes the connection in the middle of the response body. Always [`Phase::Answering`](super::Phase::Answering).
    Truncate,
    /// Writes the response one byte at a time, with this interval of the sandbox's clock between two bytes. Always
    /// [`Phase::Answering`](super::Phase::Answering).
    #[serde(rename = "drip_ms", with = "millis")]
    Drip(Duration),
    /// Writes bytes that are not HTTP.
    Garbage,
    /// Writes endless headers.
    EndlessHeaders,
    /// Responds with a body that is not JSON.
    NotJson,
    /// Responds with 502 and an HTML page.
    BadGateway,
    /// Responds with this status and a JSON error.
    Status(u16),
    /// Responds with 401.
    Unauthorized,
    /// Responds with 429, with or without `Retry-After`.
    TooManyRequests(RetryAfter),
    /// Revokes the request's access token, and lets the request continue. Before the handler, the result is a 401;
    /// after it, the normal response.
    ExpireToken,
    /// Revokes all refresh tokens, and lets the request continue.
    SpendRefreshTokens,
}

/// The header `Retry-After` of a 429.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// No header.
    Absent,
    /// This many seconds.
    Seconds(u64),
    /// The date this many seconds from now, by the sandbox's clock.
    Date(u64),
    /// This text, valid or not.
    Text(String),
}

impl Effect {
    /// Whether the request continues.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::ExpireToken | Self::SpendRefreshTokens)
    }

    /// Whether it changes an existing response.
    pub(super) fn needs_response(&self) -> bool {
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
