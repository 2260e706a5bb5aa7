//! A moment, however it is spelt.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, to the second, in UTC.
///
/// Reads epoch seconds (whole, fractional, or as text) and ISO 8601; writes epoch seconds, as the
/// API's queries want. Displays as ISO 8601.
///
/// ```
/// use cakemail_model::Timestamp;
///
/// let moment: Timestamp = "2026-11-23T17:00:00Z".parse()?;
/// assert_eq!(moment.as_second(), 1_795_453_200);
/// assert_eq!(serde_json::from_str::<Timestamp>("1795453200").unwrap(), moment);
/// # Ok::<(), cakemail_model::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The text is neither epoch seconds nor ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTimestampError(());

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time: give epoch seconds or ISO 8601, such as 2026-11-23T17:00:00Z")
    }
}

impl std::error::Error for ParseTimestampError {}

impl Timestamp {
    /// The moment this many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_second(second: i64) -> Self {
        Self(second)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// The present moment, by the system's clock.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// This moment less `duration`, or the earliest there is.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(duration.as_secs()))
    }

    /// This moment plus `duration`, or the latest there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(duration.as_secs()))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(0).saturating_add(after),
            Err(before) => Self(0).saturating_sub(before.duration()),
        }
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(second) = text.parse() {
            return Ok(Self(second));
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment.as_second()));
        }
        // Without an offset: the API's times are UTC.
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|civil| jiff::tz::Offset::UTC.to_timestamp(civil).ok())
            .map(|moment| Self(moment.as_second()))
            .ok_or(ParseTimestampError(()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{}", self.0), // beyond the year 9999
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;
        impl Visitor<'_> for Moment {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("epoch seconds or an ISO 8601 time")
            }

            fn visit_i64<E: de::Error>(self, second: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(second))
            }

            fn visit_u64<E: de::Error>(self, second: u64) -> Result<Timestamp, E> {
                i64::try_from(second)
                    .map(Timestamp)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(second), &self))
            }

            fn visit_f64<E: de::Error>(self, second: f64) -> Result<Timestamp, E> {
                let whole = second.floor();
                if whole.abs() < 9.0e15 {
                    #[allow(clippy::cast_possible_truncation)] // bounded on the line above
                    return Ok(Timestamp(whole as i64));
                }
                Err(E::invalid_value(de::Unexpected::Float(second), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Moment)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Timestamp;

    fn read(json: &str) -> Option<i64> {
        serde_json::from_str::<Timestamp>(json).ok().map(Timestamp::as_second)
    }

    #[test]
    fn reads_every_spelling() {
        let noon = Some(1_718_452_800);
        for json in [
            "1718452800",
            "1718452800.9",
            r#""1718452800""#,
            r#""2024-06-15T12:00:00Z""#,
            r#""2024-06-15T12:00:00.123456Z""#,
            r#""2024-06-15T14:00:00+02:00""#,
            r#""2024-06-15T12:00:00""#,
            r#""2024-06-15 12:00:00""#,
            r#""2024-06-15T12:00:00+00:00""#,
        ] {
            assert_eq!(read(json), noon, "{json}");
        }
        assert_eq!(read(r#""2024-06-15""#), Some(1_718_409_600));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for json in ["true", "1e300", "18446744073709551615", r#""soon""#, r#""""#, "null", "{}"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        for second in [i64::MIN, -1, 0, i64::MAX] {
            let moment = Timestamp::from_second(second);
            assert!(!moment.to_string().is_empty());
            assert_eq!(read(&serde_json::to_string(&moment).unwrap()), Some(second));
        }
    }

    proptest! {
        #[test]
        fn iso_and_epoch_agree(second in -62_135_596_800_i64..253_402_300_800) {
            let moment = Timestamp::from_second(second);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert_eq!(second.to_string().parse(), Ok(moment));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = text.parse::<Timestamp>();
        }
    }
}
