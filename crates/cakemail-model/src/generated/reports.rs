//! Reports: counts of the events of emails.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{FilterParameters, Idempotency, Method, Operation, TagFilter, Timestamp, de};

/// Counts of events in one interval of time, with rates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailReportInterval {
    /// Start of the interval. An ISO 8601 string if `iso_time` is true, otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub interval_start: Option<Timestamp>,
    /// End of the interval. That of the last interval is the end of the window. An ISO 8601 string
    /// if `iso_time` is true, otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub interval_end: Option<Timestamp>,
    /// Number of emails submitted.
    #[serde(default, deserialize_with = "de::scalar")]
    pub submitted: u64,
    /// Number of emails rejected, and not delivered for that.
    #[serde(default, deserialize_with = "de::scalar")]
    pub rejected: u64,
    /// Number of emails that ended in an error.
    #[serde(default, deserialize_with = "de::scalar")]
    pub error: u64,
    /// Number of emails queued for delivery.
    #[serde(default, deserialize_with = "de::scalar")]
    pub queued: u64,
    /// Number of emails processed, with any result.
    #[serde(default, deserialize_with = "de::scalar")]
    pub processed: u64,
    /// Number of emails delivered to the recipient's mail server.
    #[serde(default, deserialize_with = "de::scalar")]
    pub delivered: u64,
    /// Number of emails opened at least once.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unique_open: u64,
    /// Number of emails with at least one click.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unique_click: u64,
    /// Number of opens, repeated ones included.
    #[serde(default, deserialize_with = "de::scalar")]
    pub open: u64,
    /// Number of clicks, repeated ones included.
    #[serde(default, deserialize_with = "de::scalar")]
    pub click: u64,
    /// Number of bounces, hard and soft.
    #[serde(default, deserialize_with = "de::scalar")]
    pub bounce: u64,
    /// Number of permanent delivery failures.
    #[serde(default, deserialize_with = "de::scalar")]
    pub hard_bounce: u64,
    /// Number of temporary delivery failures.
    #[serde(default, deserialize_with = "de::scalar")]
    pub soft_bounce: u64,
    /// Number of complaints: recipients who marked the email as spam.
    #[serde(default, deserialize_with = "de::scalar")]
    pub spam: u64,
    /// Number of unsubscriptions from the list.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unsubscribe: u64,
    /// Number of unsubscriptions from all lists.
    #[serde(default, deserialize_with = "de::scalar")]
    pub global_unsubscribe: u64,
    /// Rate of emails opened at least once.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unique_open_rate: f64,
    /// Rate of emails with at least one click.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unique_click_rate: f64,
    /// Rate of opens, repeated ones included.
    #[serde(default, deserialize_with = "de::scalar")]
    pub open_rate: f64,
    /// Rate of clicks, repeated ones included.
    #[serde(default, deserialize_with = "de::scalar")]
    pub click_rate: f64,
    /// Clicks divided by opens.
    #[serde(default, deserialize_with = "de::scalar")]
    pub clickthru_rate: f64,
    /// Rate of emails delivered.
    #[serde(default, deserialize_with = "de::scalar")]
    pub delivery_rate: f64,
    /// Rate of emails that ended in an error.
    #[serde(default, deserialize_with = "de::scalar")]
    pub error_rate: f64,
    /// Rate of emails rejected.
    #[serde(default, deserialize_with = "de::scalar")]
    pub reject_rate: f64,
    /// Rate of bounces, hard and soft.
    #[serde(default, deserialize_with = "de::scalar")]
    pub bounce_rate: f64,
    /// Rate of unsubscriptions from all lists.
    #[serde(default, deserialize_with = "de::scalar")]
    pub global_unsubscribe_rate: f64,
    /// Rate of unsubscriptions from the list.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unsubscribe_rate: f64,
    /// Rate of complaints.
    #[serde(default, deserialize_with = "de::scalar")]
    pub spam_rate: f64,
}

/// Counts and rates of events, interval by interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailReport {
    /// The request's parameters as the server read them, with the window of time and the interval.
    #[serde(default, deserialize_with = "de::or_default")]
    pub parameters: FilterParameters,
    /// The intervals, in order of time.
    #[serde(default, deserialize_with = "de::compact")]
    pub data: Vec<EmailReportInterval>,
}

/// Length of the intervals of a report.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportInterval {
    /// Five minutes.
    FiveMinutes,
    /// Fifteen minutes.
    FifteenMinutes,
    /// Half an hour.
    ThirtyMinutes,
    /// One hour.
    OneHour,
    /// One day.
    OneDay,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl ReportInterval {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] =
        &[Self::FiveMinutes, Self::FifteenMinutes, Self::ThirtyMinutes, Self::OneHour, Self::OneDay];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::FiveMinutes => "5m",
            Self::FifteenMinutes => "15m",
            Self::ThirtyMinutes => "30m",
            Self::OneHour => "1h",
            Self::OneDay => "1d",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for ReportInterval {
    fn from(value: &str) -> Self {
        match value {
            "5m" => Self::FiveMinutes,
            "15m" => Self::FifteenMinutes,
            "30m" => Self::ThirtyMinutes,
            "1h" => Self::OneHour,
            "1d" => Self::OneDay,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for ReportInterval {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for ReportInterval {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for ReportInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ReportInterval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReportInterval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The query string of [`GetEmailReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportQuery {
    /// Length of the intervals. The server chooses one when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<ReportInterval>,
    /// Whether times in the response are ISO 8601 strings instead of epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso_time: Option<bool>,
    /// Start of the window, in epoch seconds; seven days ago by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// End of the window, in epoch seconds; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Restricts the counts to recipients at these mailbox providers. A name, or a JSON query of
    /// the same form as in `tags`. The logs show the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<TagFilter>,
    /// Restricts the counts to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagFilter>,
}

impl ReportQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Length of the intervals. The server chooses one when it is left out.
    pub fn interval(mut self, interval: impl Into<ReportInterval>) -> Self {
        self.interval = Some(interval.into());
        self
    }

    /// Whether times in the response are ISO 8601 strings instead of epoch seconds.
    pub fn iso_time(mut self, iso_time: bool) -> Self {
        self.iso_time = Some(iso_time);
        self
    }

    /// Start of the window, in epoch seconds; seven days ago by default.
    pub fn start_time(mut self, start_time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(start_time.into());
        self
    }

    /// End of the window, in epoch seconds; now by default.
    pub fn end_time(mut self, end_time: impl Into<Timestamp>) -> Self {
        self.end_time = Some(end_time.into());
        self
    }

    /// Restricts the counts to recipients at these mailbox providers. A name, or a JSON query of
    /// the same form as in `tags`. The logs show the names.
    pub fn providers(mut self, providers: impl Into<TagFilter>) -> Self {
        self.providers = Some(providers.into());
        self
    }

    /// Restricts the counts to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    pub fn tags(mut self, tags: impl Into<TagFilter>) -> Self {
        self.tags = Some(tags.into());
        self
    }
}

/// Counts events by intervals of time, with rates.
///
/// Every interval is complete except the last one, which ends with the window. Without `start_time`
/// the window is the last seven days.
///
/// `GET /v2/reports/emails`
#[derive(Debug, Clone)]
pub struct GetEmailReport {
    /// The query string.
    pub query: ReportQuery,
}

impl Operation for GetEmailReport {
    const ID: &'static str = "getEmailAPIStats";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/v2/reports/emails";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ReportQuery;
    type Body = ();
    type Output = EmailReport;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}
