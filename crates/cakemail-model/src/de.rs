//! Deserializers that tolerate missing fields, `null`, and alternative types.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod scalar;

pub use scalar::{Scalar, optional_scalar, required_scalar, scalar};

/// A value of an enum that is unknown to this version, preserved verbatim.
///
/// Only deserialization creates one. A caller cannot construct it, so code that compares with it does not break when a
/// later version turns the value into a variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unrecognized(Box<str>);

impl Unrecognized {
    #[doc(hidden)]
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value, verbatim.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// JSON of an unexpected shape, preserved verbatim.
///
/// `Debug` hides it, since it may contain a token.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unknown(Value);

impl Unknown {
    /// The JSON, verbatim.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unknown(…)")
    }
}

/// Deserializes `null` as the type's default.
///
/// # Errors
/// Those of the type.
pub fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Deserializes one item, a list of items, or `null`.
///
/// # Errors
/// Those of the items.
pub fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(Option::deserialize(deserializer)?.map(|value| match value {
        OneOrMany::Many(many) => many,
        OneOrMany::One(one) => vec![one],
    }))
}

/// Deserializes a string into a type that converts from `&str`, without an intermediate `String` if possible.
#[doc(hidden)]
pub fn word<'de, D: Deserializer<'de>, T: for<'a> From<&'a str>>(deserializer: D) -> Result<T, D::Error> {
    struct FromStrVisitor<T>(PhantomData<T>);
    impl<T: for<'a> From<&'a str>> Visitor<'_> for FromStrVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            Ok(T::from(text))
        }
    }
    deserializer.deserialize_str(FromStrVisitor(PhantomData))
}

/// Visits a string, or an integer as its decimal text: the API sends identifiers as either.
pub(crate) struct TextOrNumber;

impl Visitor<'_> for TextOrNumber {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an integer")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
        let integer = scalar::integer(number);
        integer.map(|integer| integer.to_string()).ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
    }
}

/// Deserializes a list and skips each `null` in it.
///
/// # Errors
/// Those of the items.
pub fn compact<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Compact::deserialize(deserializer).map(|list| list.items)
}

/// A list without the `null`s in it, and their number.
pub(crate) struct Compact<T> {
    pub(crate) items: Vec<T>,
    pub(crate) nulls: usize,
}

impl<T> Default for Compact<T> {
    fn default() -> Self {
        Self { items: Vec::new(), nulls: 0 }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Compact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CompactVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for CompactVisitor<T> {
            type Value = Compact<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Compact<T>, A::Error> {
                let mut list = Compact::default();
                while let Some(element) = elements.next_element::<Option<T>>()? {
                    match element {
                        Some(item) => list.items.push(item),
                        None => list.nulls += 1,
                    }
                }
                Ok(list)
            }

            fn visit_unit<E>(self) -> Result<Compact<T>, E> {
                Ok(Compact::default())
            }
        }
        deserializer.deserialize_any(CompactVisitor(PhantomData))
    }
}

/// JSON without the byte order mark that some servers and editors put before it.
pub fn without_bom(json: &[u8]) -> &[u8] {
    json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json)
}
