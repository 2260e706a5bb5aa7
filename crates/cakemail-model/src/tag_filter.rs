//! The tag filter of logs, reports and tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::Redacted;

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
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for TagFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) => f.debug_tuple("Is").field(&Redacted(text)).finish(),
            Self::Not(filter) => f.debug_tuple("Not").field(filter).finish(),
            Self::And(filters) => f.debug_tuple("And").field(filters).finish(),
            Self::Or(filters) => f.debug_tuple("Or").field(filters).finish(),
        }
    }
}

/// How many filters inside each other are parsed. Each level is up to two levels of JSON, and JSON is read up to 127.
const MAX_DEPTH: usize = 50;

/// The text is not a tag filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTagFilterError(String);

impl fmt::Display for ParseTagFilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"not a tag filter: {}; give a tag, {{"and":[…]}}, {{"or":[…]}}, {{"not":…}} or {{"is":"tag"}}"#,
            self.0
        )
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
        self.matches_with(&|tag| tags.iter().any(|other| other.as_ref() == tag))
    }

    /// Evaluates the filter: `has` says whether a tag (or provider) is present.
    pub fn matches_with(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Is(tag) => has(tag),
            Self::Not(filter) => !filter.matches_with(has),
            Self::And(filters) => filters.iter().all(|filter| filter.matches_with(has)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches_with(has)),
        }
    }

    /// The number of filters inside each other.
    fn depth(&self) -> usize {
        1 + match self {
            Self::Is(_) => 0,
            Self::Not(filter) => filter.depth(),
            Self::And(filters) | Self::Or(filters) => filters.iter().map(Self::depth).max().unwrap_or(0),
        }
    }

    /// The filter as the API's JSON query.
    pub fn to_json(&self) -> Value {
        let list = |filters: &[Self]| filters.iter().map(Self::to_json).collect::<Value>();
        match self {
            Self::Is(tag) => json!({ "is": tag }),
            Self::Not(filter) => json!({ "not": filter.to_json() }),
            Self::And(filters) => json!({ "and": list(filters) }),
            Self::Or(filters) => json!({ "or": list(filters) }),
        }
    }

    /// Parses a tag, or an object whose conditions must all match.
    fn from_json(query: &Value) -> Result<Self, ParseTagFilterError> {
        let fields = match query {
            Value::String(tag) => return Ok(Self::Is(tag.clone())),
            Value::Object(fields) if !fields.is_empty() => fields,
            _ => return Err(ParseTagFilterError(format!("{query} is not a condition"))),
        };
        let mut conditions = fields.iter().map(Self::condition).collect::<Result<Vec<_>, _>>()?;
        if conditions.len() == 1 { Ok(conditions.remove(0)) } else { Ok(Self::And(conditions)) }
    }

    fn condition((keyword, value): (&String, &Value)) -> Result<Self, ParseTagFilterError> {
        match keyword.as_str() {
            "is" => Self::from_json(value),
            "not" => Ok(Self::from_json(value)?.not()),
            "and" => Ok(Self::And(Self::list(value)?)),
            "or" => Ok(Self::Or(Self::list(value)?)),
            _ => Err(ParseTagFilterError(format!("{keyword:?} is not a keyword"))),
        }
    }

    /// Parses the operands of `and` and `or`: a list, or an object with one operand for each field.
    fn list(value: &Value) -> Result<Vec<Self>, ParseTagFilterError> {
        match value {
            Value::Array(items) => items.iter().map(Self::from_json).collect(),
            Value::Object(fields) => fields.iter().map(Self::condition).collect(),
            _ => Err(ParseTagFilterError("`and` and `or` need a list or an object".into())),
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
            filter => write!(f, "{}", filter.to_json()),
        }
    }
}

impl FromStr for TagFilter {
    type Err = ParseTagFilterError;

    /// Parses a plain tag or the JSON query, of at most 50 levels.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self::Is(text.to_owned()));
        }
        let query =
            serde_json::from_str(text).map_err(|error| ParseTagFilterError(format!("it is not JSON: {error}")))?;
        let filter = Self::from_json(&query)?;
        match filter.depth() {
            ..=MAX_DEPTH => Ok(filter),
            depth => Err(ParseTagFilterError(format!("it has {depth} levels, of at most {MAX_DEPTH}"))),
        }
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
    fn matches_tags_by_is_not_and_or() {
        for (filter, tags, matches) in [
            ("a", &["a", "b"][..], true),
            ("a", &["b"], false),
            (r#"{"is":"a"}"#, &["a"], true),
            (r#"{"is":{"is":"a"}}"#, &["a"], true),
            (r#"{"not":"a"}"#, &["b"], true),
            (r#"{"not":{"is":"a"}}"#, &["a"], false),
            (r#"{"and":["a",{"or":["b",{"not":"c"}]}]}"#, &["a"], true),
            (r#"{"and":["a",{"or":["b",{"not":"c"}]}]}"#, &["a", "b", "c"], true),
            (r#"{"and":["a",{"or":["b",{"not":"c"}]}]}"#, &["a", "c"], false),
        ] {
            assert_eq!(filter.parse::<TagFilter>().unwrap().matches(tags), matches, "{filter} of {tags:?}");
        }
    }

    #[test]
    fn the_fields_of_an_object_are_separate_conditions() {
        for (filter, tags, matches) in [
            (r#"{"is":"a","not":"b"}"#, &["a"][..], true),
            (r#"{"is":"a","not":"b"}"#, &["a", "b"], false),
            (r#"{"and":{"is":"a","not":"b"}}"#, &["a", "b"], false),
            (r#"{"or":{"is":"a","not":"b"}}"#, &["c"], true),
            (r#"{"and":{"or":["a",{"is":{"is":"b"}}]}}"#, &["b"], true),
        ] {
            assert_eq!(filter.parse::<TagFilter>().unwrap().matches(tags), matches, "{filter} of {tags:?}");
        }
    }

    #[test]
    fn a_filter_that_is_parsed_is_printed_as_one_that_is_parsed_at_any_depth() {
        for (open, close) in [("{\"not\":", "}"), ("{\"and\":[", "]}"), ("{\"or\":[\"b\",", "]}")] {
            for depth in 0..130 {
                let text = format!("{}{{\"is\":\"a\"}}{}", open.repeat(depth), close.repeat(depth));
                let parsed = text.parse::<TagFilter>();
                assert_eq!(parsed.is_ok(), depth < 50, "{text}");
                if let Ok(filter) = parsed {
                    assert_eq!(filter.to_string().parse(), Ok(filter));
                }
            }
        }
    }

    #[test]
    fn rejects_texts_that_are_not_filters() {
        for (text, reason) in [
            ("{", "it is not JSON"),
            ("{}", "{} is not a condition"),
            (r#"{"is":1}"#, "1 is not a condition"),
            (r#"{"xor":["a"]}"#, r#""xor" is not a keyword"#),
            (r#"{"and":"a"}"#, "`and` and `or` need a list or an object"),
            (r#"{"or":[1]}"#, "1 is not a condition"),
        ] {
            let error = text.parse::<TagFilter>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
