//! The tag filter of logs, reports and tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// A filter by tags or providers.
///
/// A single tag is sent as plain text, as in the guide. Other filters are sent as the API's JSON query.
///
/// ```
/// use cakemail_model::TagFilter;
///
/// assert_eq!(TagFilter::from("welcome").to_string(), "welcome");
/// let either = TagFilter::any(["welcome", "reset"]).and(TagFilter::from("test").not());
/// assert_eq!(
///     either.to_string(),
///     r#"{"and":[{"or":[{"is":"welcome"},{"is":"reset"}]},{"not":{"is":"test"}}]}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagFilter {
    /// Has this tag.
    Is(String),
    /// Does not match the filter.
    Not(Box<TagFilter>),
    /// Matches all filters.
    And(Vec<TagFilter>),
    /// Matches at least one filter.
    Or(Vec<TagFilter>),
}

/// The text is not a tag filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTagFilterError(());

impl fmt::Display for ParseTagFilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"not a tag filter: give a tag, or a query of "is", "not", "and" and "or""#)
    }
}

impl std::error::Error for ParseTagFilterError {}

impl TagFilter {
    /// Matches at least one of these.
    pub fn any<T: Into<Self>>(filters: impl IntoIterator<Item = T>) -> Self {
        Self::Or(filters.into_iter().map(Into::into).collect())
    }

    /// Matches all of these.
    pub fn all<T: Into<Self>>(filters: impl IntoIterator<Item = T>) -> Self {
        Self::And(filters.into_iter().map(Into::into).collect())
    }

    /// Matches this and the other filter.
    #[must_use]
    pub fn and(self, other: impl Into<Self>) -> Self {
        match self {
            Self::And(mut filters) => {
                filters.push(other.into());
                Self::And(filters)
            }
            first => Self::And(vec![first, other.into()]),
        }
    }

    /// Matches this or the other filter.
    #[must_use]
    pub fn or(self, other: impl Into<Self>) -> Self {
        match self {
            Self::Or(mut filters) => {
                filters.push(other.into());
                Self::Or(filters)
            }
            first => Self::Or(vec![first, other.into()]),
        }
    }

    /// Matches if this does not.
    #[must_use]
    #[allow(clippy::should_implement_trait)] // a keyword of the query, not an operator
    pub fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether an email with these tags matches.
    pub fn matches(&self, tags: &[impl AsRef<str>]) -> bool {
        match self {
            Self::Is(tag) => tags.iter().any(|other| other.as_ref() == tag),
            Self::Not(filter) => !filter.matches(tags),
            Self::And(filters) => filters.iter().all(|filter| filter.matches(tags)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(tags)),
        }
    }

    fn to_query(&self) -> Value {
        let list = |filters: &[Self]| filters.iter().map(Self::to_query).collect::<Value>();
        match self {
            Self::Is(tag) => json!({ "is": tag }),
            Self::Not(filter) => json!({ "not": filter.to_query() }),
            Self::And(filters) => json!({ "and": list(filters) }),
            Self::Or(filters) => json!({ "or": list(filters) }),
        }
    }

    /// Reads what the API takes: `and` and `or` an object or a list, `not` and `is` an object or a
    /// string.
    fn from_query(query: &Value) -> Option<Self> {
        if let Value::String(tag) = query {
            return Some(Self::Is(tag.clone()));
        }
        let fields = query.as_object().filter(|fields| fields.len() == 1)?;
        let (word, value) = fields.iter().next()?;
        let list = || match value {
            Value::Array(filters) => filters.iter().map(Self::from_query).collect::<Option<Vec<_>>>(),
            one => Some(vec![Self::from_query(one)?]),
        };
        match word.as_str() {
            "is" => Self::from_query(value),
            "not" => Some(Self::from_query(value)?.not()),
            "and" => list().map(Self::And),
            "or" => list().map(Self::Or),
            _ => None,
        }
    }
}

impl From<&str> for TagFilter {
    /// A filter for this tag.
    fn from(tag: &str) -> Self {
        Self::Is(tag.to_owned())
    }
}

impl From<String> for TagFilter {
    /// A filter for this tag.
    fn from(tag: String) -> Self {
        Self::Is(tag)
    }
}

impl fmt::Display for TagFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A tag that starts with `{` would be parsed as a query.
            Self::Is(tag) if !tag.trim_start().starts_with('{') => f.write_str(tag),
            filter => write!(f, "{}", filter.to_query()),
        }
    }
}

impl FromStr for TagFilter {
    type Err = ParseTagFilterError;

    /// Parses a plain tag or the JSON query.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self::Is(text.to_owned()));
        }
        let query = serde_json::from_str(text).map_err(|_| ParseTagFilterError(()))?;
        Self::from_query(&query).ok_or(ParseTagFilterError(()))
    }
}

impl Serialize for TagFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TagFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TagFilter;

    fn filters() -> impl Strategy<Value = TagFilter> {
        let tag = prop_oneof!["[a-zA-Z0-9_-]{1,12}", any::<String>()].prop_map(TagFilter::Is);
        tag.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(TagFilter::not),
                prop::collection::vec(inner.clone(), 0..4).prop_map(TagFilter::And),
                prop::collection::vec(inner, 0..4).prop_map(TagFilter::Or),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_filter_round_trips(filter in filters()) {
            prop_assert_eq!(filter.to_string().parse(), Ok(filter));
        }

        #[test]
        fn never_panics_on_any_text(text in any::<String>()) {
            let _ = text.parse::<TagFilter>();
        }

        #[test]
        fn not_inverts_the_match(filter in filters(), tags in prop::collection::vec("[a-c]", 0..3)) {
            prop_assert_ne!(filter.matches(&tags), filter.clone().not().matches(&tags));
        }
    }

    #[test]
    fn accepts_objects_in_place_of_lists() {
        let filter: TagFilter = r#"{"and":{"or":["a",{"is":{"is":"b"}}]}}"#.parse().unwrap();
        assert!(filter.matches(&["b"]) && !filter.matches(&["c"]));
    }

    #[test]
    fn rejects_texts_that_are_not_filters() {
        for text in ["{", r#"{"xor":["a"]}"#, r#"{"is":1}"#, r#"{"is":"a","not":"b"}"#, "{}"] {
            assert!(text.parse::<TagFilter>().is_err(), "{text}");
        }
    }
}
