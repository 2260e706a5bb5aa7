//! Times in the API's formats.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::de::{self, Scalar};

/// A time in UTC, to the second.
///
/// Deserializes from ISO 8601 and from the time since 1970 (integer, fraction or string): in seconds or, from
/// 100,000,000,000 on, in milliseconds. As seconds that number is a time in the year 5138; as milliseconds, one in 1973.
/// Text without an offset is UTC. In a response, an empty string and `0000-00-00 00:00:00` are no time.
///
/// Serializes as epoch seconds, the format of the API's queries. Displays as ISO 8601.
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

/// A number of this size or more counts milliseconds.
const FIRST_MILLISECOND: u64 = 100_000_000_000;

/// The time of a number that counts seconds or, if it is large, milliseconds since 1970.
const fn from_number(number: i64) -> Timestamp {
    if number.unsigned_abs() < FIRST_MILLISECOND { Timestamp(number) } else { Timestamp(number.div_euclid(1000)) }
}

impl Scalar for Timestamp {
    const EXPECTED: &'static str = "an ISO 8601 time, or the time since 1970 in seconds or milliseconds";

    fn from_integer(number: i128) -> Option<Self> {
        number.try_into().ok().map(from_number)
    }

    #[expect(clippy::cast_possible_truncation, reason = "exact within the bounds")]
    fn from_float(number: f64) -> Option<Self> {
        let whole = number.floor();
        (whole.abs() < 9.0e15).then(|| from_number(whole as i64))
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn is_none(text: &str) -> bool {
        text.is_empty() || text.starts_with("0000-00-00") // what MySQL has for no date
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
        if let Ok(number) = text.parse() {
            return Ok(from_number(number));
        }
        if let Ok(number) = text.parse() {
            return Self::from_float(number).ok_or(ParseTimestampError(()));
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
        de::required_scalar(deserializer)
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
            r#""1718452800.9""#,
            "1718452800000",
            "1718452800999.5",
            r#""1718452800000""#,
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
        assert_eq!(read("99999999999"), Some(99_999_999_999));
        assert_eq!(read("100000000000"), Some(100_000_000));
        assert_eq!(read("-100000000001"), Some(-100_000_001));
    }

    #[test]
    fn rejects_values_that_are_not_times() {
        for json in ["true", "1e300", "18446744073709551615", r#""soon""#, r#""""#, "null", "{}"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn extreme_times_display_and_times_before_the_year_5138_round_trip() {
        for second in [i64::MIN, -1, 0, i64::MAX] {
            assert!(!Timestamp::from_second(second).to_string().is_empty());
        }
        for second in [-99_999_999_999, -1, 0, 99_999_999_999] {
            let json = serde_json::to_string(&Timestamp::from_second(second)).unwrap();
            assert_eq!(read(&json), Some(second));
        }
    }

    proptest! {
        #[test]
        fn iso_8601_and_epoch_seconds_agree(second in -62_135_596_800_i64..100_000_000_000) {
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
