//! Times in the API's formats.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time in UTC, to the second.
///
/// Deserializes from epoch seconds (integer, fraction or string) and from ISO 8601. Serializes as epoch seconds, the format
/// of the API's queries. Displays as ISO 8601.
///
/// ```
/// use cakemail_model::Timestamp;
///
/// let time: Timestamp = "2026-11-23T17:00:00Z".parse()?;
/// assert_eq!(time.as_second(), 1_795_453_200);
/// assert_eq!(serde_json::from_str::<Timestamp>("1795453200").unwrap(), time);
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
    /// The time this many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_second(second: i64) -> Self {
        Self(second)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// The current time of the system's clock.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// This time minus `duration`, in whole seconds, or the earliest `Timestamp`.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(duration.as_secs()))
    }

    /// This time plus `duration`, in whole seconds, or the latest `Timestamp`.
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
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(time.as_second()));
        }
        // A time without an offset is UTC.
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|civil| jiff::tz::Offset::UTC.to_timestamp(civil).ok())
            .map(|time| Self(time.as_second()))
            .ok_or(ParseTimestampError(()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(time) => time.fmt(f),
            Err(_) => write!(f, "{}", self.0), // outside of the years that ISO 8601 has digits for
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
        struct TimestampVisitor;
        impl Visitor<'_> for TimestampVisitor {
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
        deserializer.deserialize_any(TimestampVisitor)
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
    fn parses_each_format() {
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
    fn rejects_values_that_are_not_times() {
        for json in ["true", "1e300", "18446744073709551615", r#""soon""#, r#""""#, "null", "{}"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn extreme_times_round_trip() {
        for second in [i64::MIN, -1, 0, i64::MAX] {
            let time = Timestamp::from_second(second);
            assert!(!time.to_string().is_empty());
            assert_eq!(read(&serde_json::to_string(&time).unwrap()), Some(second));
        }
    }

    proptest! {
        #[test]
        fn iso_8601_and_epoch_seconds_agree(second in -62_135_596_800_i64..253_402_300_800) {
            let time = Timestamp::from_second(second);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
            prop_assert_eq!(second.to_string().parse(), Ok(time));
        }

        #[test]
        fn never_panics_on_any_text(text in any::<String>()) {
            let _ = text.parse::<Timestamp>();
        }
    }
}
