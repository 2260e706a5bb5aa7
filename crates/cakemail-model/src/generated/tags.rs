//! Tags: labels of emails.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Idempotency, Method, Operation, Page, Redacted, TagFilter, Timestamp, de};

/// The objects that a tag was used on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TagKind {
    /// Emails.
    Emails,
    /// Events in the logs.
    Events,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl TagKind {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Emails, Self::Events];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Emails => "emails",
            Self::Events => "events",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for TagKind {
    fn from(value: &str) -> Self {
        match value {
            "emails" => Self::Emails,
            "events" => Self::Events,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for TagKind {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for TagKind {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for TagKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for TagKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for TagKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The query string of [`ListEmailTags`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEmailTagsQuery {
    /// Page to return, counted from 1. Default: `1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Number of rows in a page. Default: `50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// Whether to count all tags and return the total in `count`. Default: `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_count: Option<bool>,
    /// Restricts the tags to this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Restricts the tags to those used on emails or on events.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TagKind>,
    /// Restricts the tags to those used from this time on, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// Restricts the tags to those used up to this time, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Restricts the tags to those used together with these. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagFilter>,
}

impl fmt::Debug for ListEmailTagsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListEmailTagsQuery")
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("with_count", &self.with_count)
            .field("name", &Redacted(&self.name))
            .field("kind", &self.kind)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("tags", &self.tags)
            .finish()
    }
}

impl ListEmailTagsQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Page to return, counted from 1. Default: `1`.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Number of rows in a page. Default: `50`.
    pub fn per_page(mut self, per_page: u64) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Whether to count all tags and return the total in `count`. Default: `true`.
    pub fn with_count(mut self, with_count: bool) -> Self {
        self.with_count = Some(with_count);
        self
    }

    /// Restricts the tags to this name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Restricts the tags to those used on emails or on events.
    pub fn kind(mut self, kind: impl Into<TagKind>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Restricts the tags to those used from this time on, in epoch seconds.
    pub fn start_time(mut self, start_time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(start_time.into());
        self
    }

    /// Restricts the tags to those used up to this time, in epoch seconds.
    pub fn end_time(mut self, end_time: impl Into<Timestamp>) -> Self {
        self.end_time = Some(end_time.into());
        self
    }

    /// Restricts the tags to those used together with these. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    pub fn tags(mut self, tags: impl Into<TagFilter>) -> Self {
        self.tags = Some(tags.into());
        self
    }
}

/// Lists the tags that the account has used.
///
/// An email that uses a tag for the first time creates it; nothing else creates or deletes tags.
/// Unlike other lists, this one counts the total unless `with_count` is false.
///
/// `GET /email-tags`
#[derive(Debug, Clone)]
pub struct ListEmailTags {
    /// The query string.
    pub query: ListEmailTagsQuery,
}

impl Operation for ListEmailTags {
    const ID: &'static str = "listEmailTags";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/email-tags";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListEmailTagsQuery;
    type Body = ();
    type Output = Page<String>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}
