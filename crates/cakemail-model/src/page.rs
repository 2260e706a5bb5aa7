//! Envelopes: a page of things, or one thing under `data`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Timestamp;
use crate::de;

/// A JSON object whose fields nothing describes.
pub type JsonObject = Map<String, Value>;

/// One thing, under `data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data<T> {
    /// The thing.
    pub data: T,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Page<T> {
    /// Where this page stands in the listing.
    #[serde(default, deserialize_with = "de::or_default")]
    pub pagination: Pagination,
    /// The filters as the server understood them: logs and reports say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<FilterParameters>,
    /// What the page holds.
    #[serde(default, deserialize_with = "de::compact")]
    pub data: Vec<T>,
}

/// Where a page stands in its listing. Which fields are there differs by resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pagination {
    /// The page's number, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// How many things a page holds at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// How many things the whole listing holds: only when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Whether another page follows: logs say so, in place of a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// Where to read on: contacts and campaign logs have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// Places in a listing that stay put while it changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cursor {
    /// The page before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The page after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The filters of a log or report, as the server understood them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilterParameters {
    /// The start of the time that was searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// The end of the time that was searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// The length of a report's rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// The length that the server could serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// Whether times are written as ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso_time: Option<bool>,
    /// The time zone that the rows are cut by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The tag filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Value>,
    /// The provider filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<Value>,
}
