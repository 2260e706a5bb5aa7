//! Numbers, booleans and times, in every JSON type that servers write them in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Unexpected, Visitor};

/// A number, a boolean or a time, which servers may also write as text or as a number of another type.
///
/// Each function returns `None` if the value does not fit the type.
pub trait Scalar: Sized {
    /// What an error says was expected.
    const EXPECTED: &'static str;

    /// Converts a boolean.
    fn from_bool(_value: bool) -> Option<Self> {
        None
    }

    /// Converts an integer.
    fn from_integer(number: i128) -> Option<Self>;

    /// Converts a number with a fraction or an exponent.
    fn from_float(number: f64) -> Option<Self>;

    /// Converts text without surrounding whitespace.
    fn from_text(text: &str) -> Option<Self>;

    /// Whether text without surrounding whitespace stands for no value.
    fn is_none(text: &str) -> bool {
        text.is_empty()
    }
}

/// From here on, not every integer is a floating-point number.
const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53

/// The integer that a number such as `7.0` or `7e0` stands for.
#[expect(clippy::cast_possible_truncation, reason = "exact within the bounds")]
pub(super) fn integer(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

/// A finite number, as text.
fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

impl Scalar for u64 {
    const EXPECTED: &'static str = "an integer of at least 0, or a string that contains one";

    fn from_integer(number: i128) -> Option<Self> {
        number.try_into().ok()
    }

    fn from_float(number: f64) -> Option<Self> {
        integer(number)?.try_into().ok()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| Self::from_float(float(text)?))
    }
}

impl Scalar for f64 {
    const EXPECTED: &'static str = "a number, or a string that contains one";

    #[expect(clippy::cast_precision_loss, reason = "the nearest number is what JSON means")]
    fn from_integer(number: i128) -> Option<Self> {
        Some(number as Self)
    }

    fn from_float(number: f64) -> Option<Self> {
        Some(number)
    }

    fn from_text(text: &str) -> Option<Self> {
        float(text)
    }
}

impl Scalar for bool {
    const EXPECTED: &'static str = "true, false, 1 or 0";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }

    fn from_integer(number: i128) -> Option<Self> {
        match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn from_float(number: f64) -> Option<Self> {
        Self::from_integer(integer(number)?.into())
    }

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "0" => Some(false),
            "1" => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ => None,
        }
    }
}

/// Deserializes a scalar. `null` and text that stands for no value are the type's default.
///
/// # Errors
/// If the value does not fit the type: a fraction or a negative number for an integer, for instance.
pub fn scalar<'de, D: Deserializer<'de>, T: Scalar + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(optional_scalar(deserializer)?.unwrap_or_default())
}

/// Deserializes a scalar. `null` and text that stands for no value are an error.
///
/// # Errors
/// As [`scalar`].
pub fn required_scalar<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<T, D::Error> {
    let missing = || de::Error::invalid_value(Unexpected::Other("no value"), &T::EXPECTED);
    optional_scalar(deserializer)?.ok_or_else(missing)
}

/// Deserializes a scalar. `null` and text that stands for no value are `None`.
///
/// # Errors
/// As [`scalar`].
pub fn optional_scalar<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(ScalarVisitor(PhantomData))
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<T>, E> {
        fitting(T::from_bool(value), Unexpected::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Option<T>, E> {
        fitting(T::from_integer(number.into()), Unexpected::Unsigned(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Option<T>, E> {
        fitting(T::from_integer(number.into()), Unexpected::Signed(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Option<T>, E> {
        fitting(T::from_float(number), Unexpected::Float(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
        let trimmed = text.trim();
        if T::is_none(trimmed) {
            return Ok(None);
        }
        fitting(T::from_text(trimmed), Unexpected::Str(text))
    }
}

fn fitting<T: Scalar, E: de::Error>(value: Option<T>, found: Unexpected<'_>) -> Result<Option<T>, E> {
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(E::invalid_value(found, &T::EXPECTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scalar, optional_scalar};

    fn read<T: Scalar>(json: &str) -> Result<Option<T>, ()> {
        optional_scalar(&mut serde_json::Deserializer::from_str(json)).map_err(drop)
    }

    #[test]
    fn reads_an_integer_from_each_json_type() {
        for json in ["7", "7.0", "7e0", "70e-1", r#""7""#, r#"" 7 ""#, r#""7.0""#, r#""+7""#] {
            assert_eq!(read::<u64>(json), Ok(Some(7)), "{json}");
        }
        for json in ["null", r#""""#, r#"" ""#] {
            assert_eq!(read::<u64>(json), Ok(None), "{json}");
        }
        for json in ["7.5", "-7", r#""7.5""#, r#""-7""#, r#""seven""#, "1e300", r#""inf""#, "true", "[]", "{}"] {
            assert_eq!(read::<u64>(json), Err(()), "{json}");
        }
        assert_eq!(read::<u64>("18446744073709551615"), Ok(Some(u64::MAX)));
        assert_eq!(read::<u64>(r#""18446744073709551615""#), Ok(Some(u64::MAX)));
    }

    #[test]
    fn reads_a_number_with_a_fraction_from_each_json_type() {
        for (json, number) in [("0.5", 0.5), (r#""0.5""#, 0.5), ("2", 2.0), ("-2", -2.0), (r#""-2""#, -2.0)] {
            assert_eq!(read::<f64>(json), Ok(Some(number)), "{json}");
        }
        for json in [r#""NaN""#, r#""inf""#, r#""half""#, "false"] {
            assert_eq!(read::<f64>(json), Err(()), "{json}");
        }
    }

    #[test]
    fn reads_a_boolean_from_each_json_type() {
        for json in ["true", "1", "1.0", r#""1""#, r#""true""#, r#""True""#] {
            assert_eq!(read::<bool>(json), Ok(Some(true)), "{json}");
        }
        for json in ["false", "0", "0.0", r#""0""#, r#""false""#, r#""FALSE""#] {
            assert_eq!(read::<bool>(json), Ok(Some(false)), "{json}");
        }
        for json in ["2", "-1", "0.5", r#""maybe""#, "[]"] {
            assert_eq!(read::<bool>(json), Err(()), "{json}");
        }
    }
}
