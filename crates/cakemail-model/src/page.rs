//! Envelopes: a page of items, or one item under `data`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Redacted, Timestamp, de};

/// A JSON object without a schema.
pub type JsonObject = Map<String, Value>;

/// An item under `data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data<T> {
    /// The item.
    pub data: T,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "ReceivedPage<T>", bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Page<T> {
    /// The position of this page in the listing.
    pub pagination: Pagination,
    /// The filters as the server parsed them. Only logs and reports have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<FilterParameters>,
    /// The items of the page, without the `null`s among them.
    pub data: Vec<T>,
    #[serde(skip)]
    nulls: usize,
}

impl<T> Page<T> {
    /// The number of elements that the server sent: the items, and each `null` among them.
    pub fn received(&self) -> usize {
        self.data.len() + self.nulls
    }
}

/// A page as servers send it.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct ReceivedPage<T> {
    #[serde(default, deserialize_with = "de::or_default")]
    pagination: Pagination,
    #[serde(default)]
    parameters: Option<FilterParameters>,
    #[serde(default)]
    data: de::Compact<T>,
}

impl<T> From<ReceivedPage<T>> for Page<T> {
    fn from(page: ReceivedPage<T>) -> Self {
        let ReceivedPage { pagination, parameters, data: de::Compact { items, nulls } } = page;
        Self { pagination, parameters, data: items, nulls }
    }
}

/// The position of a page in its listing. Each resource has its own subset of the fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pagination {
    /// The page's number, counted from 1.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// The largest number of items on a page.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// The number of items in the whole listing, if the request asked for it.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Whether another page follows. Only logs have it, in place of a count.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursors of the neighbouring pages. Only contacts and campaign logs have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// Positions in a listing that stay valid while the listing changes.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cursor {
    /// The cursor of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The cursor of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("previous", &Redacted(&self.previous))
            .field("next", &Redacted(&self.next))
            .finish()
    }
}

/// The filters of a log or report, as the server parsed them.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilterParameters {
    /// The start of the period.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// The end of the period.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// The interval of a report's rows, as requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// The interval that the server used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// Whether times are in ISO 8601.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub iso_time: Option<bool>,
    /// The time zone of the intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The tag filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Value>,
    /// The provider filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<Value>,
}

impl fmt::Debug for FilterParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterParameters")
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("interval", &Redacted(&self.interval))
            .field("resolution", &Redacted(&self.resolution))
            .field("iso_time", &self.iso_time)
            .field("timezone", &Redacted(&self.timezone))
            .field("tags", &Redacted(&self.tags))
            .field("providers", &Redacted(&self.providers))
            .finish()
    }
}
